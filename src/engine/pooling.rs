//! Means of token vectors over sentences and mentions. Pure.

use std::ops::Range;

use super::encoder::TokenVectors;
use super::window::{SPECIAL_TOKENS, Window};

/// A run of tokens of a text whose mean is wanted: a whole sentence, or a mention in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Index of the text.
    pub(super) text: usize,
    /// Which of its tokens.
    pub(super) tokens: Range<usize>,
}

/// Sums token vectors per target while windows come in, in any order.
#[derive(Debug)]
pub(super) struct Pool<'t> {
    targets: &'t [Target],
    /// Indices of the targets of each text.
    by_text: Vec<Vec<usize>>,
    sums: Vec<Vec<f32>>,
}

impl<'t> Pool<'t> {
    /// A pool for targets within `texts` texts and vectors of `size` numbers.
    pub(super) fn new(targets: &'t [Target], texts: usize, size: usize) -> Self {
        let mut by_text = vec![Vec::new(); texts];
        for (index, target) in targets.iter().enumerate() {
            if let Some(of_text) = by_text.get_mut(target.text) {
                of_text.push(index);
            }
        }
        Self { targets, by_text, sums: vec![vec![0.0; size]; targets.len()] }
    }

    /// Adds the vectors of one window, the `row`-th of a batch.
    pub(super) fn add(&mut self, window: &Window, row: usize, vectors: &TokenVectors) {
        // The first special token stands before the first piece.
        let mut place = SPECIAL_TOKENS / 2;
        for piece in &window.pieces {
            for &index in self.by_text.get(piece.text).into_iter().flatten() {
                let (Some(target), Some(sum)) = (self.targets.get(index), self.sums.get_mut(index))
                else {
                    continue;
                };
                let start = target.tokens.start.max(piece.tokens.start);
                let end = target.tokens.end.min(piece.tokens.end);
                for token in start..end {
                    let offset = place + token - piece.tokens.start;
                    for (total, value) in
                        sum.iter_mut().zip(vectors.token(row, offset).into_iter().flatten())
                    {
                        *total += value;
                    }
                }
            }
            place += piece.tokens.len();
        }
    }

    /// The means; a zero vector for a target without tokens.
    pub(super) fn means(self) -> Vec<Vec<f32>> {
        let mut sums = self.sums;
        for (sum, target) in sums.iter_mut().zip(self.targets) {
            let count = target.tokens.len().max(1) as f32;
            sum.iter_mut().for_each(|value| *value /= count);
        }
        sums
    }
}
