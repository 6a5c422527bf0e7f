//! Model bundles: what their files are, and that they are what the manifest says.

mod bundle;
mod manifest;
mod precision;

pub use bundle::{Bundle, BundleError, WeightTensor};
pub use manifest::{FileEntry, HeadEntry, HeadInput, HeadVector, Manifest};
pub use precision::Precision;
