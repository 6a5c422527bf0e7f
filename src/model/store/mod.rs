//! The store of public checkpoints: a directory with one folder for each.
//!
//! A folder has a [`CheckpointManifest`], or is in the Hugging Face layout as it is; then its files tell what it
//! is. Everything is checked before anything is loaded.

mod config_json;
mod describe;
mod error;
mod hash;
mod header;
mod layout;
mod manifest;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use error::{StoreError, StoreProblem};
pub use layout::FileRole;
pub use manifest::{CheckpointFile, CheckpointManifest, ManifestKind, Provenance};

pub(super) use describe::{describe, kind_of, names, weight_files};
pub(super) use error::io_at;
pub(super) use hash::{read_chunks, sha256_of_files};
pub(super) use layout::{WeightsForm, is_index, select, select_weights, weights_form};
pub(super) use manifest::{MANIFEST, check_id, id_of};

use super::bundle::sha256_hex;
use super::{Bundle, Checkpoint, NumberFormat};
use describe::Draft;

/// The checkpoints of a directory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelStore {
    /// Checkpoints by id.
    pub checkpoints: BTreeMap<String, StoredCheckpoint>,
}

/// A checkpoint whose files were found to be what its manifest says.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCheckpoint {
    /// What it is.
    pub checkpoint: Checkpoint,
    /// Where it is from; empty when nobody said.
    pub source: String,
    /// Commit of the source; empty when nobody said.
    pub revision: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it has a manifest; else nothing but its format was there to check its files against.
    pub has_manifest: bool,
    /// Size of all files in bytes.
    pub bytes: u64,
    /// Numbers in its weights.
    pub parameters: u64,
    /// Those of them in tables of embeddings, which are floats whatever it computes with.
    pub tables: u64,
    /// Those of them in layers that are floats whatever it computes with: T5's encoders.
    pub float_layers: u64,
}

impl StoredCheckpoint {
    /// Bytes of its weights in memory, or a little more: a table of embeddings may also be the last layer, and is there a
    /// second time as integers then.
    pub fn memory_bytes(&self) -> u64 {
        match self.checkpoint.numbers {
            NumberFormat::F32 => 4 * self.parameters,
            NumberFormat::Bf16 => 2 * self.parameters,
            NumberFormat::Int8 => self.parameters + 4 * self.tables + 3 * self.float_layers,
        }
    }
}

impl ModelStore {
    /// Reads and verifies all checkpoints of a directory. Names that begin with a dot, and files, are left alone.
    /// Takes as long as reading all bytes.
    ///
    /// # Errors
    /// The first folder that is no checkpoint, has an unsafe id or another's, or holds a file that is not what its
    /// manifest says.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let drafts = folders(directory)?
            .iter()
            .map(|folder| Draft::read(folder))
            .collect::<Result<Vec<_>, _>>()?;
        check_ids(&drafts)?;
        let files: Vec<PathBuf> = drafts.iter().flat_map(Draft::paths).collect();
        let mut sums = sha256_of_files(&files)?.into_iter();
        let checkpoints = drafts
            .into_iter()
            .map(|draft| {
                let stored = draft.verified(&mut sums)?;
                Ok((stored.checkpoint.id.clone(), stored))
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self { checkpoints })
    }
}

/// Reads and verifies the checkpoint in a folder.
pub(super) fn open_folder(folder: &Path) -> Result<StoredCheckpoint, StoreError> {
    let draft = Draft::read(folder)?;
    let mut sums = sha256_of_files(&draft.paths())?.into_iter();
    draft.verified(&mut sums)
}

/// Reads the checkpoint in a folder that was verified before.
pub(super) fn read_folder(folder: &Path) -> Result<StoredCheckpoint, StoreError> {
    Draft::read(folder)?.stored()
}

/// The folders of a directory, in the order of their names.
fn folders(directory: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut folders: Vec<PathBuf> = entries
        .map_err(io_at(directory))?
        .iter()
        .filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
        .map(fs::DirEntry::path)
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    Ok(folders)
}

/// Refuses an id that two have, or that the embedded bundle has.
fn check_ids(drafts: &[Draft]) -> Result<(), StoreError> {
    let embedded = Bundle::embedded().map(|bundle| bundle.manifest().id.clone()).ok();
    let mut taken: BTreeMap<&str, String> = BTreeMap::new();
    if let Some(id) = &embedded {
        taken.insert(id, "the embedded model".into());
    }
    for draft in drafts {
        let id = draft.manifest.id.as_str();
        if let Some(other) = taken.insert(id, draft.folder.display().to_string()) {
            return Err(StoreProblem::DuplicateId { id: id.to_owned(), other }.at(&draft.folder));
        }
    }
    Ok(())
}

/// SHA-256 that identifies a set of files: that of the lines `sha256sum` prints for them, by name.
fn identity(files: &[CheckpointFile]) -> String {
    let mut lines: Vec<_> = files
        .iter()
        .map(|file| (&file.path, format!("{}  {}\n", file.sha256, file.path)))
        .collect();
    lines.sort();
    let text: String = lines.into_iter().map(|(_, line)| line).collect();
    sha256_hex(text.as_bytes())
}
