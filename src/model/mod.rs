//! Models: what their files are, that they are what a manifest says, and where public ones come from.

mod bundle;
mod checkpoint;
mod convert;
mod fetch;
mod import;
mod manifest;
mod precision;
mod store;

pub(crate) use bundle::sha256_hex;
pub use bundle::{Bundle, BundleError, WeightTensor};
pub use checkpoint::{
    Architecture, Checkpoint, CheckpointFiles, NumberFormat, Task, TokenizerFiles,
};
pub use fetch::{Backoff, FetchError, Hub, PullEvent, PullRequest, Pulled, Refusal, Token, pull};
pub use import::{ImportError, ImportRequest, import};
pub use manifest::{FileEntry, HeadEntry, HeadInput, HeadVector, Manifest};
pub use precision::Precision;
pub use store::{
    CheckpointFile, CheckpointManifest, FileRole, ManifestKind, ModelStore, Provenance, StoreError,
    StoreProblem, StoredCheckpoint,
};
