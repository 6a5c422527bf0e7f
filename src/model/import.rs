//! Brings a folder in the Hugging Face layout into the store: weights as safetensors, with a manifest.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::convert;
use super::store::{
    FileRole, MANIFEST, Provenance, StoreError, StoreProblem, StoredCheckpoint, WeightsForm,
    check_id, describe, id_of, io_at, is_index, kind_of, names, read_folder, select,
    select_weights, weight_files, weights_form,
};

/// What to import.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// A folder in the Hugging Face layout, or the file of weights in one.
    pub source: PathBuf,
    /// The store.
    pub store: PathBuf,
    /// Id; the folder's name when there is none.
    pub id: Option<String>,
    /// What its files do not tell.
    pub provenance: Provenance,
}

/// Why a checkpoint cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Source or store are not as they must be.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Weights cannot be converted.
    #[error("{}: {problem}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// Copies a checkpoint into the store, its weights converted where they are no safetensors. The folder appears in
/// the store when all of it is there, and not at all after an error.
///
/// # Errors
/// When the source is no checkpoint that the program runs, or the store has one with the id.
pub fn import(request: &ImportRequest) -> Result<StoredCheckpoint, ImportError> {
    let (folder, weights) = source(&request.source)?;
    let name = folder.canonicalize().map_err(io_at(&folder))?;
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let id = request.id.as_deref().unwrap_or_else(|| id_of(&name));
    let target = free_place(&request.store, id)?;
    kind_of(&folder, request.provenance.numbers)?;
    let mut files = select(&names(&folder)?).map_err(|problem| problem.at(&folder))?;
    let staging = Staging::new(&request.store, id)?;
    for (_, name) in &files {
        copy(&folder.join(name), &staging.0.join(name))?;
    }
    for name in weight_files(&folder, &weights)? {
        let target = safetensors_name(&name, is_index(&weights));
        to_safetensors(&folder.join(&name), &staging.0.join(&target))?;
        files.push((FileRole::Weights, target));
    }
    publish(&staging.0, &target, id, files, request.provenance.clone())?;
    Ok(read_folder(&target)?)
}

/// The folder of a source, and the file of weights or index of shards in it.
fn source(source: &Path) -> Result<(PathBuf, String), StoreError> {
    if source.is_dir() {
        let weights = select_weights(&names(source)?).map_err(|problem| problem.at(source))?;
        return Ok((source.to_owned(), weights.to_owned()));
    }
    fs::metadata(source).map_err(io_at(source))?;
    let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = source.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok((folder.unwrap_or(Path::new(".")).to_owned(), name))
}

/// The folder that a checkpoint with an id will have.
pub(super) fn free_place(store: &Path, id: &str) -> Result<PathBuf, StoreError> {
    check_id(id).map_err(|problem| problem.at(store))?;
    fs::metadata(store).map_err(io_at(store))?;
    let target = store.join(id);
    if target.exists() { Err(StoreProblem::Exists.at(&target)) } else { Ok(target) }
}

/// The name that weights have in the store.
pub(super) fn safetensors_name(name: &str, sharded: bool) -> String {
    if !sharded {
        return "model.safetensors".into();
    }
    Path::new(name).with_extension("safetensors").to_string_lossy().into_owned()
}

/// Copies or converts a file of weights.
pub(super) fn to_safetensors(from: &Path, to: &Path) -> Result<(), ImportError> {
    let form = weights_form(&from.to_string_lossy());
    if form == WeightsForm::Safetensors {
        return Ok(copy(from, to)?);
    }
    tracing::info!(from = %from.display(), "converting weights");
    convert::to_safetensors(from, form, to)
        .map_err(|problem| ImportError::Weights { path: from.to_owned(), problem })
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::copy(from, to).map(drop).map_err(io_at(from))
}

/// Writes the manifest of a complete folder beside the store's, and moves it into place at once.
pub(super) fn publish(
    staging: &Path,
    target: &Path,
    id: &str,
    files: Vec<(FileRole, String)>,
    provenance: Provenance,
) -> Result<(), StoreError> {
    let manifest = describe(staging, id, files, provenance)?;
    let toml = toml::to_string(&manifest)
        .map_err(|error| StoreProblem::Invalid(error.to_string()).at(staging))?;
    let path = staging.join(MANIFEST);
    fs::write(&path, toml).map_err(io_at(&path))?;
    settle(staging, target).map_err(io_at(target))
}

/// Moves a folder after its files are on the disk.
fn settle(staging: &Path, target: &Path) -> io::Result<()> {
    for entry in fs::read_dir(staging)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(staging)?.sync_all()?;
    fs::rename(staging, target)?;
    target.parent().map_or(Ok(()), |store| File::open(store)?.sync_all())
}

/// A folder in the store that is not there for readers yet; removed when it was not moved.
struct Staging(PathBuf);

impl Staging {
    fn new(store: &Path, id: &str) -> Result<Self, StoreError> {
        let path = store.join(format!(".import-{id}-{}", std::process::id()));
        fs::create_dir(&path).map_err(io_at(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // It is gone when it was moved into place.
        let _moved = fs::remove_dir_all(&self.0);
    }
}
