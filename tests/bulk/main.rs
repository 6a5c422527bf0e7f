//! Many articles, as a shell runs them: the program against a server, both real.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod formats;
mod interrupted;
#[path = "../process/mod.rs"]
mod process;
mod proxy;
mod refused;
mod server_away;
mod support;
