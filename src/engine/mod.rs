//! The model at work: tokenisation, windows, batches, encoder and heads, on threads of its own.
//!
//! The only user of rust-bert, tch and rten. Torch never runs on the async runtime: callers send a
//! [`ReadingRequest`] through a bounded queue to a worker thread and
//! await the reply.

mod article_heads;
mod backend;
mod batch;
mod bert;
mod encoder;
mod heads;
mod house;
mod int8;
mod pooling;
mod queue;
mod stance;
mod tokenizer;
mod transformer;
mod weights;
mod window;
mod worker;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{oneshot, watch};

pub use backend::{Backend, Interrupted, LoadError};
pub use bert::BertBackend;
pub use encoder::{Encoder, TokenVectors};
pub use house::{House, Place};
pub use queue::{EngineCounters, EngineError, Moot};

use crate::analysis::{Reading, ReadingRequest};
use crate::model::Precision;
use queue::{Job, JobSender};

/// How an engine is set up.
#[derive(Debug, Clone, Copy)]
pub struct EngineOptions {
    /// Threads that torch uses for one batch.
    pub threads: usize,
    /// Most tokens of a batch; with floats padding counts too.
    pub batch_tokens: usize,
    /// Number format of the encoder's products.
    pub precision: Precision,
    /// Requests that may wait: as many as the house has places.
    pub queue_capacity: usize,
}

/// A handle to the engine. Clones share it; the worker ends when the last handle is dropped.
#[derive(Debug, Clone)]
pub struct Engine {
    queue: JobSender,
    counters: Arc<EngineCounters>,
    healthy: watch::Receiver<bool>,
}

impl Engine {
    /// Starts the worker thread with a backend that `load` makes on that thread; `load` is called
    /// again when a panic has cost the worker its backend. Returns when the backend is loaded and
    /// warm.
    ///
    /// # Errors
    /// When the thread cannot be started, or the backend cannot be loaded or cannot read.
    pub async fn start<B, L>(options: EngineOptions, load: L) -> Result<Self, LoadError>
    where
        B: Backend,
        L: Fn() -> Result<B, LoadError> + Send + 'static,
    {
        let counters = Arc::new(EngineCounters::default());
        let (queue, jobs) = queue::bounded(options.queue_capacity);
        let (ready, loaded) = oneshot::channel();
        let (health, healthy) = watch::channel(true);
        worker::spawn(jobs, Arc::clone(&counters), health, load, ready)?;
        loaded.await.map_err(|_| LoadError::Worker("the worker ended while loading".into()))??;
        Ok(Self { queue, counters, healthy })
    }

    /// Has an article read that has a place in the house. The work is not done when the future is dropped or `deadline` passes
    /// before it starts, and is given up between batches.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn read(
        &self,
        request: ReadingRequest,
        deadline: Option<Instant>,
        place: Place,
    ) -> Result<Reading, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Job { request, deadline, sent: Instant::now(), place, reply })?;
        answer.await.map_err(|_| EngineError::Stopped)?
    }

    /// Whether the worker has a backend: false from a panic until it is replaced.
    pub fn healthy(&self) -> watch::Receiver<bool> {
        self.healthy.clone()
    }

    /// What the engine has done so far.
    pub fn counters(&self) -> &EngineCounters {
        &self.counters
    }
}
