//! The contract on the wire: requests become valid domain types, answers become replies.
//!
//! The only user of tonic.

mod accept;
mod access;
mod analyzer;
mod article;
mod auth;
mod beside;
mod cache;
mod client;
mod codec;
mod compare;
mod connection;
mod credentials;
mod deadline;
mod framing;
mod inbound;
mod info;
mod monitor;
pub mod proto;
mod reload;
mod reply;
mod request;
mod retry;
mod server;
mod service;
mod setup;
mod status;
mod stream;
mod tls;
mod trace;
mod web;

pub use access::Access;
pub use analyzer::{Analyzer, Asked};
pub use auth::ApiKey;
pub use client::{AddressError, CallError, Caller, ConnectError, RemoteAnalyzer, ServerAddress};
pub use credentials::{Credentials, SecretKey};
pub use info::version_json;
pub use monitor::Monitor;
pub use server::{Drain, ServeError, bind, serve};
pub use setup::{AnalyzerSetup, SetupError};
pub use status::{AnalyzeError, WireStatus};
