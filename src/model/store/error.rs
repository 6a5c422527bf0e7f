//! Why a store of checkpoints cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Architecture, NumberFormat, Task};

/// What is wrong with a store, and with which of its files or folders.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct StoreError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: StoreProblem,
}

/// What is wrong with a file or folder of a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreProblem {
    /// It cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is not what its format says.
    #[error("{0}")]
    Invalid(String),
    /// None of the files that would do is there.
    #[error("has no {what}; tried {}", tried.join(", "))]
    Missing {
        /// What the files hold.
        what: &'static str,
        /// Names that were looked for.
        tried: &'static [&'static str],
    },
    /// Its weights are in a format that the program does not load.
    #[error(
        "has its weights in {0} only: move the folder out of the store, then run `parallax models import FOLDER`"
    )]
    NeedsImport(String),
    /// The id would be no safe name of a folder.
    #[error(
        "\"{0}\" is no id: 1 to 64 of the letters a-z, A-Z, 0-9, `.`, `_`, `-`, the first a letter or digit"
    )]
    UnsafeId(String),
    /// A file's name leads out of the folder.
    #[error("\"{0}\" is no plain file name")]
    UnsafeName(String),
    /// Another model has the id.
    #[error("has the id \"{id}\", as {other} has")]
    DuplicateId {
        /// The id.
        id: String,
        /// Who else has it.
        other: String,
    },
    /// There is such a checkpoint already.
    #[error("is there already: remove it, or give another --id")]
    Exists,
    /// `config.json` names a network that is not known.
    #[error("architecture {found} is none of {}", known())]
    UnknownArchitecture {
        /// Its name there.
        found: String,
    },
    /// `config.json` names a class of another kind.
    #[error(
        "architectures says {0}; expected one that ends in ForConditionalGeneration or ForSequenceClassification"
    )]
    UnknownClass(String),
    /// The network does not serve the task.
    #[error("{} does not serve {}", architecture.name(), task.name())]
    WrongTask {
        /// The network.
        architecture: Architecture,
        /// The task.
        task: Task,
    },
    /// The network does not serve the task with these numbers.
    #[error("{} does not serve {} with {}", architecture.name(), task.name(), numbers.name())]
    WrongNumbers {
        /// The network.
        architecture: Architecture,
        /// The task.
        task: Task,
        /// The numbers.
        numbers: NumberFormat,
    },
    /// A classifier without a label for entailment.
    #[error("id2label has [{}], none of which begins with \"entail\"", .0.join(", "))]
    NoEntailment(Vec<String>),
    /// A file has another size than the manifest says.
    #[error("has {actual} bytes, the manifest says {expected}")]
    Size {
        /// What the manifest says.
        expected: u64,
        /// What was found.
        actual: u64,
    },
    /// A file is another than the manifest says.
    #[error("has the sha256 {actual}, the manifest says {expected}")]
    Hash {
        /// What the manifest says.
        expected: String,
        /// What was found.
        actual: String,
    },
}

/// All networks there are, for messages.
fn known() -> String {
    Architecture::ALL.map(Architecture::name).join(", ")
}

impl StoreProblem {
    /// The error that names the path.
    pub(in crate::model) fn at(self, path: &Path) -> StoreError {
        StoreError { path: path.to_owned(), problem: self }
    }
}

/// Turns an I/O error into one that names the path.
pub(in crate::model) fn io_at(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    move |error| StoreProblem::Io(error).at(path)
}
