//! Public checkpoints compute what Python transformers computes from the same files, and refuse what does not fit.
//!
//! The fixtures are made by `models/training/fixtures/make_checkpoints.py`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod entailment;
mod fixture;
mod refusal;
mod summary;

use parallax::engine::{Entailment, Generator};
use parallax::model::{Architecture, Checkpoint, NumberFormat, Task};
use serde_json::Value;

use fixture::{checkpoint, fixture};

fn generator(name: &str, architecture: Architecture) -> Generator {
    Generator::load(&checkpoint(&fixture(name), architecture, Task::Summary)).expect(name)
}

fn entailment(name: &str, architecture: Architecture, numbers: NumberFormat) -> Entailment {
    let checkpoint = checkpoint(&fixture(name), architecture, Task::Entailment);
    Entailment::load(&Checkpoint { numbers, ..checkpoint }).expect(name)
}

/// The first two sources of a fixture, which were generated from.
fn sources(expected: &Value) -> Vec<&str> {
    (0..2).map(|index| expected["sources"][index]["text"].as_str().expect("text")).collect()
}
