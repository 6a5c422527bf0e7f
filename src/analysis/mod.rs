//! From what the model read to an answer: summary, stance, calibration.
//!
//! Pure: no async, no I/O, no tensors. [`prepare()`] says what the model is to read, the engine reads
//! it, and [`summarise`] and [`judge`] turn the [`Reading`] into answers.

mod aggregate;
mod attribution;
mod calibration;
mod comparison;
mod entailment;
mod evidence;
mod generated;
mod prepare;
mod reading;
mod speakers;
mod stance;
mod summary;
mod targets;
mod voices;

pub use attribution::{Attribution, Voice};
pub use calibration::{
    Calibration, ContestCalibration, FramingCalibration, FurnitureCalibration,
    RelevanceCalibration, VoiceCalibration,
};
pub use comparison::{ArticlePair, Comparison, compare};
pub use entailment::{
    ClaimFinding, ClaimStance, EntailmentRule, PairLogits, StatementEvidence, StatementFinding,
    StatementStatus, find_claims, judge_statement,
};
pub use evidence::Evidence;
pub use generated::{Grounded, Source};
pub use prepare::{PreparedArticle, prepare};
pub use reading::{
    Passage, PassageMention, PassageReading, Reading, ReadingRequest, SideLogits, SideRequest,
};
pub use speakers::{SpeakerParties, SpeakerParty};
pub use stance::{
    Framing, FramingLabel, Mode, NotApplicable, Stance, StanceInput, StanceStatus, judge,
};
pub use summary::{ChosenSentence, Finish, Summary, SummaryBudget, summarise};
pub use targets::{Polarity, Target};
pub use voices::VoiceShare;

/// Logistic function.
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Softmax of three logits. The outer two are added first, so that an exchange of them exchanges their
/// probabilities exactly.
pub(crate) fn softmax(logits: [f32; 3]) -> [f64; 3] {
    let highest = logits.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let [a, b, c] = logits.map(|logit| f64::from(logit - highest).exp());
    let sum = (a + c) + b;
    [a / sum, b / sum, c / sum]
}

/// Mean; 0 for nothing.
fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) =
        values.into_iter().fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

/// A vector of length 1 in the same direction; the zero vector stays.
fn unit(vector: &[f32]) -> Vec<f64> {
    let length = vector.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    vector.iter().map(|&x| f64::from(x) * scale).collect()
}

/// Inner product; cosine for unit vectors.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
