//! What reads: the trait behind which an engine for the model stands.

use super::encoder::TokenVectors;
use super::plan::Plan;
use super::pooling::WindowSums;
use crate::analysis::{Reading, ReadingRequest};
use crate::model::BundleError;

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file of the bundle is missing, changed or unreadable.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The files do not make up the model.
    #[error("{0}")]
    Model(String),
    /// libtorch refused.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// A worker thread did not come up.
    #[error("{0}")]
    Worker(String),
}

/// A loaded model, shared by all threads; nothing in it changes an answer once it is loaded. What goes wrong is told in
/// words for the log.
pub trait Model: Send + Sync + 'static {
    /// Prepares an article; on the caller's thread.
    ///
    /// # Errors
    /// When it cannot be tokenised.
    fn plan(&self, request: ReadingRequest) -> Result<Plan, String>;

    /// Token vectors of windows of token ids; on a worker's thread. May panic.
    ///
    /// # Errors
    /// When the model fails.
    fn encode(&self, windows: &[&[i64]]) -> Result<TokenVectors, String>;

    /// Reads an article whose windows are encoded; `sums` has what each window adds, in their order. On a worker's
    /// thread. May panic.
    ///
    /// # Errors
    /// When the model fails.
    fn judge(&self, plan: &Plan, sums: &[WindowSums]) -> Result<Reading, String>;
}
