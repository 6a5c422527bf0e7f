//! Generated summaries of articles of any length: the parts of a long one are summarised, and then their summaries.

use std::time::{Duration, Instant};

use super::backend::LoadError;
use super::checkpoint::{Generated, GenerationSettings, Generator};
use super::house::Place;
use super::line::{Line, LineRule, UnitModel};
use super::portion::{Portion, portions};
use super::queue::EngineError;
use crate::analysis::{Grounded, SummaryBudget};
use crate::model::Checkpoint;

/// Tokens of an English word, about: what a budget in words is in tokens, with room to end the sentence.
const TOKENS_PER_WORD: f64 = 1.4;
/// Tokens beyond that for an end.
const ROOM_TO_END: usize = 12;
/// A part is summarised to a fourth of the window at most, so that four summaries make one part of the next round.
const SHRINK: usize = 4;
/// How often summaries are summarised: enough for 4096 parts.
const MOST_ROUNDS: usize = 7;

/// A generator at work on a thread of its own. Clones share it.
#[derive(Clone)]
pub struct Summariser {
    line: Line<GenerationModel>,
    defaults: GenerationSettings,
    max_source_tokens: usize,
    max_target_tokens: usize,
}

/// How a summary is to be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerationWish {
    /// How long it may be.
    pub budget: SummaryBudget,
    /// Fewest words.
    pub min_words: Option<usize>,
    /// Beams of the search; as the model was made for when there is no wish.
    pub beams: Option<usize>,
}

/// A generated text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GeneratedText {
    /// The text as the model wrote it.
    pub text: String,
    /// Whether the model ended it.
    pub finished: bool,
    /// Parts of the article that were read one after another.
    pub parts: usize,
    /// Tokens read, those of all rounds.
    pub tokens: usize,
    /// Sentences of partial summaries that may not stand.
    pub ungrounded: usize,
    /// Time before the model had time for it.
    pub queue: Duration,
    /// Time of the model, all rounds.
    pub work: Duration,
}

/// Whether sentences are within a budget as they are.
fn fits(sentences: &[String], budget: SummaryBudget) -> bool {
    let words: usize = sentences.iter().map(|sentence| sentence.split_whitespace().count()).sum();
    sentences.len() <= budget.sentences && budget.words.is_none_or(|most| words <= most)
}

/// What the model is asked for.
pub(super) struct Order {
    sentences: Vec<String>,
    settings: GenerationSettings,
}

/// A part of it.
pub(super) struct Part {
    portion: Portion,
    settings: GenerationSettings,
}

/// The model as its line sees it.
pub(super) struct GenerationModel(Generator);

impl UnitModel for GenerationModel {
    type Order = Order;
    type Unit = Part;
    type Output = Generated;

    fn units(&self, Order { sentences, mut settings }: Order) -> Result<Vec<Part>, EngineError> {
        let added = self.0.added_source_tokens().map_err(EngineError::Model)?;
        let limit = self.0.max_source_tokens().saturating_sub(added);
        let portions = portions(&sentences, limit, &|text| self.0.count_tokens(text));
        let portions = portions.map_err(EngineError::Model)?;
        if portions.len() > 1 {
            // Each round has to be a good deal shorter than the one before.
            settings.max_tokens = settings.max_tokens.min((limit / SHRINK).max(1));
            settings.min_tokens = 0;
        }
        let part = |portion| Part { portion, settings: settings.clone() };
        Ok(portions.into_iter().map(part).collect())
    }

    /// What is read, and what every beam may write.
    fn tokens(&self, unit: &Part) -> usize {
        unit.portion.tokens + unit.settings.beams.max(1) * unit.settings.max_tokens
    }

    fn agree(&self, a: &Part, b: &Part) -> bool {
        a.settings == b.settings
    }

    fn run(
        &mut self,
        units: &[&Part],
        go_on: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Option<Generated>>, String> {
        let Some(first) = units.first() else { return Ok(Vec::new()) };
        let sources: Vec<&str> = units.iter().map(|part| part.portion.text.as_str()).collect();
        self.0.generate(&sources, &first.settings, go_on)
    }
}

impl Summariser {
    /// Loads a checkpoint and starts its thread.
    pub(super) fn start(checkpoint: &Checkpoint, rule: LineRule) -> Result<Self, LoadError> {
        let generator = Generator::load(checkpoint)?;
        Ok(Self {
            defaults: generator.default_settings(),
            max_source_tokens: generator.max_source_tokens(),
            max_target_tokens: generator.max_target_tokens(),
            line: Line::start(GenerationModel(generator), rule)?,
        })
    }

    /// Most tokens that it reads at once.
    pub(super) fn window_tokens(&self) -> usize {
        self.max_source_tokens
    }

    /// Summarises the sentences of a story. Between two rounds `keep` says which sentences of a partial summary may stand.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn summarise(
        &self,
        story: Vec<String>,
        wish: GenerationWish,
        keep: impl Fn(&str, bool) -> Grounded,
        deadline: Option<Instant>,
        place: Place,
    ) -> Result<GeneratedText, EngineError> {
        let settings = self.settings(wish);
        let mut sentences = story;
        let mut result = GeneratedText::default();
        for round in 0..MOST_ROUNDS {
            let order = Order { sentences, settings: settings.clone() };
            let done = self.line.ask(order, deadline, place.clone()).await?;
            result.queue += done.queue;
            result.work += done.work;
            result.tokens += done.outputs.iter().map(|part| part.source_tokens).sum::<usize>();
            if round == 0 {
                result.parts = done.outputs.len();
            }
            if let [whole] = done.outputs.as_slice() {
                return Ok(GeneratedText {
                    text: whole.text.clone(),
                    finished: whole.finished,
                    ..result
                });
            }
            sentences = Vec::new();
            for part in &done.outputs {
                let kept = keep(&part.text, part.finished);
                result.ungrounded += kept.ungrounded;
                sentences.extend(kept.sentences);
            }
            if sentences.is_empty() || fits(&sentences, wish.budget) {
                break;
            }
        }
        Ok(GeneratedText { text: sentences.join(" "), finished: true, ..result })
    }

    /// Settings that meet a wish, as far as the model can. A limit of words makes no text longer.
    fn settings(&self, wish: GenerationWish) -> GenerationSettings {
        let tokens = |words: usize| (words as f64 * TOKENS_PER_WORD).ceil() as usize;
        let defaults = self.defaults.clone();
        let least = wish.min_words.map(tokens);
        let usual = defaults.max_tokens.max(least.unwrap_or(0) + ROOM_TO_END);
        let most = wish.budget.words.map_or(usize::MAX, |words| tokens(words) + ROOM_TO_END);
        let max_tokens = usual.min(most).min(self.max_target_tokens);
        GenerationSettings {
            beams: wish.beams.unwrap_or(defaults.beams),
            min_tokens: least
                .unwrap_or(defaults.min_tokens)
                .min(max_tokens.saturating_sub(ROOM_TO_END)),
            max_tokens,
            ..defaults
        }
    }
}
