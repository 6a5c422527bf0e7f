//! The Hugging Face layout: which files of a folder or repository are a checkpoint's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StoreProblem;
use crate::model::{CheckpointFiles, TokenizerFiles};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// Sizes of the network.
    Config,
    /// How text is generated.
    Generation,
    /// Weights, or a shard of them.
    Weights,
    /// A complete tokenizer.
    Tokenizer,
    /// Options of a tokenizer.
    TokenizerConfig,
    /// Vocabulary of byte-level pairs.
    Vocab,
    /// Merges of byte-level pairs.
    Merges,
    /// Word pieces.
    WordPieces,
    /// A SentencePiece model.
    SentencePieces,
}

/// Names under which weights are looked for, the first found is taken.
const WEIGHTS: [&str; 5] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "rust_model.ot",
];

/// Names under which a tokenizer is looked for, the first complete set is taken.
const TOKENIZERS: [(&[(FileRole, &str)], &str); 5] = [
    (&[(FileRole::Tokenizer, "tokenizer.json")], "tokenizer.json"),
    (
        &[(FileRole::Vocab, "vocab.json"), (FileRole::Merges, "merges.txt")],
        "vocab.json with merges.txt",
    ),
    (&[(FileRole::WordPieces, "vocab.txt")], "vocab.txt"),
    (&[(FileRole::SentencePieces, "spiece.model")], "spiece.model"),
    (&[(FileRole::SentencePieces, "spm.model")], "spm.model"),
];
/// The same names, for messages.
const TOKENIZER_NAMES: [&str; 5] =
    [TOKENIZERS[0].1, TOKENIZERS[1].1, TOKENIZERS[2].1, TOKENIZERS[3].1, TOKENIZERS[4].1];

/// Files that a checkpoint may do without.
const OPTIONAL: [(FileRole, &str); 2] = [
    (FileRole::Generation, "generation_config.json"),
    (FileRole::TokenizerConfig, "tokenizer_config.json"),
];

/// Format of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum WeightsForm {
    /// Safetensors, the one that is loaded.
    Safetensors,
    /// A Python pickle of tensors.
    Pickle,
    /// A TorchScript archive, as tch writes it.
    Script,
}

/// Chooses the files besides the weights among the names of a folder or repository.
pub(in crate::model) fn select(
    names: &BTreeSet<String>,
) -> Result<Vec<(FileRole, String)>, StoreProblem> {
    let has = |name: &str| names.contains(name);
    if !has("config.json") {
        return Err(StoreProblem::Missing { what: "configuration", tried: &["config.json"] });
    }
    let (tokenizer, _) = TOKENIZERS
        .into_iter()
        .find(|(files, _)| files.iter().all(|(_, name)| has(name)))
        .ok_or(StoreProblem::Missing { what: "tokenizer", tried: &TOKENIZER_NAMES })?;
    let optional = OPTIONAL.iter().filter(|(_, name)| has(name));
    let config = (FileRole::Config, "config.json");
    let files = std::iter::once(&config).chain(tokenizer).chain(optional);
    Ok(files.map(|&(role, name)| (role, name.to_owned())).collect())
}

/// Chooses the weights, or the index that names their shards, among the names of a folder or repository.
pub(in crate::model) fn select_weights(
    names: &BTreeSet<String>,
) -> Result<&'static str, StoreProblem> {
    let found = WEIGHTS.into_iter().find(|&name| names.contains(name));
    found.ok_or(StoreProblem::Missing { what: "weights", tried: &WEIGHTS })
}

/// Whether a name is that of an index of shards.
pub(in crate::model) fn is_index(name: &str) -> bool {
    name.ends_with(".index.json")
}

/// Format of weights by the name of their file or index.
pub(in crate::model) fn weights_form(name: &str) -> WeightsForm {
    let name = name.trim_end_matches(".index.json");
    if name.ends_with(".safetensors") {
        WeightsForm::Safetensors
    } else if name.ends_with(".ot") {
        WeightsForm::Script
    } else {
        WeightsForm::Pickle
    }
}

/// Names of the shards that an index lists, in order.
pub(in crate::model) fn shards(index: &[u8]) -> Result<Vec<String>, StoreProblem> {
    #[derive(Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let index: Index =
        serde_json::from_slice(index).map_err(|error| StoreProblem::Invalid(error.to_string()))?;
    let names: BTreeSet<String> = index.weight_map.into_values().collect();
    if names.is_empty() {
        return Err(StoreProblem::Invalid("weight_map names no file".into()));
    }
    names.iter().try_for_each(|name| check_name(name))?;
    Ok(names.into_iter().collect())
}

/// Refuses names that lead out of a folder or hide a file.
pub(in crate::model) fn check_name(name: &str) -> Result<(), StoreProblem> {
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    if plain { Ok(()) } else { Err(StoreProblem::UnsafeName(name.to_owned())) }
}

/// Sorts files into those of a checkpoint.
pub(super) fn checkpoint_files(
    folder: &Path,
    files: impl Iterator<Item = (FileRole, String)>,
) -> Result<CheckpointFiles, StoreProblem> {
    let mut by_role: BTreeMap<FileRole, Vec<PathBuf>> = BTreeMap::new();
    for (role, name) in files {
        by_role.entry(role).or_default().push(folder.join(name));
    }
    let mut first = |role| by_role.get_mut(&role).and_then(|paths| paths.pop());
    let config = first(FileRole::Config)
        .ok_or(StoreProblem::Missing { what: "configuration", tried: &["config.json"] })?;
    let pieces = (first(FileRole::Vocab), first(FileRole::Merges));
    let tokenizer = if let Some(path) = first(FileRole::Tokenizer) {
        TokenizerFiles::Json(path)
    } else if let (Some(vocab), Some(merges)) = pieces {
        TokenizerFiles::BytePairs { vocab, merges }
    } else if let Some(path) = first(FileRole::WordPieces) {
        TokenizerFiles::WordPieces(path)
    } else if let Some(path) = first(FileRole::SentencePieces) {
        TokenizerFiles::SentencePieces(path)
    } else {
        return Err(StoreProblem::Missing { what: "tokenizer", tried: &TOKENIZER_NAMES });
    };
    let generation = first(FileRole::Generation);
    let weights = by_role
        .remove(&FileRole::Weights)
        .ok_or(StoreProblem::Missing { what: "weights", tried: &WEIGHTS })?;
    Ok(CheckpointFiles { config, generation, weights, tokenizer })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_best_of_each_kind_is_taken() {
        let all = names(&[
            "config.json",
            "merges.txt",
            "model.safetensors",
            "pytorch_model.bin",
            "tokenizer.json",
            "tokenizer_config.json",
            "vocab.json",
            "README.md",
        ]);
        assert_eq!(select_weights(&all).expect("weights"), "model.safetensors");
        let small = select(&all).expect("complete");
        let small: Vec<&str> = small.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(small, ["config.json", "tokenizer.json", "tokenizer_config.json"]);
    }

    #[test]
    fn half_a_tokenizer_is_none() {
        let half = names(&["config.json", "model.safetensors", "vocab.json"]);
        let problem = select(&half).expect_err("no merges").to_string();
        assert!(problem.contains("no tokenizer; tried tokenizer.json"), "{problem}");
        assert!(problem.contains("vocab.json with merges.txt, vocab.txt"), "{problem}");
    }

    #[test]
    fn an_index_names_plain_files_once_each() {
        let index = br#"{"metadata":{},"weight_map":{"a":"m-2.bin","b":"m-1.bin","c":"m-1.bin"}}"#;
        assert_eq!(shards(index).expect("shards"), ["m-1.bin", "m-2.bin"]);
        let evil = br#"{"weight_map":{"a":"../../secret"}}"#;
        let problem = shards(evil).expect_err("outside").to_string();
        assert_eq!(problem, "\"../../secret\" is no plain file name");
    }
}
