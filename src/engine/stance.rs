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

use std::collections::BTreeMap;

use super::heads::{Head, HeadInputs, SHORT_SIZE};
use crate::analysis::StanceLogits;

/// The four heads.
pub(super) struct StanceHeads {
    pub(super) stance: Head,
    pub(super) plain: Head,
    pub(super) vantage: Head,
    pub(super) level: Head,
}

/// What the article and the contest say of one side; zeros where they say nothing.
#[derive(Debug)]
pub(super) struct SideVectors {
    /// Means over all its mentions.
    party: MentionMeans,
    /// Means over its mentions in each sentence that has any, by the index of the sentence.
    sentences: BTreeMap<usize, MentionMeans>,
    /// Those of all other sentences.
    unmentioned: MentionMeans,
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
    /// Of a side with these mentions and its claims' vectors.
    pub(super) fn new(size: usize, mentions: &[ReadMention<'_>], claims: &[Vec<f32>]) -> Self {
        let mut in_sentence: BTreeMap<usize, Vec<ReadMention<'_>>> = BTreeMap::new();
        for mention in mentions {
            in_sentence.entry(mention.passage).or_default().push(*mention);
        }
        let sentences = in_sentence.into_iter();
        let claims: Vec<&[f32]> = claims.iter().map(Vec::as_slice).collect();
        Self {
            party: MentionMeans::of(mentions, size),
            sentences: sentences.map(|(at, some)| (at, MentionMeans::of(&some, size))).collect(),
            unmentioned: MentionMeans::of(&[], size),
            claim: mean(&claims, size),
        }
    }

    /// A row of the whole article, with what is said of the side.
    fn of_article<'v>(&'v self, row: HeadInputs<'v>) -> HeadInputs<'v> {
        HeadInputs {
            party: &self.party.vector,
            party_polarity: self.party.polarity,
            claim: &self.claim,
            ..row
        }
    }

    /// A row of a sentence, with what is said of the side there and in the article.
    fn of_sentence<'v>(&'v self, index: usize, row: HeadInputs<'v>) -> HeadInputs<'v> {
        let mentions = self.sentences.get(&index).unwrap_or(&self.unmentioned);
        HeadInputs {
            side_mention: &mentions.vector,
            side_polarity: mentions.polarity,
            ..self.of_article(row)
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

impl StanceHeads {
    /// Logits of every sentence, and of the article. The rows hold what no side is in.
    pub(super) fn logits(
        &self,
        sentences: &[HeadInputs<'_>],
        article: HeadInputs<'_>,
        sides: &[SideVectors; 2],
    ) -> Result<(Vec<StanceLogits>, StanceLogits), String> {
        let of_side = |side: &SideVectors| {
            let rows = sentences.iter().enumerate();
            let rows: Vec<_> = rows.map(|(index, row)| side.of_sentence(index, *row)).collect();
            let whole = self.vantage.logits(&[side.of_article(article)])?;
            Ok::<_, String>((self.stance.logits(&rows)?.concat(), whole.concat()))
        };
        let [(first, article_first), (second, article_second)] =
            [of_side(&sides[0])?, of_side(&sides[1])?];
        let plain = self.plain.logits(sentences)?.concat();
        let level = self.level.logits(&[article])?.concat();
        let of_sentences = first.iter().zip(&plain).zip(&second);
        let of_article = article_first.iter().zip(&level).zip(&article_second);
        Ok((
            of_sentences.map(stance_logits).collect(),
            of_article.map(stance_logits).next().unwrap_or_default(),
        ))
    }
}

fn stance_logits(((first, neither), second): ((&f32, &f32), &f32)) -> StanceLogits {
    StanceLogits { first: *first, neither: *neither, second: *second }
}
