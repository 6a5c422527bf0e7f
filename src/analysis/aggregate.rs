//! From the framing of sentences to the framing of the article.
//!
//! Every sentence, the title included and repetitions left out, has a score s in [-1, 1] and a
//! probability r in (0, 1) that it passes somebody else's words on; the model also judges the article
//! as a whole, a in [-1, 1]. Three features, each of which changes its sign when the sides are
//! exchanged:
//!
//! ```text
//! author_mean = Σ (1 − r) s / Σ (1 − r)      the author's own words count most
//! lead_mean   = mean of the first three s
//! article     = a
//! z           = w · features
//! P(first)    = σ(z − cut)      P(second) = σ(−z − cut)      P(balanced) = the rest
//! ```
//!
//! This is an ordered logit (McCullagh 1980) without intercept and with thresholds at ±cut, so that an
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
    /// Probability in (0, 1) that it passes somebody else's words on.
    pub(super) sourced: f64,
}

/// Probabilities of the three labels; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FramingProbabilities {
    pub(super) first: f64,
    pub(super) balanced: f64,
    pub(super) second: f64,
}

/// Applies the formula of the module's documentation; `article` is the judgement of the whole.
pub(super) fn aggregate(
    scores: &[SentenceScore],
    article: f64,
    calibration: &FramingCalibration,
) -> FramingProbabilities {
    let weights = calibration.weights;
    let lead = mean(scores.iter().take(LEAD_SENTENCES).map(|score| score.framing));
    let z = weights.author_mean * author_mean(scores)
        + weights.lead_mean * lead
        + weights.article * article;
    let first = sigmoid(z - calibration.cut);
    let second = sigmoid(-z - calibration.cut);
    FramingProbabilities { first, balanced: 1.0 - (first + second), second }
}

fn author_mean(scores: &[SentenceScore]) -> f64 {
    let weight: f64 = scores.iter().map(|score| 1.0 - score.sourced).sum();
    let sum: f64 = scores.iter().map(|score| (1.0 - score.sourced) * score.framing).sum();
    if weight > 0.0 { sum / weight } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::calibration::FramingWeights;
    use super::*;

    const CALIBRATION: FramingCalibration = FramingCalibration {
        weights: FramingWeights { author_mean: 2.0, lead_mean: 1.0, article: 0.5 },
        cut: 0.7,
        abstain_below: 0.5,
        ece: 0.0,
        risk: 0.0,
        answered: 1.0,
    };

    fn scores(values: &[(f64, f64)]) -> Vec<SentenceScore> {
        let score = |&(framing, sourced)| SentenceScore { framing, salience: 0.5, sourced };
        values.iter().map(score).collect()
    }

    #[test]
    fn no_evidence_is_balanced() {
        let probabilities = aggregate(&scores(&[(0.0, 0.5); 5]), 0.0, &CALIBRATION);
        assert!(probabilities.balanced > probabilities.first, "{probabilities:?}");
        assert_eq!(probabilities.first, probabilities.second);
    }

    #[test]
    fn the_authors_own_words_count_most() {
        let scores = scores(&[(0.0, 0.5), (0.0, 0.5), (0.0, 0.5), (0.8, 0.1), (-0.8, 0.9)]);
        let probabilities = aggregate(&scores, 0.0, &CALIBRATION);
        assert!(probabilities.first > probabilities.second, "{probabilities:?}");
    }

    proptest! {
        #[test]
        fn exchanging_the_sides_exchanges_the_probabilities(
            values in prop::collection::vec((-1.0..1.0_f64, 0.01..0.99_f64), 0..40),
            article in -1.0..1.0_f64,
        ) {
            let there = aggregate(&scores(&values), article, &CALIBRATION);
            let swapped: Vec<_> = values.iter().map(|&(framing, r)| (-framing, r)).collect();
            let back = aggregate(&scores(&swapped), -article, &CALIBRATION);
            prop_assert_eq!((there.first, there.second), (back.second, back.first));
            prop_assert_eq!(there.balanced, back.balanced);
            prop_assert!(there.balanced > 0.0);
        }
    }
}
