//! The sentences that carry the framing.

use super::aggregate::SentenceScore;
use crate::contest::Side;

/// Sentences below this share of the evidence are not worth showing.
const LEAST_WEIGHT: f64 = 0.01;

/// A sentence that carries the framing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Index into the document's sentences.
    pub sentence: usize,
    /// The side whose account it carries.
    pub side: Side,
    /// Share of the whole evidence, in [0, 1].
    pub weight: f64,
}

/// The strongest sentences first, at most `most`; `scores` by index of the sentence. The weight of a sentence
/// is |framing| · salience over the sum of that for all sentences.
pub(super) fn strongest(scores: &[(usize, SentenceScore)], most: usize) -> Vec<Evidence> {
    let strength = |score: &SentenceScore| score.framing.abs() * score.salience;
    let total: f64 = scores.iter().map(|(_, score)| strength(score)).sum();
    let mut evidence: Vec<Evidence> = scores
        .iter()
        .map(|(sentence, score)| Evidence {
            sentence: *sentence,
            side: if score.framing > 0.0 { Side::First } else { Side::Second },
            weight: if total > 0.0 { strength(score) / total } else { 0.0 },
        })
        .filter(|evidence| evidence.weight >= LEAST_WEIGHT)
        .collect();
    evidence.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.sentence.cmp(&b.sentence)));
    evidence.truncate(most);
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_sentence_comes_first() {
        let score = |framing, salience| SentenceScore { framing, salience, sourced: 0.5 };
        let scores = [(4, score(0.2, 0.5)), (6, score(-0.8, 0.5)), (7, score(0.0, 0.9))];
        let evidence = strongest(&scores, 5);
        let order: Vec<_> = evidence.iter().map(|e| (e.sentence, e.side)).collect();
        assert_eq!(order, [(6, Side::Second), (4, Side::First)]);
        assert!((evidence[0].weight - 0.8).abs() < 1e-12);
    }
}
