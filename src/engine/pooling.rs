//! Means of token vectors over sentences and mentions. Pure.

use std::ops::Range;

use super::encoder::TokenVectors;
use super::window::{SPECIAL_TOKENS, Window};

/// Runs of tokens whose means are wanted: whole sentences, and mentions in them.
#[derive(Debug, Default)]
pub(super) struct Targets {
    targets: Vec<Range<usize>>,
    /// Indices of the targets of each text.
    by_text: Vec<Vec<usize>>,
}

/// What one window adds to the sums of targets, by their indices.
pub type WindowSums = Vec<(usize, Vec<f32>)>;

impl Targets {
    /// Adds a run of tokens of a text.
    pub(super) fn push(&mut self, text: usize, tokens: Range<usize>) {
        if self.by_text.len() <= text {
            self.by_text.resize(text + 1, Vec::new());
        }
        if let Some(of_text) = self.by_text.get_mut(text) {
            of_text.push(self.targets.len());
        }
        self.targets.push(tokens);
    }

    /// WindowSums over the tokens of one window, the `row`-th of a batch.
    pub(super) fn sums(&self, window: &Window, row: usize, vectors: &TokenVectors) -> WindowSums {
        let mut sums = WindowSums::new();
        // The first special token stands before the first piece.
        let mut place = SPECIAL_TOKENS / 2;
        for piece in &window.pieces {
            for &index in self.by_text.get(piece.text).into_iter().flatten() {
                let Some(target) = self.targets.get(index) else { continue };
                let start = target.start.max(piece.tokens.start);
                let end = target.end.min(piece.tokens.end);
                if start >= end {
                    continue;
                }
                let mut sum = vec![0.0; vectors.size()];
                for token in start..end {
                    let offset = place + token - piece.tokens.start;
                    add(&mut sum, vectors.token(row, offset).unwrap_or_default());
                }
                sums.push((index, sum));
            }
            place += piece.tokens.len();
        }
        sums
    }

    /// The means of all targets, vectors of `size` numbers, from the sums of all windows in their order; zeros for a
    /// target without tokens.
    pub(super) fn means(&self, sums: &[WindowSums], size: usize) -> Vec<Vec<f32>> {
        let mut means = vec![vec![0.0; size]; self.targets.len()];
        for (index, sum) in sums.iter().flatten() {
            if let Some(total) = means.get_mut(*index) {
                add(total, sum);
            }
        }
        for (mean, target) in means.iter_mut().zip(&self.targets) {
            let count = target.len().max(1) as f32;
            mean.iter_mut().for_each(|value| *value /= count);
        }
        means
    }
}

fn add(total: &mut [f32], values: &[f32]) {
    total.iter_mut().zip(values).for_each(|(total, value)| *total += value);
}
