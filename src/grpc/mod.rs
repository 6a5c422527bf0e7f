//! The contract on the wire: requests become valid domain types, answers become replies.
//!
//! The only user of tonic.

mod analyzer;
mod article;
mod cache;
mod client;
mod codec;
mod compare;
mod deadline;
mod framing;
mod inbound;
mod info;
pub mod proto;
mod reply;
mod request;
mod server;
mod service;
mod setup;
mod status;
mod stream;
mod web;

pub use analyzer::{Analyzer, Asked};
pub use client::{Caller, RemoteAnalyzer};
pub use server::{Drain, ServeError, bind, serve};
pub use setup::{AnalyzerSetup, SetupError};
pub use status::{AnalyzeError, WireStatus};
