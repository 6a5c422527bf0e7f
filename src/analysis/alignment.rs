//! The framing of a sentence in a contest that no head was trained for.
//!
//! The sentence vector s is held against the claims of both sides, and the portrayal of one side
//! against that of the other. With ŝ and ĉ of unit length, c the mean of a side's claims:
//!
//! ```text
//! features = [ŝ ∘ (ĉ₁ − ĉ₂), max cos(ŝ, claims₁) − max cos(ŝ, claims₂), polarity₁ − polarity₂]
//! score    = tanh(w · features / 2)
//! ```
//!
//! There is no intercept and every feature changes its sign when the sides are exchanged, and so
//! does the score, exactly.

use super::{dot, mean, unit};

/// Weights of the alignment head.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    elementwise: Vec<f64>,
    claim_match: f64,
    polarity: f64,
}

/// The claims of both sides, encoded.
#[derive(Debug, Clone)]
pub(super) struct ClaimVectors {
    claims: [Vec<Vec<f64>>; 2],
    difference: Vec<f64>,
}

impl ClaimVectors {
    /// From one vector for each claim of the first and of the second side.
    pub(super) fn new(first: &[Vec<f32>], second: &[Vec<f32>]) -> Self {
        let claims = [first, second].map(|side| side.iter().map(|claim| unit(claim)).collect());
        let [first, second] = claims.each_ref().map(|side: &Vec<Vec<f64>>| centre(side));
        let difference = match (first, second) {
            (Some(first), Some(second)) => first.iter().zip(&second).map(|(a, b)| a - b).collect(),
            _ => Vec::new(),
        };
        Self { claims, difference }
    }

    /// Best similarity with a claim of the first side minus that with one of the second.
    fn match_difference(&self, sentence: &[f64]) -> f64 {
        let best =
            |claims: &[Vec<f64>]| claims.iter().map(|claim| dot(claim, sentence)).reduce(f64::max);
        let [first, second] = self.claims.each_ref().map(|claims| best(claims));
        match (first, second) {
            (Some(first), Some(second)) => first - second,
            // With the claims of one side alone any sentence would seem to be that side's.
            _ => 0.0,
        }
    }
}

/// Unit vector of the mean of unit vectors; none for no vectors.
fn centre(vectors: &[Vec<f64>]) -> Option<Vec<f64>> {
    let size = vectors.first()?.len();
    let sums: Vec<f32> = (0..size)
        .map(|i| mean(vectors.iter().filter_map(|vector| vector.get(i).copied())) as f32)
        .collect();
    Some(unit(&sums))
}

impl Alignment {
    /// From the weights as the bundle holds them: one for each element of a sentence vector, then
    /// one for the claim match and one for the polarity. None when there are fewer than two.
    pub fn new(weights: &[f32]) -> Option<Self> {
        let (elementwise, [claim_match, polarity]) = weights.split_last_chunk::<2>()?;
        Some(Self {
            elementwise: elementwise.iter().map(|&weight| f64::from(weight)).collect(),
            claim_match: f64::from(*claim_match),
            polarity: f64::from(*polarity),
        })
    }

    /// Framing of a sentence in [-1, 1]. `polarity` is the polarity towards the first side minus
    /// that towards the second, in [-2, 2].
    pub(super) fn score(&self, sentence: &[f32], claims: &ClaimVectors, polarity: f64) -> f64 {
        let sentence = unit(sentence);
        let elementwise: f64 = self
            .elementwise
            .iter()
            .zip(&sentence)
            .zip(&claims.difference)
            .map(|((weight, s), c)| weight * s * c)
            .sum();
        let logit = elementwise
            + self.claim_match * claims.match_difference(&sentence)
            + self.polarity * polarity;
        (logit / 2.0).tanh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanging_the_sides_changes_the_sign_exactly() {
        let alignment = Alignment::new(&[0.3, -1.2, 0.7, 2.0, 0.9]).expect("weights");
        let first = vec![vec![0.1, 0.9, -0.2], vec![0.5, 0.5, 0.1]];
        let second = vec![vec![-0.7, 0.2, 0.3]];
        let sentence = [0.4, 0.1, -0.9];
        let there = alignment.score(&sentence, &ClaimVectors::new(&first, &second), 0.6);
        let back = alignment.score(&sentence, &ClaimVectors::new(&second, &first), -0.6);
        assert_eq!(there, -back);
        assert_ne!(there, 0.0);
    }

    #[test]
    fn without_claims_the_portrayal_decides() {
        let alignment = Alignment::new(&[0.3, 2.0, 0.9]).expect("weights");
        let score = alignment.score(&[0.4], &ClaimVectors::new(&[], &[vec![1.0]]), 0.5);
        assert!((score - 0.225_f64.tanh()).abs() < 1e-7, "{score}");
    }
}
