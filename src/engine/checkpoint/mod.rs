//! Public checkpoints at work: summaries and entailment, from text to text or logits, on the caller's thread.
//!
//! rust-bert's encoders of T5 and LongT5 and its BART classifier run here as they are. The other networks are spelled out
//! on libtorch's fused operators, because rust-bert 0.23 computes them otherwise than Python transformers: it fixes the
//! epsilon of RoBERTa's norms at that of BERT, rounds Pegasus's positions to half precision, and takes DeBERTa's relative
//! positions from the wrong rows (`c2p` without the span, a span of heads for one of tokens, scores without the root).
//! And its decoders copy their caches several times a step.

mod bart;
mod classifier;
mod deberta;
mod deberta_weights;
mod decoder;
mod encoder;
mod entailment;
mod generator;
mod layers;
mod linear;
mod network;
mod relative;
mod rules;
mod scores;
mod search;
mod sentence_pieces;
mod settings;
mod t5;
mod tokenizer;
mod weights;

use std::panic::{AssertUnwindSafe, catch_unwind};

use tch::Tensor;

pub use entailment::Entailment;
pub use generator::{Generated, GenerationSettings, Generator};

/// Runs a model without gradients; what panics in the libraries is an error. A model is only read, so that it is as good
/// as before.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let _no_grad = tch::no_grad_guard();
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("the model panicked: {}", text.unwrap_or("no message")))
    })
}

/// Rows of ids, padded to one length, and a mask that is 1 at ids and 0 at padding; both rows × length.
fn padded(rows: &[Vec<i64>], padding: i64) -> Result<(Tensor, Tensor), tch::TchError> {
    let longest = rows.iter().map(Vec::len).max().unwrap_or_default();
    let filled = |filler: i64, one: fn(i64) -> i64| {
        let values = rows.iter().flat_map(|row| {
            let rest = std::iter::repeat_n(filler, longest - row.len());
            row.iter().map(move |&id| one(id)).chain(rest)
        });
        Tensor::f_from_slice(&values.collect::<Vec<i64>>())?
            .f_view([rows.len() as i64, longest as i64])
    };
    Ok((filled(padding, |id| id)?, filled(0, |_| 1)?))
}

#[cfg(test)]
#[path = "parity_tests.rs"]
mod parity_tests;
