//! Parallax reads a news article and answers two questions over gRPC: what does it say (a summary),
//! and from whose vantage point does it say it (stance), with the evidence.
//!
//! # Modules
//!
//! An article goes `grpc → article → contest → engine → analysis → grpc`. Dependencies point one
//! way, which `tests/architecture.rs` enforces:
//!
//! ```text
//! article ← contest ← analysis ← engine ← grpc ← cli ← main
//!                     model    ←
//! ```
//!
//! [`article`], [`contest`] and [`analysis`] are pure: they know no async, no I/O, no tensors and no
//! wire. [`engine`] alone uses rust-bert, tch and the kernels of rten, [`grpc`] alone uses tonic. [`model`] alone asks
//! others over the network, and for `parallax models pull` alone.
//!
//! # Example
//!
//! Everything is a span into the raw text:
//!
//! ```
//! use parallax::article::Document;
//!
//! let text = "Bridge closed\n\n“It was not safe,” said Ada Brook, the mayor.".to_owned();
//! let document = Document::parse(text, None);
//! let quotation = &document.quotations[0];
//! assert_eq!(quotation.span.slice(&document.text), "It was not safe,");
//! assert_eq!(quotation.speaker.as_ref().unwrap().name, "Ada Brook");
//! ```

// clippy.toml relaxes the other lints of this kind in tests; this one has no such switch.
#![cfg_attr(test, allow(clippy::string_slice, reason = "a test may stop at the first surprise"))]

// Helpers in tests/ that the crate's own tests use too call it by its name.
#[cfg(test)]
extern crate self as parallax;

pub mod analysis;
pub mod article;
pub mod cli;
pub mod config;
pub mod contest;
pub mod engine;
pub mod grpc;
pub mod model;
pub mod ops;
pub mod violation;
