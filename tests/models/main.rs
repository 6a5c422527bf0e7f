//! Public checkpoints: the store, `import`, and `pull` from a hub on a local port.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod command;
mod hub;
mod import;
mod pull;
mod refused;
mod store;
mod support;
