//! From the framing of sentences to the framing of the article.
//!
//! Every sentence has a score s in [-1, 1] and a salience q in (0, 1). Three features, each of which
//! changes its sign when the sides are exchanged:
//!
//! ```text
//! mean         = Σ s / n
//! salient_mean = Σ q s / Σ q
//! lead_mean    = mean of the first three s
//! z            = w_mean·mean + w_salient·salient_mean + w_lead·lead_mean
//! P(first)     = σ(z − cut)      P(second) = σ(−z − cut)      P(balanced) = the rest
//! ```
//!
//! This is an ordered logit (McCullagh 1980) with thresholds at ±cut and no intercept, so that an
//! exchange of the sides exchanges P(first) and P(second) exactly. Weights and cut were fitted by
//! maximum likelihood on held-out articles and stand in `calibration.toml`.

use super::calibration::FramingCalibration;
use super::{mean, sigmoid};

/// Sentences that count as the lead.
const LEAD_SENTENCES: usize = 3;

/// What a sentence contributes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SentenceScore {
    /// Framing in [-1, 1].
    pub(super) framing: f64,
    /// Salience in (0, 1).
    pub(super) salience: f64,
}

/// Probabilities of the three labels; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FramingProbabilities {
    pub(super) first: f64,
    pub(super) balanced: f64,
    pub(super) second: f64,
}

/// Applies the formula of the module's documentation.
pub(super) fn aggregate(
    scores: &[SentenceScore],
    calibration: &FramingCalibration,
) -> FramingProbabilities {
    let weights = calibration.weights;
    let all = mean(scores.iter().map(|score| score.framing));
    let lead = mean(scores.iter().take(LEAD_SENTENCES).map(|score| score.framing));
    let z =
        weights.mean * all + weights.salient_mean * salient_mean(scores) + weights.lead_mean * lead;
    let first = sigmoid(z - calibration.cut);
    let second = sigmoid(-z - calibration.cut);
    FramingProbabilities { first, balanced: 1.0 - (first + second), second }
}

fn salient_mean(scores: &[SentenceScore]) -> f64 {
    let weight: f64 = scores.iter().map(|score| score.salience).sum();
    let sum: f64 = scores.iter().map(|score| score.salience * score.framing).sum();
    if weight > 0.0 { sum / weight } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::calibration::FramingWeights;
    use super::*;

    const CALIBRATION: FramingCalibration = FramingCalibration {
        weights: FramingWeights { mean: 2.0, salient_mean: 3.0, lead_mean: 1.0 },
        cut: 0.7,
        abstain_below: 0.5,
        ece: 0.0,
        risk: 0.0,
        answered: 1.0,
    };

    fn scores(values: &[(f64, f64)]) -> Vec<SentenceScore> {
        values.iter().map(|&(framing, salience)| SentenceScore { framing, salience }).collect()
    }

    #[test]
    fn no_evidence_is_balanced() {
        let probabilities = aggregate(&scores(&[(0.0, 0.5); 5]), &CALIBRATION);
        assert!(probabilities.balanced > probabilities.first, "{probabilities:?}");
        assert_eq!(probabilities.first, probabilities.second);
    }

    proptest! {
        #[test]
        fn exchanging_the_sides_exchanges_the_probabilities(
            values in prop::collection::vec((-1.0..1.0_f64, 0.01..0.99_f64), 0..40)
        ) {
            let there = aggregate(&scores(&values), &CALIBRATION);
            let swapped: Vec<_> = values.iter().map(|&(framing, q)| (-framing, q)).collect();
            let back = aggregate(&scores(&swapped), &CALIBRATION);
            prop_assert_eq!((there.first, there.second), (back.second, back.first));
            prop_assert_eq!(there.balanced, back.balanced);
            prop_assert!(there.balanced > 0.0);
        }
    }
}
