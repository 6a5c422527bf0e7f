//! A public checkpoint: a directory in the Hugging Face layout, and what is known about it.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A model beside the embedded bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Id, as requests name it.
    pub id: String,
    /// Version; the revision it was fetched at when it has no other.
    pub version: String,
    /// SHA-256 that identifies all of its files; lower-case hex.
    pub sha256: String,
    /// SPDX licence id of the weights; empty when nobody said.
    pub licence: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// What it is for.
    pub task: Task,
    /// Which network its weights belong to.
    pub architecture: Architecture,
    /// ISO 639-1 codes of the languages it was made for.
    pub languages: Vec<String>,
    /// Numbers that it computes with.
    pub numbers: NumberFormat,
    /// Its files.
    pub files: CheckpointFiles,
}

/// What a checkpoint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Generates summaries.
    Summary,
    /// Tells whether a premise entails a hypothesis.
    Entailment,
}

/// Networks that the engine can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// BART and DistilBART: summaries or entailment.
    Bart,
    /// T5 and Flan-T5: summaries.
    T5,
    /// LongT5 with local or transient-global attention: summaries.
    LongT5,
    /// Pegasus: summaries.
    Pegasus,
    /// BERT: entailment.
    Bert,
    /// DistilBERT: entailment.
    DistilBert,
    /// RoBERTa: entailment.
    Roberta,
    /// DeBERTa: entailment.
    Deberta,
    /// DeBERTa v2 and v3: entailment.
    #[serde(rename = "deberta-v2")]
    DebertaV2,
}

impl Task {
    /// The name that manifests and lists use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Entailment => "entailment",
        }
    }
}

impl Architecture {
    /// All that there are.
    pub const ALL: [Self; 9] = [
        Self::Bart,
        Self::T5,
        Self::LongT5,
        Self::Pegasus,
        Self::Bert,
        Self::DistilBert,
        Self::Roberta,
        Self::Deberta,
        Self::DebertaV2,
    ];

    /// The name that manifests and lists use, and `model_type` in a `config.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bart => "bart",
            Self::T5 => "t5",
            Self::LongT5 => "longt5",
            Self::Pegasus => "pegasus",
            Self::Bert => "bert",
            Self::DistilBert => "distilbert",
            Self::Roberta => "roberta",
            Self::Deberta => "deberta",
            Self::DebertaV2 => "deberta-v2",
        }
    }

    /// Whether the engine runs it for a task.
    pub fn serves(self, task: Task) -> bool {
        match task {
            Task::Summary => matches!(self, Self::Bart | Self::T5 | Self::LongT5 | Self::Pegasus),
            Task::Entailment => !matches!(self, Self::T5 | Self::LongT5 | Self::Pegasus),
        }
    }
}

/// What a checkpoint's matrix products are computed with. All else is in the same floats, or in those of 32 bits beside
/// integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberFormat {
    /// Floats of 32 bits.
    F32,
    /// Floats of 16 bits, with the exponent of 32.
    Bf16,
    /// Integers of 8 bits. Weights are scaled once, for each output and some hundred inputs; inputs for each token.
    Int8,
}

impl NumberFormat {
    /// All that there are.
    pub const ALL: [Self; 3] = [Self::F32, Self::Bf16, Self::Int8];

    /// The name that manifests and replies use.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }

    /// Whether the engine computes a network for a task with these.
    pub fn serves(self, task: Task, architecture: Architecture) -> bool {
        (self, task, architecture) != (Self::Int8, Task::Entailment, Architecture::Bart)
    }
}

impl FromStr for NumberFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|numbers| numbers.name() == name);
        known.ok_or_else(|| format!("expected {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// The files of a checkpoint, absolute or relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointFiles {
    /// `config.json`.
    pub config: PathBuf,
    /// `generation_config.json`, when there is one.
    pub generation: Option<PathBuf>,
    /// The weights: one safetensors file, or several shards.
    pub weights: Vec<PathBuf>,
    /// The tokenizer.
    pub tokenizer: TokenizerFiles,
}

/// A tokenizer, in one of the forms in which checkpoints carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenizerFiles {
    /// `tokenizer.json`, complete.
    Json(PathBuf),
    /// `vocab.json` and `merges.txt`: byte-level pairs of BART and RoBERTa.
    BytePairs {
        /// `vocab.json`.
        vocab: PathBuf,
        /// `merges.txt`.
        merges: PathBuf,
    },
    /// `vocab.txt`: word pieces of BERT and DistilBERT.
    WordPieces(PathBuf),
    /// `spiece.model` or `spm.model`: T5, Pegasus, DeBERTa v2 and v3.
    SentencePieces(PathBuf),
}
