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

/// An entailment model at work on a thread of its own. Clones share it.
#[derive(Clone)]
pub struct Entailer {
    line: Line<EntailmentModel>,
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
    fn units(&self, Order { sentences, statements }: Order) -> Result<Vec<Pair>, String> {
        let count = |text: &str| self.0.count_tokens(text);
        let mut pairs = Vec::new();
        for (statement, text) in statements.iter().enumerate() {
            let hypothesis: Arc<str> = text.as_str().into();
            let own = count(text)? + self.0.added_tokens();
            let limit = self.0.max_tokens().saturating_sub(own);
            if limit == 0 {
                return Err(format!("a statement has {own} tokens"));
            }
            for (sentence, text) in sentences.iter().enumerate() {
                for piece in cut(text, limit, &count)? {
                    let (premise, tokens) = (piece.text.into(), piece.tokens + own);
                    pairs.push(Pair {
                        sentence,
                        statement,
                        premise,
                        hypothesis: Arc::clone(&hypothesis),
                        tokens,
                    });
                }
            }
        }
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
        let model = EntailmentModel(Entailment::load(checkpoint)?);
        Ok(Self { line: Line::start(model, rule)? })
    }

    /// Tests statements, each one different, against sentences.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn read(
        &self,
        sentences: Vec<String>,
        statements: Vec<String>,
        deadline: Option<Instant>,
        place: Place,
    ) -> Result<EntailmentReading, EngineError> {
        if sentences.is_empty() || statements.is_empty() {
            return Ok(EntailmentReading::default());
        }
        let mut found = vec![vec![None; sentences.len()]; statements.len()];
        let done = self.line.ask(Order { sentences, statements }, deadline, place).await?;
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

/// Of two parts of a sentence, what either says.
fn strongest(a: PairLogits, b: PairLogits) -> PairLogits {
    PairLogits {
        contradiction: a.contradiction.max(b.contradiction),
        neutral: a.neutral.zip(b.neutral).map(|(a, b)| a.min(b)),
        entailment: a.entailment.max(b.entailment),
    }
}
