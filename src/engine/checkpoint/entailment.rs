//! Entailment by a public checkpoint.

use std::collections::BTreeMap;

use tch::Tensor;

use super::classifier::Classifier;
use super::settings::Settings;
use super::tokenizer::{CheckpointTokenizer, uses_brackets};
use super::weights::Weights;
use super::{guarded, padded};
use crate::analysis::PairLogits;
use crate::engine::backend::LoadError;
use crate::model::{Architecture, Checkpoint, Task};

/// A checkpoint that tells whether a premise entails a hypothesis. It may be sent to another thread; one thread uses it
/// at a time.
pub struct Entailment {
    classifier: Classifier,
    tokenizer: CheckpointTokenizer,
    labels: Labels,
    /// Special tokens before, between and after the two texts.
    first: i64,
    between: Vec<i64>,
    last: i64,
    padding: i64,
}

/// Which logit is which.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Labels {
    contradiction: usize,
    neutral: Option<usize>,
    entailment: usize,
    count: usize,
}

/// Most tokens of a batch, padding included; between batches it is asked whether to go on.
const BATCH_TOKENS: usize = 4096;

/// Ids of a pair, and for each the segment it is in.
struct Pair {
    ids: Vec<i64>,
    segments: Vec<i64>,
}

impl Entailment {
    /// Loads an entailment checkpoint.
    ///
    /// # Errors
    /// What is missing in the files, or does not fit together, by name.
    pub fn load(checkpoint: &Checkpoint) -> Result<Self, LoadError> {
        if checkpoint.task != Task::Entailment {
            return Err(LoadError::Model(format!("{} is not for entailment", checkpoint.id)));
        }
        let config = Settings::read(&checkpoint.files.config)?;
        let labels = Labels::read(&config)?;
        let tokenizer = CheckpointTokenizer::load(checkpoint)?;
        let weights = Weights::read(&checkpoint.files.weights, checkpoint.numbers)?;
        let architecture = checkpoint.architecture;
        let count = labels.count as i64;
        let classifier = guarded(|| Ok(Classifier::load(architecture, &config, &weights, count)));
        let classifier = classifier.map_err(LoadError::Model)??;
        tokenizer.check_fits(config.size("vocab_size")?)?;
        let [first, last, padding] = if uses_brackets(architecture) {
            ["[CLS]", "[SEP]", "[PAD]"]
        } else {
            ["<s>", "</s>", "<pad>"]
        };
        let (first, last) = (tokenizer.need(first)?, tokenizer.need(last)?);
        let padding = tokenizer.need(padding)?;
        let twice = matches!(architecture, Architecture::Bart | Architecture::Roberta);
        let between = vec![last; if twice { 2 } else { 1 }];
        Ok(Self { classifier, tokenizer, labels, first, between, last, padding })
    }

    /// Most tokens of a pair, special tokens included.
    pub fn max_tokens(&self) -> usize {
        usize::try_from(self.classifier.most).unwrap_or_default()
    }

    /// Special tokens that are added to each pair.
    pub fn added_tokens(&self) -> usize {
        self.between.len() + 2
    }

    /// Number of tokens of a text, special tokens not included.
    ///
    /// # Errors
    /// When it cannot be tokenised.
    pub fn count_tokens(&self, text: &str) -> Result<usize, String> {
        Ok(self.tokenizer.ids(text)?.len())
    }

    /// Logits of each pair of premise and hypothesis. Between batches `go_on` is asked: false gives up, and None comes
    /// back.
    ///
    /// # Errors
    /// When a pair is longer than the model reads, which is never cut, or the model fails.
    pub fn judge(
        &self,
        pairs: &[(&str, &str)],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<PairLogits>>, String> {
        let pairs = pairs.iter().map(|(premise, hypothesis)| self.pair(premise, hypothesis));
        let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&index| pairs.get(index).map_or(0, |pair| pair.ids.len()));
        let mut judged: BTreeMap<usize, PairLogits> = BTreeMap::new();
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            if !go_on() {
                return Ok(None);
            }
            // The last one of a batch is the longest.
            let fit = rest.iter().enumerate().take_while(|(place, index)| {
                let longest = pairs.get(**index).map_or(0, |pair| pair.ids.len());
                (place + 1) * longest <= BATCH_TOKENS
            });
            let (batch, later) = rest.split_at(fit.count().max(1));
            let rows: Vec<&Pair> = batch.iter().filter_map(|&index| pairs.get(index)).collect();
            let logits = guarded(|| self.logits(&rows))?;
            judged.extend(batch.iter().copied().zip(logits));
            rest = later;
        }
        Ok(Some(judged.into_values().collect()))
    }

    fn pair(&self, premise: &str, hypothesis: &str) -> Result<Pair, String> {
        let (premise, hypothesis) = (self.tokenizer.ids(premise)?, self.tokenizer.ids(hypothesis)?);
        let ids =
            [&[self.first], premise.as_slice(), &self.between, &hypothesis, &[self.last]].concat();
        if ids.len() > self.max_tokens() {
            return Err(format!(
                "a pair has {} tokens, at most {} fit",
                ids.len(),
                self.max_tokens()
            ));
        }
        let second = if self.classifier.segmented { hypothesis.len() + 1 } else { 0 };
        let mut segments = vec![0; ids.len() - second];
        segments.resize(ids.len(), 1);
        Ok(Pair { ids, segments })
    }

    fn logits(&self, pairs: &[&Pair]) -> Result<Vec<PairLogits>, String> {
        let compute = || {
            let rows = |part: fn(&Pair) -> &Vec<i64>| -> Vec<Vec<i64>> {
                pairs.iter().map(|pair| part(pair).clone()).collect()
            };
            let (ids, mask) = padded(&rows(|pair| &pair.ids), self.padding)?;
            let (segments, _) = padded(&rows(|pair| &pair.segments), 0)?;
            self.classifier.logits(&ids, &mask, &segments)
        };
        let logits: Tensor = compute().map_err(|error| error.to_string())?;
        let values =
            Vec::<f32>::try_from(logits.reshape([-1])).map_err(|error| error.to_string())?;
        Ok(values.chunks(self.labels.count).map(|row| self.labels.pick(row)).collect())
    }
}

impl Labels {
    /// From `id2label`, by name.
    fn read(config: &Settings) -> Result<Self, LoadError> {
        let names: BTreeMap<usize, String> = config.need("id2label")?;
        let place = |wanted: &[&str]| {
            let simple = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
            names
                .iter()
                .find(|(_, name)| wanted.contains(&simple(name).as_str()))
                .map(|(id, _)| *id)
        };
        let entailment = place(&["entailment", "entail"]);
        let contradiction = place(&["contradiction", "contradict"]);
        let (against, neutral) = match names.len() {
            3 => (contradiction, place(&["neutral"])),
            _ => (place(&["not_entailment", "non_entailment"]), None),
        };
        let numbered = names.keys().copied().eq(0..names.len());
        let complete = matches!((names.len(), neutral), (3, Some(_)) | (2, None));
        match (entailment, against) {
            (Some(entailment), Some(contradiction)) if numbered && complete => {
                Ok(Self { contradiction, neutral, entailment, count: names.len() })
            }
            _ => {
                let names: Vec<&str> = names.values().map(String::as_str).collect();
                let expected =
                    "entailment, neutral and contradiction, or entailment and not_entailment";
                let problem = format!("id2label has {}, expected {expected}", names.join(", "));
                Err(LoadError::Model(format!("config.json: {problem}")))
            }
        }
    }

    fn pick(&self, row: &[f32]) -> PairLogits {
        let at = |index: usize| row.get(index).copied().unwrap_or(f32::NAN);
        PairLogits {
            contradiction: at(self.contradiction),
            neutral: self.neutral.map(at),
            entailment: at(self.entailment),
        }
    }
}

impl std::fmt::Debug for Entailment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Entailment").field("labels", &self.labels).finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Entailment {
    /// For tests of what is inside.
    pub(super) fn ids(&self, premise: &str, hypothesis: &str) -> Vec<i64> {
        self.pair(premise, hypothesis).expect("ids").ids
    }
}
