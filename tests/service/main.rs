//! The service as a caller sees it: each test starts a real server on a free port.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod frames;
mod support;

mod answer;
mod bad_input;
mod cache;
mod cancel_storm;
mod compare;
mod compression;
mod contests;
mod coverage;
mod deadline;
mod full_house;
mod grpc_web;
mod health;
mod html;
mod http2_abuse;
mod incoming;
mod invariance;
mod languages;
mod metadata;
mod model_panic;
mod probes;
mod reflection;
mod server_info;
mod shutdown;
mod slow_reader;
mod stream;
mod unserved;
