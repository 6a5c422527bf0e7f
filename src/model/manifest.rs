//! `manifest.toml`: the one description of a bundle.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IntoDeserializer;

/// Version of the manifest's own format that this program reads.
const FORMAT: u32 = 1;

/// What a bundle is, which files it has, and what its heads read and answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format of the manifest.
    pub format: u32,
    /// Id of the model, as requests name it.
    pub id: String,
    /// Version of the model.
    pub version: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// SPDX licence id of the weights.
    pub licence: String,
    /// Architecture of the encoder; `bert` is the one this program runs.
    pub architecture: String,
    /// ISO 639-1 codes of the languages it was made for.
    pub languages: Vec<String>,
    /// What it can take.
    pub limits: ModelLimits,
    /// Files by role: `config`, `tokenizer`, `encoder`, `heads`, `calibration`.
    pub files: BTreeMap<String, FileEntry>,
    /// Heads by name.
    pub heads: BTreeMap<String, HeadEntry>,
}

/// What a model can take.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelLimits {
    /// Longest window in tokens, the two special tokens included.
    pub max_window_tokens: usize,
}

/// A file of the bundle.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Path within the bundle.
    pub path: String,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// A head: a small network on top of the encoder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadEntry {
    /// What it reads, in the order in which the vectors are concatenated.
    pub inputs: Vec<HeadInput>,
    /// Its outputs.
    pub labels: Vec<String>,
    /// The contest it was trained for; none when it serves any.
    #[serde(default)]
    pub contest: Option<String>,
    /// Ids of that contest's sides, the positive one first.
    #[serde(default)]
    pub sides: Vec<String>,
}

/// A vector that heads read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadVector {
    /// Mean of the last hidden states over the tokens of the sentence.
    Sentence,
    /// Mean of all sentence vectors of the article, title included.
    Article,
    /// Where the sentence stands: `[1/(1+i), i/max(1,n-1), min(tokens,64)/64]` for sentence `i` of `n`.
    Position,
    /// Mean of the last hidden states over the tokens of a mention.
    Mention,
    /// Mean of the vectors of all mentions of a side; zero without any.
    Party,
    /// Mean of the vectors of a side's mentions in the sentence; zero without any.
    SideMention,
    /// Mean of the vectors of a side's claims, each encoded alone; zero without any.
    Claim,
    /// Mean probabilities of negative, neutral, positive over a side's mentions in the sentence; zero
    /// without any.
    SidePolarity,
    /// The same over all mentions of the side in the article.
    PartyPolarity,
}

/// What a head reads: a vector (`"sentence"`), or two multiplied element by element
/// (`"sentence*claim"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum HeadInput {
    /// One vector.
    Vector(HeadVector),
    /// The product of two.
    Product(HeadVector, HeadVector),
}

impl TryFrom<String> for HeadInput {
    type Error = serde::de::value::Error;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let vector = |name: &str| HeadVector::deserialize(name.into_deserializer());
        match name.split_once('*') {
            Some((a, b)) => Ok(Self::Product(vector(a)?, vector(b)?)),
            None => vector(&name).map(Self::Vector),
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// A message when it has another format than this program reads, has unknown keys, or names another
    /// architecture than `bert`.
    pub fn parse(toml: &str) -> Result<Self, String> {
        let manifest: Self =
            toml::from_str(toml).map_err(|error| error.to_string().trim_end().to_owned())?;
        if manifest.format != FORMAT {
            return Err(format!("format is {}, this program reads {FORMAT}", manifest.format));
        }
        if manifest.architecture != "bert" {
            return Err(format!("architecture is {}, not bert", manifest.architecture));
        }
        if manifest.limits.max_window_tokens < 8 {
            let window = manifest.limits.max_window_tokens;
            return Err(format!("limits.max_window_tokens is at least 8, got {window}"));
        }
        Ok(manifest)
    }

    /// Whether a head was trained for a contest with these sides, in either order.
    pub fn is_trained_for(&self, head: &str, contest: &str, sides: [&str; 2]) -> bool {
        let [first, second] = sides;
        self.heads.get(head).is_some_and(|entry| {
            let bound: Vec<&str> = entry.sides.iter().map(String::as_str).collect();
            entry.contest.as_deref() == Some(contest)
                && (bound == [first, second] || bound == [second, first])
        })
    }
}
