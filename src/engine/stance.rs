//! Whose account a sentence and an article give, and whose people speak, for any two sides.
//!
//! Each answer comes from two heads: one reads one side at a time and gives one number for it, the other reads no
//! side. With side k's vectors (its mentions, its claims) in their inputs, the logits are
//!
//! ```text
//! account of a sentence:  [stance(side 1), plain, stance(side 2)]
//! speaker of a sentence:  [speaker(side 1), outsider, speaker(side 2)]
//! account of the article: [vantage(side 1), level, vantage(side 2)]
//! ```
//!
//! An exchange of the sides exchanges the outer logits exactly.

use std::collections::BTreeMap;

use super::heads::{Head, HeadInputs, SHORT_SIZE};
use crate::analysis::SideLogits;

/// Two heads that tell a side together.
pub(super) struct SidedHeads {
    /// Reads one side at a time.
    pub(super) side: Head,
    /// Reads none.
    pub(super) neither: Head,
}

/// The heads that read sides.
pub(super) struct StanceHeads {
    pub(super) sentence: SidedHeads,
    pub(super) speaker: SidedHeads,
    pub(super) article: SidedHeads,
}

/// What they read in an article.
pub(super) struct SidedReading {
    /// Whose account every sentence gives.
    pub(super) sentences: Vec<SideLogits>,
    /// Whose people speak in every sentence.
    pub(super) speakers: Vec<SideLogits>,
    /// Whose account the article gives.
    pub(super) article: SideLogits,
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

impl SidedHeads {
    /// Logits of every row; the rows with what is said of each side, and without.
    fn logits(
        &self,
        [first, second]: [&[HeadInputs<'_>]; 2],
        neither: &[HeadInputs<'_>],
    ) -> Result<Vec<SideLogits>, String> {
        let (first, second) = (self.side.logits(first)?, self.side.logits(second)?);
        let neither = self.neither.logits(neither)?;
        let rows = first.concat().into_iter().zip(neither.concat()).zip(second.concat());
        let logits = rows.map(|((first, neither), second)| SideLogits { first, neither, second });
        Ok(logits.collect())
    }
}

impl StanceHeads {
    /// Reads every sentence, and the article. The rows hold what no side is in.
    pub(super) fn read(
        &self,
        sentences: &[HeadInputs<'_>],
        article: HeadInputs<'_>,
        sides: &[SideVectors; 2],
    ) -> Result<SidedReading, String> {
        let of_sentences = sides.each_ref().map(|side| {
            let rows = sentences.iter().enumerate();
            rows.map(|(index, row)| side.of_sentence(index, *row)).collect::<Vec<_>>()
        });
        let of_sentences = of_sentences.each_ref().map(Vec::as_slice);
        let of_article = sides.each_ref().map(|side| [side.of_article(article)]);
        let of_article = of_article.each_ref().map(<[_; 1]>::as_slice);
        let whole = self.article.logits(of_article, &[article])?;
        Ok(SidedReading {
            sentences: self.sentence.logits(of_sentences, sentences)?,
            speakers: self.speaker.logits(of_sentences, sentences)?,
            article: whole.first().copied().unwrap_or_default(),
        })
    }
}
