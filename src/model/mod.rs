//! Model bundles: what their files are, and that they are what the manifest says.

mod bundle;
mod checkpoint;
mod manifest;
mod precision;

pub use bundle::{Bundle, BundleError, WeightTensor};
pub use checkpoint::{
    Architecture, Checkpoint, CheckpointFiles, FloatFormat, Task, TokenizerFiles,
};
pub use manifest::{FileEntry, HeadEntry, HeadInput, HeadVector, Manifest};
pub use precision::Precision;
