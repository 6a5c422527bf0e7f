//! Whose account a sentence and an article give, for any two sides.
//!
//! Two heads read one side at a time and give one number for it; two read no side. With side k's
//! vectors (its mentions, its claims) in their inputs, the logits are
//!
//! ```text
//! sentence: [stance(side 1), plain, stance(side 2)]
//! article:  [vantage(side 1), level, vantage(side 2)]
//! ```
//!
//! An exchange of the sides exchanges the outer logits exactly.

use super::heads::{Head, HeadInputs, SHORT_SIZE};
use crate::analysis::StanceLogits;

/// The four heads.
pub(super) struct StanceHeads {
    pub(super) stance: Head,
    pub(super) plain: Head,
    pub(super) vantage: Head,
    pub(super) level: Head,
}

/// Vectors of one article that no side is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArticleVectors<'v> {
    pub(super) sentences: &'v [Vec<f32>],
    pub(super) article: &'v [f32],
}

/// What the article and the contest say of one side; zeros where they say nothing.
#[derive(Debug)]
pub(super) struct SideVectors {
    /// Means over all its mentions.
    party: MentionMeans,
    /// Means over its mentions in each sentence.
    sentences: Vec<MentionMeans>,
    /// Mean of its claims.
    claim: Vec<f32>,
}

/// Means over some mentions.
#[derive(Debug)]
struct MentionMeans {
    vector: Vec<f32>,
    /// Probabilities of negative, neutral, positive.
    polarity: [f32; SHORT_SIZE],
}

/// A mention as the model read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadMention<'v> {
    pub(super) passage: usize,
    pub(super) vector: &'v [f32],
    /// Probabilities of negative, neutral, positive.
    pub(super) polarity: [f32; SHORT_SIZE],
}

impl MentionMeans {
    fn of(mentions: &[ReadMention<'_>], size: usize) -> Self {
        let polarities = mentions.iter().map(|mention| mention.polarity.as_slice());
        let polarity = mean(&polarities.collect::<Vec<_>>(), SHORT_SIZE);
        let vectors: Vec<&[f32]> = mentions.iter().map(|mention| mention.vector).collect();
        Self {
            vector: mean(&vectors, size),
            polarity: polarity.first_chunk().copied().unwrap_or_default(),
        }
    }
}

impl SideVectors {
    /// Of a side with these mentions and its claims' vectors, in an article of some sentences.
    pub(super) fn new(
        sentences: usize,
        size: usize,
        mentions: &[ReadMention<'_>],
        claims: &[Vec<f32>],
    ) -> Self {
        let mut in_sentence: Vec<Vec<ReadMention<'_>>> = vec![Vec::new(); sentences];
        for mention in mentions {
            if let Some(sentence) = in_sentence.get_mut(mention.passage) {
                sentence.push(*mention);
            }
        }
        let claims: Vec<&[f32]> = claims.iter().map(Vec::as_slice).collect();
        Self {
            party: MentionMeans::of(mentions, size),
            sentences: in_sentence.iter().map(|some| MentionMeans::of(some, size)).collect(),
            claim: mean(&claims, size),
        }
    }
}

/// Mean of vectors; the zero vector for none.
pub(super) fn mean(vectors: &[&[f32]], size: usize) -> Vec<f32> {
    let mut mean = vec![0.0; size];
    for vector in vectors {
        mean.iter_mut().zip(*vector).for_each(|(total, value)| *total += value);
    }
    let count = vectors.len().max(1) as f32;
    mean.iter_mut().for_each(|value| *value /= count);
    mean
}

/// Softmax of the polarity logits.
pub(super) fn probabilities([a, b, c]: [f32; SHORT_SIZE]) -> [f32; SHORT_SIZE] {
    let highest = f32::max(a, b).max(c);
    let [a, b, c] = [a, b, c].map(|logit: f32| (logit - highest).exp());
    let sum = a + b + c;
    [a / sum, b / sum, c / sum]
}

impl StanceHeads {
    /// Logits of every sentence, and of the article.
    pub(super) fn logits(
        &self,
        of: ArticleVectors<'_>,
        sides: &[SideVectors; 2],
    ) -> Result<(Vec<StanceLogits>, StanceLogits), String> {
        let plain: Vec<HeadInputs<'_>> = of
            .sentences
            .iter()
            .map(|sentence| HeadInputs { sentence, article: of.article, ..HeadInputs::default() })
            .collect();
        let whole = HeadInputs { article: of.article, ..HeadInputs::default() };
        let of_side = |side: &SideVectors| {
            let rows: Vec<HeadInputs<'_>> = plain
                .iter()
                .zip(&side.sentences)
                .map(|(row, mentions)| HeadInputs {
                    side_mention: &mentions.vector,
                    side_polarity: mentions.polarity,
                    ..with_side(*row, side)
                })
                .collect();
            let article = self.vantage.logits(&[with_side(whole, side)])?;
            Ok::<_, String>((self.stance.logits(&rows)?.concat(), article.concat()))
        };
        let [(first, article_first), (second, article_second)] =
            [of_side(&sides[0])?, of_side(&sides[1])?];
        let plain = self.plain.logits(&plain)?.concat();
        let level = self.level.logits(&[whole])?.concat();
        let sentences = first.iter().zip(&plain).zip(&second);
        let article = article_first.iter().zip(&level).zip(&article_second);
        Ok((
            sentences.map(stance_logits).collect(),
            article.map(stance_logits).next().unwrap_or_default(),
        ))
    }
}

fn with_side<'v>(row: HeadInputs<'v>, side: &'v SideVectors) -> HeadInputs<'v> {
    HeadInputs {
        party: &side.party.vector,
        party_polarity: side.party.polarity,
        claim: &side.claim,
        ..row
    }
}

fn stance_logits(((first, neither), second): ((&f32, &f32), &f32)) -> StanceLogits {
    StanceLogits { first: *first, neither: *neither, second: *second }
}
