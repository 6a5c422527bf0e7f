//! Every sentence of an article against every statement, by an entailment model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backend::LoadError;
use super::checkpoint::Entailment;
use super::house::Place;
use super::line::{Line, LineRule, UnitModel};
use super::portion::cut;
use super::queue::EngineError;
use crate::analysis::PairLogits;
use crate::model::Checkpoint;
use crate::violation::Violation;

/// A statement may take this part of the window, one half, so that sentences have room beside it.
const STATEMENT_SHARE: usize = 2;

/// An entailment model at work on a thread of its own. Clones share it.
#[derive(Clone)]
pub struct Entailer {
    line: Line<EntailmentModel>,
    max_tokens: usize,
}

/// What the model says about the sentences and statements of an article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntailmentReading {
    /// For each statement, one entry for each sentence.
    pub statements: Vec<Vec<PairLogits>>,
    /// Time before the model had time for it.
    pub queue: Duration,
    /// Time of the model.
    pub work: Duration,
}

/// What the model is asked for.
pub(super) struct Order {
    sentences: Vec<String>,
    statements: Vec<String>,
    max_pairs: usize,
}

/// A sentence, or a part of one that is too long, and a statement.
pub(super) struct Pair {
    sentence: usize,
    statement: usize,
    premise: Arc<str>,
    hypothesis: Arc<str>,
    tokens: usize,
}

/// The model as its line sees it.
pub(super) struct EntailmentModel(Entailment);

impl UnitModel for EntailmentModel {
    type Order = Order;
    type Unit = Pair;
    type Output = (usize, usize, PairLogits);

    /// Pairs of like length come together. The order of the statements decides nothing, so that batches, and with them
    /// the last bits of the logits, are the same for any.
    fn units(&self, order: Order) -> Result<Vec<Pair>, EngineError> {
        let Order { sentences, statements, max_pairs } = order;
        let count = |text: &str| self.0.count_tokens(text);
        let statements: Vec<(Arc<str>, usize)> = statements
            .iter()
            .map(|text| Ok((Arc::from(text.as_str()), count(text)? + self.0.added_tokens())))
            .collect::<Result<_, String>>()
            .map_err(EngineError::Model)?;
        let longest = statements.iter().map(|(_, tokens)| *tokens).max().unwrap_or_default();
        let (window, most) = (self.0.max_tokens(), self.0.max_tokens() / STATEMENT_SHARE);
        if longest > most {
            let problem = format!("a statement has at most {most} tokens, one has {longest}");
            return Err(EngineError::Invalid(Violation::new("entailment", problem)));
        }
        let mut pieces = Vec::new();
        for (sentence, text) in sentences.iter().enumerate() {
            let cut = cut(text, window - longest, &count).map_err(EngineError::Model)?;
            pieces.extend(
                cut.into_iter().map(|piece| (sentence, Arc::from(piece.text), piece.tokens)),
            );
        }
        let pairs = pieces.len().saturating_mul(statements.len());
        if pairs > max_pairs {
            let problem = format!(
                "sentences times statements are at most {max_pairs} pairs, long sentences in pieces; got {pairs}"
            );
            return Err(EngineError::Invalid(Violation::new("entailment", problem)));
        }
        let mut pairs: Vec<Pair> = pieces
            .iter()
            .flat_map(|(sentence, premise, tokens)| {
                let statements = statements.iter().enumerate();
                statements.map(move |(statement, (hypothesis, own))| Pair {
                    sentence: *sentence,
                    statement,
                    premise: Arc::clone(premise),
                    hypothesis: Arc::clone(hypothesis),
                    tokens: tokens + own,
                })
            })
            .collect();
        pairs.sort_by(|a, b| {
            let key = |pair: &Pair| (pair.tokens, pair.sentence);
            key(a).cmp(&key(b)).then_with(|| a.hypothesis.cmp(&b.hypothesis))
        });
        Ok(pairs)
    }

    fn tokens(&self, unit: &Pair) -> usize {
        unit.tokens
    }

    fn agree(&self, _: &Pair, _: &Pair) -> bool {
        true
    }

    fn run(
        &mut self,
        units: &[&Pair],
        go_on: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Option<Self::Output>>, String> {
        let pairs: Vec<(&str, &str)> =
            units.iter().map(|pair| (&*pair.premise, &*pair.hypothesis)).collect();
        let anybody = || (0..units.len()).any(go_on);
        let Some(logits) = self.0.judge(&pairs, &anybody)? else {
            return Ok(units.iter().map(|_| None).collect());
        };
        let outputs = units.iter().zip(logits);
        Ok(outputs.map(|(pair, logits)| Some((pair.statement, pair.sentence, logits))).collect())
    }
}

impl Entailer {
    /// Loads a checkpoint and starts its thread.
    pub(super) fn start(checkpoint: &Checkpoint, rule: LineRule) -> Result<Self, LoadError> {
        let model = Entailment::load(checkpoint)?;
        let max_tokens = model.max_tokens();
        Ok(Self { line: Line::start(EntailmentModel(model), rule)?, max_tokens })
    }

    /// Most tokens that it reads at once.
    pub(super) fn window_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Tests statements against sentences: at most `max_pairs` of the two, long sentences in pieces.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn read(
        &self,
        sentences: Vec<String>,
        statements: Vec<String>,
        max_pairs: usize,
        deadline: Option<Instant>,
        place: Place,
    ) -> Result<EntailmentReading, EngineError> {
        if sentences.is_empty() || statements.is_empty() {
            return Ok(EntailmentReading::default());
        }
        let mut found = vec![vec![None; sentences.len()]; statements.len()];
        let done =
            self.line.ask(Order { sentences, statements, max_pairs }, deadline, place).await?;
        for (statement, sentence, logits) in done.outputs {
            let cell = found.get_mut(statement).and_then(|row| row.get_mut(sentence));
            if let Some(cell) = cell {
                *cell = Some(cell.map_or(logits, |other| strongest(other, logits)));
            }
        }
        // Every pair was asked for.
        let statements = found.into_iter().map(|row| row.into_iter().flatten().collect()).collect();
        Ok(EntailmentReading { statements, queue: done.queue, work: done.work })
    }
}

/// Of two pieces of a sentence, the one that says more about the statement.
fn strongest(a: PairLogits, b: PairLogits) -> PairLogits {
    let says = |logits: PairLogits| {
        let PairLogits { contradiction, neutral, entailment } = logits;
        match neutral {
            // With two labels only entailment says something.
            None => entailment - contradiction,
            Some(neutral) => entailment.max(contradiction) - neutral,
        }
    };
    if says(b) > says(a) { b } else { a }
}
