//! What reads: the trait behind which an engine for the model stands.

use super::queue::Moot;
use crate::analysis::{Reading, ReadingRequest};
use crate::model::BundleError;

/// Why a backend cannot be loaded.
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
    /// The worker thread did not come up.
    #[error("{0}")]
    Worker(String),
}

/// Why a reading was not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interrupted {
    /// Nobody waits for it any more, or too late.
    Moot(Moot),
    /// The model failed.
    Failed(String),
}

/// Reads articles. One worker thread owns a backend; it may panic, and is then dropped.
pub trait Backend {
    /// Reads something, so that the first request does not pay for what is done once.
    ///
    /// # Errors
    /// When the model cannot read.
    fn warm_up(&mut self) -> Result<(), LoadError>;

    /// Reads an article. `proceed` is asked before each batch; when it says no, the reading ends.
    ///
    /// # Errors
    /// The answer of `proceed`, or what went wrong in the model.
    fn read(
        &mut self,
        request: &ReadingRequest,
        proceed: &dyn Fn() -> Result<(), Interrupted>,
    ) -> Result<Reading, Interrupted>;
}
