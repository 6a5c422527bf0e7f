//! How each party of a contest is portrayed.

use super::attribution::{Attribution, Voice};
use super::{mean, softmax};
use crate::contest::{Contest, Mention, PartyIndex};

/// How a party is portrayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Who.
    pub party: PartyIndex,
    /// Mean polarity in [-1, 1] over all mentions.
    pub portrayal: f64,
    /// Mean polarity in [-1, 1] over the mentions in the author's words; 0 when there are none.
    pub author_stance: f64,
    /// The label of the author's mentions; none without any.
    pub polarity: Option<Polarity>,
    /// Number of mentions.
    pub mentions: usize,
}

/// Polarity towards a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// In favour.
    Favor,
    /// Against.
    Against,
    /// Neither.
    Neutral,
}

/// Probabilities of negative, neutral and positive for one mention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MentionPolarity {
    negative: f64,
    neutral: f64,
    positive: f64,
}

impl MentionPolarity {
    /// From the logits of the polarity head.
    pub(super) fn from_logits(logits: &[f32; 3]) -> Self {
        let [negative, neutral, positive] = softmax(*logits);
        Self { negative, neutral, positive }
    }

    /// Positive minus negative, in [-1, 1].
    pub(super) fn value(self) -> f64 {
        self.positive - self.negative
    }
}

/// Portrays every party. `polarities` runs parallel to `mentions`, `attributions` to the sentences
/// of the document.
pub(super) fn portray(
    contest: &Contest,
    mentions: &[Mention],
    polarities: &[MentionPolarity],
    attributions: &[Attribution],
) -> Vec<Target> {
    let in_authors_words = |mention: &Mention| {
        let attribution = attributions.get(mention.sentence);
        attribution.is_some_and(|attribution| attribution.voice == Voice::Author)
    };
    contest
        .parties()
        .map(|(party, _)| {
            let pairs = || mentions.iter().zip(polarities).filter(move |(m, _)| m.party == party);
            let all: Vec<MentionPolarity> = pairs().map(|(_, polarity)| *polarity).collect();
            let author: Vec<MentionPolarity> = pairs()
                .filter(|(mention, _)| in_authors_words(mention))
                .map(|(_, polarity)| *polarity)
                .collect();
            Target {
                party,
                portrayal: mean(all.iter().map(|polarity| polarity.value())),
                author_stance: mean(author.iter().map(|polarity| polarity.value())),
                polarity: label(&author),
                mentions: all.len(),
            }
        })
        .collect()
}

/// The label with the highest mean probability; none for no mentions.
fn label(polarities: &[MentionPolarity]) -> Option<Polarity> {
    if polarities.is_empty() {
        return None;
    }
    let negative = mean(polarities.iter().map(|polarity| polarity.negative));
    let neutral = mean(polarities.iter().map(|polarity| polarity.neutral));
    let positive = mean(polarities.iter().map(|polarity| polarity.positive));
    Some(if positive > negative && positive > neutral {
        Polarity::Favor
    } else if negative > positive && negative > neutral {
        Polarity::Against
    } else {
        Polarity::Neutral
    })
}
