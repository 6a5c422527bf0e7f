//! What the model is asked to read, and what it read: plain data between analysis and engine.

use std::ops::Range;
use std::time::Duration;

/// Everything that one article needs from the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadingRequest {
    /// The article's sentences in order, the title first when there is one.
    pub passages: Vec<Passage>,
    /// Number of body sentences, for the position features.
    pub body_count: usize,
    /// Mentions whose polarity is wanted.
    pub mentions: Vec<PassageMention>,
    /// Claims to encode, each alone.
    pub claims: Vec<String>,
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

/// What the model read. Lists run parallel to those of the request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// One for each passage.
    pub passages: Vec<PassageReading>,
    /// Logits of negative, neutral, positive for each mention.
    pub mentions: Vec<[f32; 3]>,
    /// One vector for each claim.
    pub claims: Vec<Vec<f32>>,
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
    /// Time in the model, tokenisation included.
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
    /// Logits of the trained framing head: first side strongly, first, none, second, second strongly.
    pub framing: Vec<f32>,
}

impl PassageReading {
    /// Probability that it is furniture.
    pub fn furniture_probability(&self) -> f64 {
        super::sigmoid(f64::from(self.furniture))
    }

    /// Salience as a probability.
    pub fn salience_probability(&self) -> f64 {
        super::sigmoid(f64::from(self.salience))
    }
}
