//! Why a checkpoint cannot be pulled.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::model::{ImportError, StoreError, StoreProblem};

/// Why a checkpoint cannot be pulled. What was fetched stays for the next attempt, but for corrupt files.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The request names no repository, or the hub has no usable address.
    #[error("{0}")]
    Request(String),
    /// The network is not to be used.
    #[error("offline: {0}")]
    Offline(String),
    /// The hub refuses, or says that there is no such thing.
    #[error(transparent)]
    Refused(Refusal),
    /// No answer after several attempts.
    #[error("{url}: {problem}; gave up after {attempts} attempts")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// How the last attempt failed.
        problem: String,
        /// How many there were.
        attempts: u32,
    },
    /// The hub's answer is not what its protocol says.
    #[error("{url}: {problem}")]
    Protocol {
        /// What was asked for.
        url: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// A file came complete but is another than the hub says. It was deleted.
    #[error("{file}: has {actual}, the hub says {expected}; it was deleted")]
    Corrupt {
        /// Its name.
        file: String,
        /// What the hub says.
        expected: String,
        /// What was found.
        actual: String,
    },
    /// Another process pulls the checkpoint.
    #[error("{}: another pull of it is under way", .0.display())]
    Busy(PathBuf),
    /// The repository holds no checkpoint that the program runs.
    #[error("{repository}: {problem}")]
    Repository {
        /// Its address.
        repository: String,
        /// What is wrong with it.
        problem: StoreProblem,
    },
    /// A file cannot be written, or what came is no checkpoint that the program runs.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl From<StoreError> for FetchError {
    fn from(error: StoreError) -> Self {
        Self::Import(error.into())
    }
}

/// Turns an I/O error into one that names the path.
pub(super) fn io_at(path: &Path) -> impl FnOnce(io::Error) -> FetchError + '_ {
    move |error| crate::model::store::io_at(path)(error).into()
}

/// A hub's refusal.
#[derive(Debug)]
pub struct Refusal {
    /// What was asked for.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// The hub's own code, such as `GatedRepo`; empty without one.
    pub code: String,
    /// Whether the request carried a token.
    pub with_token: bool,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match (self.status, self.code.as_str(), self.with_token) {
            (_, "RevisionNotFound", _) => "the repository has no such revision",
            (_, "EntryNotFound", _) => "the revision has no such file",
            (_, "GatedRepo", true) | (403, _, true) => {
                "the token gives no access: accept the repository's terms on its page, or take another token"
            }
            (_, "GatedRepo", false) | (403, _, false) => {
                "the repository is gated: accept its terms on its page and set HF_TOKEN"
            }
            (401, _, true) => "no such repository, or HF_TOKEN is not valid or does not reach it",
            (401, _, false) => {
                "no such repository, or it is private or gated: then set HF_TOKEN to a token that may read it"
            }
            (404, ..) => "no such repository or revision",
            _ => "the hub refuses",
        };
        write!(formatter, "{}: status {}: {advice}", self.url, self.status)
    }
}
