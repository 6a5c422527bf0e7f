//! What a folder holds: by its manifest, or by its files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::{StoreError, StoreProblem, io_at};
use super::header::{self, WeightsSummary};
use super::layout::{
    FileRole, WeightsForm, checkpoint_files, is_index, select, select_weights, shards, weights_form,
};
use super::manifest::{
    CheckpointFile, CheckpointManifest, MANIFEST, Provenance, check_id, check_numbers,
};
use super::{StoredCheckpoint, identity, sha256_of_files};
use crate::model::{Architecture, Checkpoint, NumberFormat, Task};

/// A folder whose files are there, in the right sizes, but not hashed yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) folder: PathBuf,
    /// Without hashes when the folder has none.
    pub(super) manifest: CheckpointManifest,
    has_manifest: bool,
    weights: WeightsSummary,
}

impl Draft {
    /// Reads the manifest of a folder and the sizes of its files, or makes one.
    pub(super) fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(MANIFEST);
        if !path.exists() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            check_id(&name).map_err(|problem| problem.at(folder))?;
            let files = layout_of(folder)?;
            let (manifest, weights) = survey(folder, &name, files, Provenance::default())?;
            return Ok(Self { folder: folder.to_owned(), manifest, has_manifest: false, weights });
        }
        let toml = fs::read_to_string(&path).map_err(io_at(&path))?;
        let manifest = CheckpointManifest::parse(&toml).map_err(|problem| problem.at(&path))?;
        for file in &manifest.files {
            check_size(&folder.join(&file.path), file.bytes)?;
        }
        let weights = weights_of(folder, &manifest.files)?;
        Ok(Self { folder: folder.to_owned(), manifest, has_manifest: true, weights })
    }

    /// Its files.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.manifest.files.iter().map(|file| self.folder.join(&file.path)).collect()
    }

    /// Takes the sum of each of its files and compares it with the manifest.
    pub(super) fn verified(
        mut self,
        sums: &mut impl Iterator<Item = String>,
    ) -> Result<StoredCheckpoint, StoreError> {
        for (file, actual) in self.manifest.files.iter_mut().zip(sums) {
            if self.has_manifest && file.sha256 != actual {
                let expected = file.sha256.clone();
                let problem = StoreProblem::Hash { expected, actual };
                return Err(problem.at(&self.folder.join(&file.path)));
            }
            file.sha256 = actual;
        }
        let id = &self.manifest.id;
        if self.has_manifest {
            tracing::info!(id, "checkpoint verified");
        } else {
            let folder = self.folder.display();
            tracing::warn!(id, %folder, "checkpoint without a manifest: its files are taken as they are");
            for file in &self.manifest.files {
                tracing::info!(id, file = file.path, sha256 = file.sha256, "checkpoint file");
            }
        }
        self.stored()
    }

    /// The checkpoint as its manifest describes it.
    pub(super) fn stored(self) -> Result<StoredCheckpoint, StoreError> {
        let manifest = self.manifest;
        let named = manifest.files.iter().map(|file| (file.role, file.path.clone()));
        let files =
            checkpoint_files(&self.folder, named).map_err(|problem| problem.at(&self.folder))?;
        let sha256 = identity(&manifest.files);
        let bytes = manifest.files.iter().map(|file| file.bytes).sum();
        let unversioned = manifest.version.is_empty();
        let checkpoint = Checkpoint {
            version: if unversioned { manifest.revision.clone() } else { manifest.version },
            id: manifest.id,
            sha256,
            licence: manifest.licence,
            summary: manifest.summary,
            task: manifest.task,
            architecture: manifest.architecture,
            languages: manifest.languages,
            numbers: manifest.numbers,
            files,
        };
        Ok(StoredCheckpoint {
            checkpoint,
            source: manifest.source,
            revision: manifest.revision,
            folder: self.folder,
            has_manifest: self.has_manifest,
            bytes,
            parameters: self.weights.parameters,
            tables: self.weights.tables,
            float_layers: self.weights.float_layers,
        })
    }
}

/// The manifest of files of a folder, hashes included.
pub(in crate::model) fn describe(
    folder: &Path,
    id: &str,
    files: Vec<(FileRole, String)>,
    provenance: Provenance,
) -> Result<CheckpointManifest, StoreError> {
    let (mut manifest, _) = survey(folder, id, files, provenance)?;
    let paths: Vec<PathBuf> = manifest.files.iter().map(|file| folder.join(&file.path)).collect();
    for (file, sum) in manifest.files.iter_mut().zip(sha256_of_files(&paths)?) {
        file.sha256 = sum;
    }
    Ok(manifest)
}

/// Task and network of a folder, by its `config.json`; an error where they cannot be computed with `numbers`.
pub(in crate::model) fn kind_of(
    folder: &Path,
    numbers: Option<NumberFormat>,
) -> Result<(Task, Architecture), StoreError> {
    let config = folder.join("config.json");
    let json = fs::read(&config).map_err(io_at(&config))?;
    let kind = super::config_json::kind(&json).and_then(|(task, architecture)| {
        numbers.map_or(Ok(()), |numbers| check_numbers(numbers, task, architecture))?;
        Ok((task, architecture))
    });
    kind.map_err(|problem| problem.at(&config))
}

/// The files of a folder in the Hugging Face layout.
fn layout_of(folder: &Path) -> Result<Vec<(FileRole, String)>, StoreError> {
    let names = names(folder)?;
    let mut files = select(&names).map_err(|problem| problem.at(folder))?;
    let weights = select_weights(&names).map_err(|problem| problem.at(folder))?;
    if weights_form(weights) != WeightsForm::Safetensors {
        return Err(StoreProblem::NeedsImport(weights.to_owned()).at(folder));
    }
    let weights = weight_files(folder, weights)?;
    files.extend(weights.into_iter().map(|name| (FileRole::Weights, name)));
    Ok(files)
}

/// The manifest of files of a folder, without hashes.
fn survey(
    folder: &Path,
    id: &str,
    files: Vec<(FileRole, String)>,
    provenance: Provenance,
) -> Result<(CheckpointManifest, WeightsSummary), StoreError> {
    let kind = kind_of(folder, provenance.numbers)?;
    let mut described = Vec::new();
    for (role, name) in files {
        let path = folder.join(&name);
        let bytes = fs::metadata(&path).map_err(io_at(&path))?.len();
        described.push(CheckpointFile { role, path: name, bytes, sha256: String::new() });
    }
    let summary = weights_of(folder, &described)?;
    Ok((CheckpointManifest::new(id, provenance, kind, summary.numbers(), described), summary))
}

/// Names of the files of a folder.
pub(in crate::model) fn names(folder: &Path) -> Result<BTreeSet<String>, StoreError> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(io_at(folder))?;
    Ok(entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

/// Names of the files that hold the weights: the file itself, or the shards of an index.
pub(in crate::model) fn weight_files(
    folder: &Path,
    weights: &str,
) -> Result<Vec<String>, StoreError> {
    if !is_index(weights) {
        return Ok(vec![weights.to_owned()]);
    }
    let path = folder.join(weights);
    let index = fs::read(&path).map_err(io_at(&path))?;
    shards(&index).map_err(|problem| problem.at(&path))
}

/// What all weights hold together.
fn weights_of(folder: &Path, files: &[CheckpointFile]) -> Result<WeightsSummary, StoreError> {
    let weights = files.iter().filter(|file| file.role == FileRole::Weights);
    weights.map(|file| folder.join(&file.path)).try_fold(WeightsSummary::default(), |sum, path| {
        let summary = header::summary(&path).map_err(|problem| problem.at(&path))?;
        Ok(sum.and(summary))
    })
}

fn check_size(path: &Path, expected: u64) -> Result<(), StoreError> {
    let actual = fs::metadata(path).map_err(io_at(path))?.len();
    if actual == expected { Ok(()) } else { Err(StoreProblem::Size { expected, actual }.at(path)) }
}
