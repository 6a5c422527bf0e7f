//! Summaries by a public checkpoint.

use tch::{TchError, Tensor};

use super::network::Network;
use super::rules::{Asked, Rules};
use super::scores::{Running, candidates};
use super::search::{Candidate, Found, Next, Search};
use super::settings::Settings;
use super::tokenizer::CheckpointTokenizer;
use super::weights::Weights;
use super::{guarded, padded};
use crate::engine::backend::LoadError;
use crate::model::{Architecture, Checkpoint, Task};

/// A checkpoint that generates summaries. It may be sent to another thread; one thread uses it at a time.
pub struct Generator {
    network: Network,
    tokenizer: CheckpointTokenizer,
    rules: Rules,
    defaults: GenerationSettings,
    /// What the checkpoint wants before each source.
    prefix: String,
    /// Special tokens before and after a source.
    before: Vec<i64>,
    after: Vec<i64>,
    padding: i64,
}

/// How a summary is searched for.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerationSettings {
    /// Beams; 1 is greedy.
    pub beams: usize,
    /// Fewest tokens before the end token.
    pub min_tokens: usize,
    /// Most tokens, the end token among them.
    pub max_tokens: usize,
    /// Runs of so many tokens come at most once; 0 is off.
    pub no_repeat_ngram: usize,
    /// With beams, sums of log probabilities are divided by the length to this power: above 0 favours long summaries.
    pub length_penalty: f64,
}

/// A generated summary.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// The text, without special tokens.
    pub text: String,
    /// Tokens that were generated, the end token among them.
    pub tokens: usize,
    /// Whether it ended by itself, not by `max_tokens`.
    pub finished: bool,
    /// Tokens of the source as the model read it: the prefix of the checkpoint and special tokens among them.
    pub source_tokens: usize,
}

/// Most beams that a request may ask for: their cost grows with their number, and more than ten make no better summary.
const MOST_BEAMS: usize = 32;

impl Generator {
    /// Loads a summary checkpoint.
    ///
    /// # Errors
    /// What is missing in the files, or does not fit together, by name.
    pub fn load(checkpoint: &Checkpoint) -> Result<Self, LoadError> {
        if checkpoint.task != Task::Summary {
            return Err(LoadError::Model(format!("{} is not for summaries", checkpoint.id)));
        }
        let config = Settings::read(&checkpoint.files.config)?;
        let tokenizer = CheckpointTokenizer::load(checkpoint)?;
        let task = config.section(&["task_specific_params", "summarization"]);
        let prefix = task.or("prefix", String::new())?;
        let weights = Weights::read(&checkpoint.files.weights, checkpoint.numbers)?;
        let architecture = checkpoint.architecture;
        let network = guarded(|| Ok(Network::load(architecture, &config, &weights)));
        let network = network.map_err(LoadError::Model)??;
        let files = checkpoint.files.generation.iter().map(|path| Settings::read(path));
        let mut files = files.collect::<Result<Vec<_>, _>>()?;
        files.extend([task, config]);
        let asked = Asked(files);
        let rules = Rules::read(&asked)?;
        check_ids(&rules, network.words)?;
        tokenizer.check_fits(network.words)?;
        let before = if architecture == Architecture::Bart {
            vec![tokenizer.need_one(&["<s>", "[CLS]"])?]
        } else {
            Vec::new()
        };
        let after = vec![tokenizer.need_one(&["</s>", "[SEP]"])?];
        let padding = tokenizer.need_one(&["<pad>", "[PAD]"])?;
        let defaults = defaults(&asked, network.most_target)?;
        Ok(Self { network, tokenizer, rules, defaults, prefix, before, after, padding })
    }

    /// Most tokens of a source, special tokens and the prefix of the checkpoint included.
    pub fn max_source_tokens(&self) -> usize {
        self.network.most_source
    }

    /// Tokens that are added to each source: the prefix of the checkpoint and special tokens.
    ///
    /// # Errors
    /// When the prefix cannot be tokenised.
    pub fn added_source_tokens(&self) -> Result<usize, String> {
        let prefix = self.tokenizer.ids(self.prefix.trim_end())?;
        Ok(self.before.len() + prefix.len() + self.after.len())
    }

    /// Most tokens that it can generate, the end token among them.
    pub fn max_target_tokens(&self) -> usize {
        self.network.most_target
    }

    /// Number of tokens of a text, neither special tokens nor the prefix of the checkpoint included.
    ///
    /// # Errors
    /// When it cannot be tokenised.
    pub fn count_tokens(&self, text: &str) -> Result<usize, String> {
        Ok(self.tokenizer.ids(text)?.len())
    }

    /// What the checkpoint's own files ask for: `generation_config.json`, then `task_specific_params.summarization` and
    /// the other keys of `config.json`, key by key.
    pub fn default_settings(&self) -> GenerationSettings {
        self.defaults.clone()
    }

    /// Generates for a batch of sources. Between steps `go_on(i)` is asked for each source that is not finished: false
    /// gives it up, and its output is None.
    ///
    /// # Errors
    /// When a setting or the length of a source is out of range, or the model fails.
    pub fn generate(
        &self,
        sources: &[&str],
        settings: &GenerationSettings,
        go_on: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Option<Generated>>, String> {
        self.check(settings)?;
        let rows = sources.iter().map(|source| self.source_ids(source));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let found = guarded(|| self.search(&rows, settings, go_on))?;
        let outputs = found.into_iter().zip(&rows).map(|(found, row)| {
            let generated = |found: Found| {
                let text = self.tokenizer.text(&found.tokens)?;
                let Found { generated, finished, .. } = found;
                Ok(Generated { text, tokens: generated, finished, source_tokens: row.len() })
            };
            found.map(generated).transpose()
        });
        outputs.collect()
    }

    /// Ids of a source as the model reads it.
    fn source_ids(&self, source: &str) -> Result<Vec<i64>, String> {
        let ids = match self.prefix.as_str() {
            "" => self.tokenizer.ids(source)?,
            prefix => self.tokenizer.ids(&format!("{prefix}{source}"))?,
        };
        let ids = [self.before.as_slice(), &ids, &self.after].concat();
        let most = self.max_source_tokens();
        if ids.len() > most {
            return Err(format!("a source has {} tokens, at most {most} fit", ids.len()));
        }
        Ok(ids)
    }

    fn check(&self, settings: &GenerationSettings) -> Result<(), String> {
        let most = self.max_target_tokens();
        let GenerationSettings { beams, min_tokens, max_tokens, length_penalty, .. } = *settings;
        if !(1..=MOST_BEAMS).contains(&beams) {
            return Err(format!("beams is {beams}, expected 1 to {MOST_BEAMS}"));
        }
        if !(1..=most).contains(&max_tokens) {
            return Err(format!("max_tokens is {max_tokens}, expected 1 to {most}"));
        }
        if min_tokens > max_tokens {
            return Err(format!("min_tokens is {min_tokens}, max_tokens {max_tokens}"));
        }
        if !length_penalty.is_finite() {
            return Err(format!("length_penalty is {length_penalty}, expected a finite number"));
        }
        Ok(())
    }

    /// The best summary of each row of source ids.
    pub(super) fn search(
        &self,
        rows: &[Vec<i64>],
        settings: &GenerationSettings,
        go_on: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Option<Found>>, String> {
        let mut found: Vec<Option<Found>> = rows.iter().map(|_| None).collect();
        let started = rows.iter().enumerate().filter(|(index, _)| go_on(*index));
        let mut running: Vec<Running<'_>> = started
            .map(|(index, source)| Running {
                index,
                source,
                search: Search::new(settings, &self.rules),
            })
            .collect();
        if running.is_empty() {
            return Ok(found);
        }
        let sources: Vec<Vec<i64>> = running.iter().map(|one| one.source.to_vec()).collect();
        let (states, mask) = self.encode(&sources)?;
        let told = |error: TchError| error.to_string();
        let beams = settings.beams as i64;
        let decoder = &self.network.decoder;
        let mut state =
            decoder.start(&states, &mask, beams, settings.max_tokens as i64).map_err(told)?;
        drop(states);
        while !running.is_empty() {
            let newest = running.iter().flat_map(|one| one.search.rows());
            let newest: Vec<i64> = newest.filter_map(|row| row.tokens.last().copied()).collect();
            let logits = decoder.step(&mut state, &newest).map_err(told)?;
            let candidates = candidates(&logits, &running, settings, &self.rules).map_err(told)?;
            let selected = advance(&mut running, &candidates, &mut found, go_on);
            if !running.is_empty() {
                state.select(&selected).map_err(told)?;
            }
        }
        Ok(found)
    }

    /// States of sources, and the mask for attention to them.
    pub(super) fn encode(&self, sources: &[Vec<i64>]) -> Result<(Tensor, Tensor), String> {
        let (ids, mask) = padded(sources, self.padding).map_err(|error| error.to_string())?;
        self.network.encode(&ids, &mask)
    }
}

/// Takes each search a step on, puts what is finished into its place and leaves out what is given up. Gives back the rows
/// that go on, each source's after the other.
fn advance(
    running: &mut Vec<Running<'_>>,
    candidates: &[Vec<Candidate>],
    found: &mut [Option<Found>],
    go_on: &dyn Fn(usize) -> bool,
) -> Vec<i64> {
    let mut selected = Vec::new();
    let mut first = 0;
    let mut of_source = candidates.iter();
    running.retain_mut(|one| {
        let start = first;
        first += one.search.rows().len() as i64;
        match one.search.advance(of_source.next().map_or(&[], Vec::as_slice)) {
            Next::Found(summary) => {
                if let Some(place) = found.get_mut(one.index) {
                    *place = Some(summary);
                }
                false
            }
            Next::Rows(_) if !go_on(one.index) => false,
            Next::Rows(parents) => {
                selected.extend(parents.iter().map(|&row| start + row as i64));
                true
            }
        }
    });
    selected
}

/// Every token of the rules must be in the vocabulary.
fn check_ids(rules: &Rules, words: i64) -> Result<(), LoadError> {
    match rules.ids().find(|(_, id)| !(0..words).contains(id)) {
        None => Ok(()),
        Some((name, id)) => {
            let problem = format!("{name} is {id}, the model has {words} words");
            Err(LoadError::Model(format!("generation settings: {problem}")))
        }
    }
}

/// `max_length` and `min_length` of the files count the start token. Where nothing is said, transformers generates 20.
fn defaults(asked: &Asked, most: usize) -> Result<GenerationSettings, LoadError> {
    let max_tokens = match asked.get::<usize>("max_new_tokens")? {
        Some(tokens) => tokens,
        None => asked.or::<usize>("max_length", 21)?.saturating_sub(1),
    };
    let max_tokens = max_tokens.clamp(1, most);
    let min_tokens = match asked.get::<usize>("min_new_tokens")? {
        Some(tokens) => tokens,
        None => asked.or::<usize>("min_length", 0)?.saturating_sub(1),
    };
    Ok(GenerationSettings {
        beams: asked.or("num_beams", 1_usize)?.clamp(1, MOST_BEAMS),
        min_tokens: min_tokens.min(max_tokens),
        max_tokens,
        no_repeat_ngram: asked.or("no_repeat_ngram_size", 0)?,
        length_penalty: asked.or("length_penalty", 1.0)?,
    })
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Generator");
        shown.field("rules", &self.rules).field("defaults", &self.defaults).finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Generator {
    /// For tests of what is inside.
    pub(super) fn parts(&self) -> (&Network, &Rules, i64) {
        (&self.network, &self.rules, self.padding)
    }

    /// For tests of what is inside.
    pub(super) fn ids(&self, source: &str) -> Vec<i64> {
        self.source_ids(source).expect("ids")
    }
}
