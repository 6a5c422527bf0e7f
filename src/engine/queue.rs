//! The way from callers to the worker: a bounded channel of jobs.

use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::house::Place;
use crate::analysis::{Reading, ReadingRequest};

/// Why an article was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The deadline passed before the reading was finished.
    #[error("the deadline passed before the article was read")]
    DeadlineExceeded,
    /// The model failed or panicked on this request.
    #[error("the model failed: {0}")]
    Model(String),
    /// The engine has stopped.
    #[error("the engine has stopped")]
    Stopped,
}

/// What the engine has done, counted from its start.
#[derive(Debug, Default)]
pub struct EngineCounters {
    /// Articles read to the end.
    pub read: AtomicU64,
    /// Jobs dropped because nobody waited any more.
    pub cancelled: AtomicU64,
    /// Jobs dropped because their deadline had passed.
    pub expired: AtomicU64,
    /// Jobs that failed in the model.
    pub failed: AtomicU64,
    /// Batches that the encoder ran.
    pub batches: AtomicU64,
}

/// An article to be read, and where the answer goes.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) request: ReadingRequest,
    pub(super) deadline: Option<Instant>,
    pub(super) sent: Instant,
    /// Held until the job is done with.
    pub(super) place: Place,
    pub(super) reply: oneshot::Sender<Result<Reading, EngineError>>,
}

/// Why a job need not be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moot {
    /// The caller left.
    Cancelled,
    /// The deadline passed.
    Expired,
}

impl Job {
    /// Whether the work has become pointless.
    pub(super) fn moot(&self, now: Instant) -> Option<Moot> {
        if self.reply.is_closed() {
            Some(Moot::Cancelled)
        } else if self.deadline.is_some_and(|deadline| deadline <= now) {
            Some(Moot::Expired)
        } else {
            None
        }
    }
}

/// The callers' end.
#[derive(Debug, Clone)]
pub(super) struct JobSender(mpsc::SyncSender<Job>);

impl JobSender {
    /// Puts a job into the queue without waiting.
    pub(super) fn send(&self, job: Job) -> Result<(), EngineError> {
        // The queue holds as many jobs as the house has places, and each job has one: a send fails
        // only when the worker is gone.
        self.0.try_send(job).map_err(|_| EngineError::Stopped)
    }
}

/// A queue that holds at most `capacity` jobs.
pub(super) fn bounded(capacity: usize) -> (JobSender, mpsc::Receiver<Job>) {
    let (sender, receiver) = mpsc::sync_channel(capacity);
    (JobSender(sender), receiver)
}
