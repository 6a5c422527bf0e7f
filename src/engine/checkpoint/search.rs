//! The search for the best summary of one source: pure, from the candidates of each step.
//!
//! Greedy, or with beams by the rules of Python transformers 4.46 (`BeamSearchScorer`), so that the same logits lead to
//! the same tokens.

use super::GenerationSettings;
use super::rules::{EarlyStopping, Rules};

/// A token that may come next in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// Index of the row among those of the source.
    pub(super) row: usize,
    pub(super) token: i64,
    /// Sum of the logarithms of the probabilities, this token's among them.
    pub(super) score: f32,
}

/// A row: what one beam has generated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The start token, then those generated.
    pub(super) tokens: Vec<i64>,
    pub(super) score: f32,
}

/// What was generated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Without the start token and the end token.
    pub(super) tokens: Vec<i64>,
    /// Whether an end token came, and not for lack of room.
    pub(super) finished: bool,
    /// Tokens generated, the end token among them.
    pub(super) generated: usize,
}

/// The search for one source.
pub(super) struct Search<'s> {
    settings: &'s GenerationSettings,
    rules: &'s Rules,
    rows: Vec<Row>,
    done: Vec<Done>,
}

/// A summary that has ended.
struct Done {
    /// Score by which summaries are compared: the sum by a power of the length.
    rank: f64,
    found: Found,
}

/// How a search goes on.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// With these rows, by what row each came from.
    Rows(Vec<usize>),
    /// Not at all.
    Found(Found),
}

/// The score of the rows that are copies of the first at the start, as in transformers.
const COPY: f32 = -1e9;

impl<'s> Search<'s> {
    pub(super) fn new(settings: &'s GenerationSettings, rules: &'s Rules) -> Self {
        let row =
            |index| Row { tokens: vec![rules.start], score: if index == 0 { 0.0 } else { COPY } };
        Self { settings, rules, rows: (0..settings.beams).map(row).collect(), done: Vec::new() }
    }

    /// The rows, best first from the second step on.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Candidates that a step needs: enough that as many as there are rows go on when others end.
    pub(super) fn wanted(settings: &GenerationSettings, rules: &Rules) -> usize {
        if settings.beams == 1 { 1 } else { settings.beams * (rules.ends.len() + 1).max(2) }
    }

    /// Takes the best candidates of a step, best first.
    pub(super) fn advance(&mut self, candidates: &[Candidate]) -> Next {
        if self.settings.beams == 1 {
            self.advance_greedily(candidates)
        } else {
            self.advance_beams(candidates)
        }
    }

    fn advance_greedily(&mut self, candidates: &[Candidate]) -> Next {
        let Some((row, best)) = self.rows.first_mut().zip(candidates.first()) else {
            return Next::Rows(Vec::new());
        };
        let ended = self.rules.ends.contains(&best.token);
        row.tokens.push(best.token);
        if !ended && row.tokens.len() <= self.settings.max_tokens {
            return Next::Rows(vec![0]);
        }
        let tokens = row.tokens.split_off(1);
        let kept = tokens.iter().copied().filter(|token| !self.rules.ends.contains(token));
        let generated = tokens.len();
        Next::Found(Found {
            tokens: kept.collect(),
            finished: self.by_itself(ended, generated),
            generated,
        })
    }

    fn advance_beams(&mut self, candidates: &[Candidate]) -> Next {
        let mut rows = Vec::with_capacity(self.settings.beams);
        let mut parents = Vec::with_capacity(self.settings.beams);
        for (rank, candidate) in candidates.iter().enumerate() {
            let Some(parent) = self.rows.get(candidate.row) else { continue };
            if self.rules.ends.contains(&candidate.token) {
                if rank < self.settings.beams {
                    let tokens = parent.tokens.clone();
                    self.keep(tokens, candidate.score, true);
                }
                continue;
            }
            let mut tokens = parent.tokens.clone();
            tokens.push(candidate.token);
            rows.push(Row { tokens, score: candidate.score });
            parents.push(candidate.row);
            if rows.len() == self.settings.beams {
                break;
            }
        }
        let best = candidates.first().map_or(f32::NEG_INFINITY, |candidate| candidate.score);
        let length = self.length();
        self.rows = rows;
        if self.is_done(best, length) {
            return self.finish();
        }
        if length >= self.settings.max_tokens || self.rows.len() < self.settings.beams {
            for row in std::mem::take(&mut self.rows) {
                self.keep(row.tokens, row.score, false);
            }
            return self.finish();
        }
        Next::Rows(parents)
    }

    /// New tokens of a row after this step, an end token counted.
    fn length(&self) -> usize {
        self.rows.first().map_or(0, |row| row.tokens.len())
    }

    /// Whether a summary ended because it wanted to.
    fn by_itself(&self, ended: bool, generated: usize) -> bool {
        ended && (generated < self.settings.max_tokens || self.rules.forced_last.is_none())
    }

    /// Keeps an ended summary if it is among the best, of which there are as many as beams.
    fn keep(&mut self, mut tokens: Vec<i64>, score: f32, ended: bool) {
        let generated = tokens.len() - usize::from(!ended);
        let rank = f64::from(score) / (generated as f64).powf(self.settings.length_penalty);
        if self.done.len() >= self.settings.beams && rank <= self.worst() {
            return;
        }
        let tokens = tokens.split_off(1);
        let finished = self.by_itself(ended, generated);
        self.done.push(Done { rank, found: Found { tokens, finished, generated } });
        if self.done.len() > self.settings.beams {
            let worst = self.done.iter().enumerate().min_by(|a, b| a.1.rank.total_cmp(&b.1.rank));
            if let Some((index, _)) = worst {
                self.done.remove(index);
            }
        }
    }

    fn worst(&self) -> f64 {
        self.done.iter().map(|done| done.rank).fold(f64::INFINITY, f64::min)
    }

    /// Whether no row can lead to anything better; `best` is the score of the best candidate, `length` its tokens.
    fn is_done(&self, best: f32, length: usize) -> bool {
        if self.done.len() < self.settings.beams {
            return false;
        }
        let penalty = self.settings.length_penalty;
        let length = match self.rules.early_stopping {
            EarlyStopping::Yes => return true,
            EarlyStopping::Never if penalty > 0.0 => self.settings.max_tokens,
            EarlyStopping::No | EarlyStopping::Never => length,
        };
        self.worst() >= f64::from(best) / (length as f64).powf(penalty)
    }

    /// The best summary; of equals the one that ended last.
    fn finish(&mut self) -> Next {
        let done = std::mem::take(&mut self.done);
        let best = done.into_iter().max_by(|a, b| a.rank.total_cmp(&b.rank));
        Next::Found(
            best.map_or(Found { tokens: Vec::new(), finished: false, generated: 0 }, |done| {
                done.found
            }),
        )
    }
}
