//! Fetches a checkpoint from a Hugging Face hub, or one that speaks as it does.
//!
//! The program's only network client; only `parallax models pull` uses it.

mod backoff;
mod client;
mod download;
mod error;
mod hub;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

pub use backoff::Backoff;
pub use client::Token;
pub use error::{FetchError, Refusal};
pub use hub::Hub;

use super::NumberFormat;
use super::import::{free_place, publish, safetensors_name, to_safetensors};
use super::store::{
    FileRole, Provenance, StoreProblem, StoredCheckpoint, WeightsForm, check_id, id_of, is_index,
    kind_of, open_folder, read_folder, select, select_weights, weight_files, weights_form,
};
use client::Client;
use error::io_at;
use hub::{RemoteFile, Repository};

/// What to pull, from where.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// The hub.
    pub hub: Hub,
    /// Repository, such as `facebook/bart-large-cnn`.
    pub repository: String,
    /// Branch, tag or commit; the hub's `main` without one.
    pub revision: Option<String>,
    /// Id; the last part of the repository's name when there is none.
    pub id: Option<String>,
    /// Numbers to compute with; those of the files without any.
    pub numbers: Option<NumberFormat>,
    /// The store.
    pub store: PathBuf,
    /// What the hub knows the caller by.
    pub token: Option<Token>,
    /// Whether to do without the network.
    pub offline: bool,
    /// When to ask again.
    pub backoff: Backoff,
}

/// How far a pull is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullEvent<'e> {
    /// Bytes of all files, those that are there included.
    Total(u64),
    /// A file begins.
    File(&'e str),
    /// Bytes that are there.
    Done(u64),
    /// All files are there and verified; the rest is local.
    Complete,
}

/// What a pull did.
#[derive(Debug, Clone, PartialEq)]
pub enum Pulled {
    /// The checkpoint is new in the store.
    New(StoredCheckpoint),
    /// The store had it; its files were verified.
    Present(StoredCheckpoint),
}

/// Fetches a checkpoint into the store. The folder appears in the store when all of it is there and verified. What
/// an interrupted pull fetched is in `.pull-ID`, where the next one goes on.
///
/// # Errors
/// See [`FetchError`].
pub fn pull(
    request: &PullRequest,
    tell: &mut dyn FnMut(PullEvent<'_>),
) -> Result<Pulled, FetchError> {
    let parts = repository_parts(&request.repository)?;
    let id = request.id.as_deref().unwrap_or_else(|| id_of(&request.repository));
    check_id(id).map_err(|problem| FetchError::Request(problem.to_string()))?;
    let source = request.hub.at(parts.iter().copied()).to_string();
    let revision = request.revision.as_deref();
    if request.offline {
        return present(request, id, &source, revision)?.ok_or_else(|| {
            let store = request.store.display();
            FetchError::Offline(format!("{store} has no {id} of {source} at this revision"))
        });
    }
    let client = Client::new(request.hub.0.clone(), request.token.clone(), request.backoff)?;
    let api = ["api", "models"].into_iter().chain(parts.iter().copied());
    let url = request.hub.at(api.chain(["revision", revision.unwrap_or("main")]));
    let repository = hub::repository(&client, &url)?;
    if let Some(present) = present(request, id, &source, Some(&repository.commit))? {
        return Ok(present);
    }
    let address = |name: &str| {
        let parts = parts.iter().copied();
        request.hub.at(parts.chain(["resolve", &repository.commit, name]))
    };
    let target = free_place(&request.store, id)?;
    let place = Place::new(&request.store, id, &repository.commit)?;
    let files = Fetch {
        client: &client,
        folder: &place.staging,
        address: &address,
        numbers: request.numbers,
        tell,
    }
    .all(&repository, &source)?;
    tell(PullEvent::Complete);
    let provenance = Provenance { numbers: request.numbers, ..repository.provenance(source) };
    place.publish(&target, id, files, provenance)?;
    Ok(Pulled::New(read_folder(&target)?))
}

/// The parts of a repository's name: an owner and a name, or a name alone.
fn repository_parts(repository: &str) -> Result<Vec<&str>, FetchError> {
    let parts: Vec<&str> = repository.split('/').collect();
    if parts.len() <= 2 && parts.iter().all(|part| is_name(part)) {
        Ok(parts)
    } else {
        let problem = format!("\"{repository}\" is no repository: OWNER/NAME, or NAME");
        Err(FetchError::Request(problem))
    }
}

/// Whether a part is what a hub has for a name: 96 characters at most, and none that lead elsewhere.
fn is_name(part: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=96).contains(&part.len()) && !part.starts_with('.') && part.chars().all(fits)
}

/// The checkpoint of a source in the store, when it has the revision; verified.
fn present(
    request: &PullRequest,
    id: &str,
    source: &str,
    revision: Option<&str>,
) -> Result<Option<Pulled>, FetchError> {
    let folder = request.store.join(id);
    if !folder.exists() {
        return Ok(None);
    }
    let known = read_folder(&folder)?;
    if known.source != source || revision.is_some_and(|revision| known.revision != revision) {
        return Ok(None);
    }
    let numbers = known.checkpoint.numbers;
    if request.numbers.is_some_and(|wanted| wanted != numbers) {
        let (folder, numbers) = (folder.display(), numbers.name());
        let problem = format!("{folder} is there and computes with {numbers}: change its manifest");
        return Err(FetchError::Request(problem));
    }
    Ok(Some(Pulled::Present(open_folder(&folder)?)))
}

/// Where an unfinished pull keeps its files. One process at a time has it.
struct Place {
    root: PathBuf,
    staging: PathBuf,
    _lock: File,
}

impl Place {
    /// Takes the place of an id, and removes what was fetched of other commits.
    fn new(store: &Path, id: &str, commit: &str) -> Result<Self, FetchError> {
        let root = store.join(format!(".pull-{id}"));
        let staging = root.join(commit);
        fs::create_dir_all(&root).map_err(io_at(&root))?;
        let lock = File::open(&root).map_err(io_at(&root))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => FetchError::Busy(root.clone()),
            TryLockError::Error(error) => io_at(&root)(error),
        })?;
        for entry in fs::read_dir(&root).map_err(io_at(&root))? {
            let path = entry.map_err(io_at(&root))?.path();
            if path != staging {
                fs::remove_dir_all(&path).map_err(io_at(&path))?;
            }
        }
        fs::create_dir_all(&staging).map_err(io_at(&staging))?;
        Ok(Self { root, staging, _lock: lock })
    }

    /// Moves what was fetched into the store, and gives the place up.
    fn publish(
        self,
        target: &Path,
        id: &str,
        files: Vec<(FileRole, String)>,
        provenance: Provenance,
    ) -> Result<(), FetchError> {
        let files = converted(&self.staging, files)?;
        publish(&self.staging, target, id, files, provenance)?;
        fs::remove_dir_all(&self.root).map_err(io_at(&self.root))
    }
}

/// Fetches the files of a repository.
struct Fetch<'f> {
    client: &'f Client,
    folder: &'f Path,
    address: &'f dyn Fn(&str) -> url::Url,
    numbers: Option<NumberFormat>,
    tell: &'f mut dyn FnMut(PullEvent<'_>),
}

impl Fetch<'_> {
    /// Fetches what a checkpoint needs: what tells whether it can be run first, the weights last.
    fn all(
        &mut self,
        repository: &Repository,
        source: &str,
    ) -> Result<Vec<(FileRole, String)>, FetchError> {
        let wrong = |problem| FetchError::Repository { repository: source.to_owned(), problem };
        let mut files = select(&repository.names).map_err(wrong)?;
        let weights = select_weights(&repository.names).map_err(wrong)?;
        let mut first: Vec<&str> = files.iter().map(|(_, name)| name.as_str()).collect();
        if is_index(weights) {
            first.push(weights);
        }
        self.some(&first)?;
        kind_of(self.folder, self.numbers)?;
        let names = weight_files(self.folder, weights)?;
        if let Some(name) = names.iter().find(|&name| !repository.names.contains(name)) {
            let problem = format!("the index names {name}, which the repository does not have");
            return Err(wrong(StoreProblem::Invalid(problem)));
        }
        self.some(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
        files.extend(names.into_iter().map(|name| (FileRole::Weights, name)));
        Ok(files)
    }

    /// Fetches these files.
    fn some(&mut self, names: &[&str]) -> Result<(), FetchError> {
        let ask = |name: &&str| hub::remote_file(self.client, name, (self.address)(name));
        let files = names.iter().map(ask).collect::<Result<Vec<RemoteFile>, _>>()?;
        (self.tell)(PullEvent::Total(files.iter().map(|file| file.bytes).sum()));
        let mut before = 0;
        for file in &files {
            (self.tell)(PullEvent::File(&file.name));
            let mut done = |bytes| (self.tell)(PullEvent::Done(before + bytes));
            download::download(self.client, file, self.folder, &mut done)?;
            before += file.bytes;
        }
        Ok(())
    }
}

/// Turns weights that are no safetensors into such, and removes them.
fn converted(
    folder: &Path,
    files: Vec<(FileRole, String)>,
) -> Result<Vec<(FileRole, String)>, FetchError> {
    let sharded = files.iter().filter(|(role, _)| *role == FileRole::Weights).count() > 1;
    let mut converted = Vec::new();
    for (role, name) in files {
        let foreign = role == FileRole::Weights && weights_form(&name) != WeightsForm::Safetensors;
        let target = if foreign { safetensors_name(&name, sharded) } else { name.clone() };
        if foreign {
            to_safetensors(&folder.join(&name), &folder.join(&target))?;
        }
        converted.push((role, target));
    }
    keep_only(folder, &converted)?;
    Ok(converted)
}

/// Removes what is no file of the checkpoint: weights that were converted, indexes.
fn keep_only(folder: &Path, files: &[(FileRole, String)]) -> Result<(), FetchError> {
    for entry in fs::read_dir(folder).map_err(io_at(folder))? {
        let entry = entry.map_err(io_at(folder))?;
        if !files.iter().any(|(_, name)| entry.file_name() == name.as_str()) {
            fs::remove_file(entry.path()).map_err(io_at(&entry.path()))?;
        }
    }
    Ok(())
}
