//! The service as a caller sees it: each test starts a real server on a free port.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod brittle;
mod certificates;
mod frames;
mod program;
mod raw;
mod support;

mod admin;
mod answer;
mod bad_input;
mod cache;
mod callers;
mod cancel_storm;
mod client_certificates;
mod compare;
mod compression;
mod connection_age;
mod connections;
mod contests;
mod coverage;
mod deadline;
mod full_house;
mod generated;
mod grpc_web;
mod health;
mod html;
mod http2_abuse;
mod incoming;
mod invariance;
mod labels;
mod languages;
mod metadata;
mod metrics;
mod model_panic;
mod probes;
mod rates;
mod reflection;
mod server_info;
mod shutdown;
mod slow_reader;
mod stream;
mod tls;
mod traces;
mod unserved;
