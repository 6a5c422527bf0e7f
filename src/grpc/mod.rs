//! The contract on the wire: requests become valid domain types, answers become replies.
//!
//! The only user of tonic.

mod analyzer;
mod client;
mod deadline;
mod info;
pub mod proto;
mod reply;
mod request;
mod server;
mod service;
mod status;
mod stream;

pub use analyzer::{Admission, Analyzer, AnalyzerSetup, SetupError};
pub use client::{Caller, RemoteAnalyzer};
pub use server::{Drain, ServeError, bind, serve};
pub use status::{AnalyzeError, WireStatus};
