//! What the model is asked to read, and what it read: plain data between analysis and engine.

use std::ops::Range;
use std::time::Duration;

use crate::contest::Side;

/// Everything that one article needs from the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadingRequest {
    /// The article's sentences in order, the title first when there is one.
    pub passages: Vec<Passage>,
    /// Number of body sentences, for the position features.
    pub body_count: usize,
    /// Mentions whose polarity is wanted.
    pub mentions: Vec<PassageMention>,
    /// The first and the second side of the contest.
    pub sides: [SideRequest; 2],
}

/// A sentence or title.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Its words.
    pub text: String,
    /// How many body sentences come before it.
    pub position: usize,
}

/// A mention within a passage.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageMention {
    /// Index into [`ReadingRequest::passages`].
    pub passage: usize,
    /// Bytes within the passage.
    pub bytes: Range<usize>,
}

/// What is asked about one side of a contest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SideRequest {
    /// Its mentions, as indices into [`ReadingRequest::mentions`].
    pub mentions: Vec<usize>,
    /// Its claims, each encoded alone.
    pub claims: Vec<String>,
}

/// What the model read. Lists run parallel to those of the request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// One for each passage.
    pub passages: Vec<PassageReading>,
    /// Logits of negative, neutral, positive for each mention.
    pub mentions: Vec<[f32; 3]>,
    /// Whose account the article gives.
    pub stance: SideLogits,
    /// Logit that the trained contest applies to the article.
    pub relevance: f32,
    /// Windows read for the article, claims not counted.
    pub windows: usize,
    /// Tokens read for the article, special tokens included, claims not counted.
    pub tokens: usize,
    /// Code points of the article in words that the tokenizer gave up on.
    pub unread: usize,
    /// Time between the sending of the request and its start.
    pub queue: Duration,
    /// Time from the start to the end of the reading.
    pub inference: Duration,
}

/// What the model read in one passage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PassageReading {
    /// Mean of the contextual token vectors.
    pub vector: Vec<f32>,
    /// Logit that it belongs into a summary.
    pub salience: f32,
    /// Logit that it is furniture.
    pub furniture: f32,
    /// Logit that it passes on what somebody else says.
    pub sourced: f32,
    /// Whose account it gives, for the sides of the request.
    pub stance: SideLogits,
    /// Whose people speak in it, should somebody be quoted.
    pub speaker: SideLogits,
}

/// Logits of the first side, of neither, and of the second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SideLogits {
    /// The first side's.
    pub first: f32,
    /// Neither's.
    pub neither: f32,
    /// The second side's.
    pub second: f32,
}

impl SideLogits {
    /// Probabilities of the three.
    pub fn probabilities(&self) -> [f64; 3] {
        super::softmax([self.first, self.neither, self.second])
    }

    /// P(first) − P(second), in [-1, 1]; changes its sign exactly when the sides are exchanged.
    pub fn score(&self) -> f64 {
        let [first, _, second] = self.probabilities();
        first - second
    }

    /// The side whose account is the most probable; none when neither's is.
    pub fn side(&self) -> Option<Side> {
        let Self { first, neither, second } = *self;
        if first > neither && first > second {
            Some(Side::First)
        } else if second > neither && second > first {
            Some(Side::Second)
        } else {
            None
        }
    }
}

impl PassageReading {
    /// Probability that it is furniture.
    pub fn furniture_probability(&self) -> f64 {
        super::sigmoid(f64::from(self.furniture))
    }

    /// Probability that it passes on what somebody else says.
    pub fn sourced_probability(&self) -> f64 {
        super::sigmoid(f64::from(self.sourced))
    }

    /// Salience as a probability.
    pub fn salience_probability(&self) -> f64 {
        super::sigmoid(f64::from(self.salience))
    }
}
