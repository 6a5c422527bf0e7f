//! The fixtures, for these tests and for those inside the crate.

use std::fs;
use std::path::{Path, PathBuf};

use parallax::model::{
    Architecture, Checkpoint, CheckpointFiles, NumberFormat, Task, TokenizerFiles,
};
use serde::de::DeserializeOwned;

/// Fixtures that summarise.
pub(crate) const SUMMARISERS: [(&str, Architecture); 7] = [
    ("bart", Architecture::Bart),
    ("distilbart", Architecture::Bart),
    ("t5", Architecture::T5),
    ("flan-t5", Architecture::T5),
    ("longt5-local", Architecture::LongT5),
    ("longt5-tglobal", Architecture::LongT5),
    ("pegasus", Architecture::Pegasus),
];

/// Fixtures that tell entailment.
pub(crate) const CLASSIFIERS: [(&str, Architecture); 7] = [
    ("bart-nli", Architecture::Bart),
    ("roberta", Architecture::Roberta),
    ("bert", Architecture::Bert),
    ("distilbert", Architecture::DistilBert),
    ("deberta", Architecture::Deberta),
    ("deberta-v2", Architecture::DebertaV2),
    ("deberta-v3", Architecture::DebertaV2),
];

/// The folder of a fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checkpoints").join(name)
}

/// What transformers makes of it.
pub(crate) fn expected<T: DeserializeOwned>(name: &str) -> T {
    json(&fixture(name).join("expected.json"))
}

/// A file of JSON.
pub(crate) fn json<T: DeserializeOwned>(path: &Path) -> T {
    serde_json::from_slice(&fs::read(path).expect("file")).expect("JSON")
}

/// The checkpoint in a folder.
pub(crate) fn checkpoint(folder: &Path, architecture: Architecture, task: Task) -> Checkpoint {
    let there = |file: &str| Some(folder.join(file)).filter(|path| path.exists());
    let pieces = there("spiece.model").or_else(|| there("spm.model"));
    let tokenizer = there("tokenizer.json")
        .map(TokenizerFiles::Json)
        .or_else(|| pieces.map(TokenizerFiles::SentencePieces))
        .or_else(|| there("vocab.txt").map(TokenizerFiles::WordPieces))
        .unwrap_or_else(|| TokenizerFiles::BytePairs {
            vocab: folder.join("vocab.json"),
            merges: folder.join("merges.txt"),
        });
    let files = fs::read_dir(folder).expect("folder").map(|file| file.expect("file").path());
    let weights = files.filter(|path| path.extension().is_some_and(|end| end == "safetensors"));
    Checkpoint {
        id: "tiny".into(),
        version: "1".into(),
        sha256: String::new(),
        licence: "CC0-1.0".into(),
        summary: "random".into(),
        task,
        architecture,
        languages: vec!["en".into()],
        numbers: NumberFormat::F32,
        files: CheckpointFiles {
            config: folder.join("config.json"),
            generation: there("generation_config.json"),
            weights: weights.collect(),
            tokenizer,
        },
    }
}
