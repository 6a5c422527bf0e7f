//! `manifest.toml` of a checkpoint.

use serde::{Deserialize, Serialize};

use super::error::StoreProblem;
use super::layout::{FileRole, check_name};
use crate::model::{Architecture, NumberFormat, Task};

/// Name of the file.
pub(in crate::model) const MANIFEST: &str = "manifest.toml";
/// Version of the format that this program reads and writes.
const FORMAT: u32 = 1;
/// Longest id.
const ID_LENGTH: usize = 64;

/// What a checkpoint is, where it is from, and which files it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointManifest {
    /// Version of the format of the manifest.
    pub format: u32,
    /// What it describes.
    pub kind: ManifestKind,
    /// Id, as requests name it.
    pub id: String,
    /// Version; the revision when it has no other.
    pub version: String,
    /// Commit of the source; empty when nobody said.
    #[serde(default)]
    pub revision: String,
    /// Where it is from; empty when nobody said.
    #[serde(default)]
    pub source: String,
    /// SPDX licence id of the weights; empty when nobody said.
    #[serde(default)]
    pub licence: String,
    /// What it is, in a sentence.
    #[serde(default)]
    pub summary: String,
    /// What it is for.
    pub task: Task,
    /// Which network its weights belong to.
    pub architecture: Architecture,
    /// ISO 639-1 codes of the languages it was made for.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Numbers that it computes with.
    pub numbers: NumberFormat,
    /// Its files.
    pub files: Vec<CheckpointFile>,
}

/// What a manifest describes: a mark that keeps it apart from a bundle's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ManifestKind {
    /// A public checkpoint.
    Checkpoint,
}

/// A file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointFile {
    /// What it is for.
    pub role: FileRole,
    /// Its name within the folder.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

/// What people say about a checkpoint: all of a manifest that its files do not tell. Empty strings are unsaid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Where it is from.
    pub source: String,
    /// Commit of the source.
    pub revision: String,
    /// SPDX licence id of the weights.
    pub licence: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// ISO 639-1 codes of the languages it was made for.
    pub languages: Vec<String>,
    /// Numbers to compute with; those of its files when nobody said.
    pub numbers: Option<NumberFormat>,
}

impl CheckpointManifest {
    /// A manifest of the newest format.
    pub(super) fn new(
        id: &str,
        provenance: Provenance,
        (task, architecture): (Task, Architecture),
        numbers_of_files: NumberFormat,
        files: Vec<CheckpointFile>,
    ) -> Self {
        Self {
            format: FORMAT,
            kind: ManifestKind::Checkpoint,
            id: id.to_owned(),
            version: provenance.revision.clone(),
            revision: provenance.revision,
            source: provenance.source,
            licence: provenance.licence,
            summary: provenance.summary,
            task,
            architecture,
            languages: provenance.languages,
            numbers: provenance.numbers.unwrap_or(numbers_of_files),
            files,
        }
    }

    /// Reads and checks a manifest.
    pub(super) fn parse(toml: &str) -> Result<Self, StoreProblem> {
        let manifest: Self = toml::from_str(toml)
            .map_err(|error| StoreProblem::Invalid(error.to_string().trim_end().to_owned()))?;
        if manifest.format != FORMAT {
            let found = manifest.format;
            let problem = format!("format is {found}, this program reads {FORMAT}");
            return Err(StoreProblem::Invalid(problem));
        }
        check_id(&manifest.id)?;
        let (task, architecture) = (manifest.task, manifest.architecture);
        if !architecture.serves(task) {
            return Err(StoreProblem::WrongTask { architecture, task });
        }
        check_numbers(manifest.numbers, task, architecture)?;
        manifest.files.iter().try_for_each(|file| check_name(&file.path))?;
        Ok(manifest)
    }
}

/// Refuses numbers that a network cannot compute with.
pub(super) fn check_numbers(
    numbers: NumberFormat,
    task: Task,
    architecture: Architecture,
) -> Result<(), StoreProblem> {
    if numbers.serves(task, architecture) {
        return Ok(());
    }
    Err(StoreProblem::WrongNumbers { architecture, task, numbers })
}

/// Refuses ids that would be no safe name of a folder.
pub(in crate::model) fn check_id(id: &str) -> Result<(), StoreProblem> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let safe = id.len() <= ID_LENGTH
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.chars().all(fits);
    if safe { Ok(()) } else { Err(StoreProblem::UnsafeId(id.to_owned())) }
}

/// The id of a repository or folder that is given none: the last part of its name.
pub(in crate::model) fn id_of(name: &str) -> &str {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_safe_names_of_folders() {
        for id in ["bart-large-cnn", "t5_v1.1", "A"] {
            assert!(check_id(id).is_ok(), "{id}");
        }
        for id in ["", ".hidden", "-rf", "a/b", "a b", "..", "é", &"x".repeat(65)] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn the_id_is_the_last_part_of_a_name() {
        assert_eq!(id_of("facebook/bart-large-cnn"), "bart-large-cnn");
        assert_eq!(id_of("models/mine/"), "mine");
        assert_eq!(id_of("gpt2"), "gpt2");
    }
}
