//! What a checkpoint and a request allow a summary to be: which tokens may come next.

use super::GenerationSettings;
use super::settings::Settings;
use crate::engine::backend::LoadError;

/// What holds for every summary of a checkpoint, from its files.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rules {
    /// The token that the decoder begins with.
    pub(super) start: i64,
    /// Tokens that end a summary.
    pub(super) ends: Vec<i64>,
    /// The first token, when it is forced.
    pub(super) forced_first: Option<i64>,
    /// The last token, when there is no room for more.
    pub(super) forced_last: Option<i64>,
    /// Runs of tokens that may not come.
    pub(super) bad_words: Vec<Vec<i64>>,
    /// Tokens that may not come, and that may not come first.
    pub(super) suppressed: Vec<i64>,
    pub(super) suppressed_first: Vec<i64>,
    /// What the score of a token that was there is divided by; 1 is off.
    pub(super) repetition_penalty: f64,
    /// Runs of so many tokens may not be copied from the source; 0 is off.
    pub(super) source_ngram: usize,
    /// When a search ends that has enough summaries.
    pub(super) early_stopping: EarlyStopping,
}

/// When a beam search ends that has as many summaries as beams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EarlyStopping {
    /// At once.
    Yes,
    /// When the best beam cannot do better at its length.
    No,
    /// When no beam can do better at any length.
    Never,
}

impl Rules {
    /// From the settings that ask for it first.
    pub(super) fn read(files: &Asked) -> Result<Self, LoadError> {
        let ends = match files.get::<serde_json::Value>("eos_token_id")? {
            Some(serde_json::Value::Array(ids)) => {
                ids.iter().filter_map(serde_json::Value::as_i64).collect()
            }
            Some(id) => id.as_i64().into_iter().collect(),
            None => Vec::new(),
        };
        if ends.is_empty() {
            return Err(LoadError::Model("config.json: eos_token_id is missing".into()));
        }
        let start = match files.get("decoder_start_token_id")? {
            Some(start) => start,
            None => files.need("bos_token_id")?,
        };
        let early_stopping = match files.get::<serde_json::Value>("early_stopping")? {
            Some(serde_json::Value::Bool(true)) => EarlyStopping::Yes,
            Some(serde_json::Value::String(never)) if never == "never" => EarlyStopping::Never,
            _ => EarlyStopping::No,
        };
        let bad_words: Vec<Vec<i64>> = files.or("bad_words_ids", Vec::new())?;
        let bad_words = bad_words.into_iter().filter(|word| !word.is_empty() && *word != ends);
        let rules = Self {
            start,
            forced_first: files.get("forced_bos_token_id")?,
            forced_last: files.get("forced_eos_token_id")?,
            bad_words: bad_words.collect(),
            suppressed: files.or("suppress_tokens", Vec::new())?,
            suppressed_first: files.or("begin_suppress_tokens", Vec::new())?,
            repetition_penalty: files.or("repetition_penalty", 1.0)?,
            source_ngram: files.or("encoder_no_repeat_ngram_size", 0)?,
            early_stopping,
            ends,
        };
        if rules.repetition_penalty.is_finite() && rules.repetition_penalty > 0.0 {
            return Ok(rules);
        }
        let problem =
            format!("repetition_penalty is {}, expected more than 0", rules.repetition_penalty);
        Err(LoadError::Model(format!("generation settings: {problem}")))
    }

    /// All token ids in it, with what they are for.
    pub(super) fn ids(&self) -> impl Iterator<Item = (&'static str, i64)> + '_ {
        let named = |name: &'static str, ids: &[i64]| -> Vec<(&'static str, i64)> {
            ids.iter().map(|&id| (name, id)).collect()
        };
        let lists = [
            named("decoder_start_token_id", &[self.start]),
            named("eos_token_id", &self.ends),
            named("forced_bos_token_id", self.forced_first.as_slice()),
            named("forced_eos_token_id", self.forced_last.as_slice()),
            named("bad_words_ids", &self.bad_words.concat()),
            named("suppress_tokens", &self.suppressed),
            named("begin_suppress_tokens", &self.suppressed_first),
        ];
        lists.into_iter().flatten()
    }

    /// The token that must come after these, the start token among them, of at most `most` new ones.
    pub(super) fn forced(&self, tokens: &[i64], most: usize) -> Option<i64> {
        if tokens.len() == most {
            return self.forced_last.or(self.forced_first.filter(|_| tokens.len() == 1));
        }
        self.forced_first.filter(|_| tokens.len() == 1)
    }

    /// Tokens that may not come after these, the start token among them; in no order, some perhaps twice.
    pub(super) fn banned(
        &self,
        tokens: &[i64],
        source: &[i64],
        settings: &GenerationSettings,
    ) -> Vec<i64> {
        let mut banned = self.suppressed.clone();
        let begin = if self.forced_first.is_some() { 2 } else { 1 };
        if tokens.len() == begin {
            banned.extend(&self.suppressed_first);
        }
        if tokens.len() <= settings.min_tokens {
            banned.extend(&self.ends);
        }
        for word in &self.bad_words {
            if let Some((last, before)) = word.split_last()
                && tokens.ends_with(before)
            {
                banned.push(*last);
            }
        }
        banned.extend(repeated(tokens, tokens, settings.no_repeat_ngram));
        banned.extend(repeated(tokens, source, self.source_ngram));
        banned
    }
}

/// Tokens that would end a run of `size` tokens that is in `known`.
fn repeated<'k>(
    tokens: &'k [i64],
    known: &'k [i64],
    size: usize,
) -> impl Iterator<Item = i64> + 'k {
    let start = size.checked_sub(1).and_then(|before| tokens.len().checked_sub(before));
    let run = start.and_then(|start| tokens.get(start..));
    run.into_iter().flat_map(move |run| {
        known.windows(size).filter_map(move |window| {
            let (last, before) = window.split_last()?;
            (before == run).then_some(*last)
        })
    })
}

/// The files in which a checkpoint asks for how to generate, the most telling first.
pub(super) struct Asked(pub(super) Vec<Settings>);

impl Asked {
    pub(super) fn get<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<T>, LoadError> {
        for file in &self.0 {
            if let Some(value) = file.get(key)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    pub(super) fn or<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
        default: T,
    ) -> Result<T, LoadError> {
        Ok(self.get(key)?.unwrap_or(default))
    }

    fn need<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<T, LoadError> {
        let missing = || LoadError::Model(format!("config.json: {key} is missing"));
        self.get(key)?.ok_or_else(missing)
    }
}
