//! The model at work: tokenisation, windows, batches, encoder and heads, on threads of its own.
//!
//! The only user of rust-bert, tch and rten. The model never runs on the async runtime: a caller makes a [`Plan`] of an
//! article and awaits its [`Reading`], while worker threads encode windows, of one article or of several, in the
//! order of the schedule.

mod article_heads;
mod backend;
mod bert;
mod checkpoint;
mod checkpoints;
mod counters;
mod encoder;
mod entailer;
mod heads;
mod house;
mod int8;
mod line;
mod plan;
mod pooling;
mod portion;
mod queue;
mod schedule;
mod stages;
mod stance;
mod summariser;
mod tokenizer;
mod transformer;
mod turn;
mod weights;
mod window;
mod worker;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{oneshot, watch};

pub use backend::{LoadError, Model};
pub use bert::BertModel;
pub use checkpoint::{Entailment, Generated, GenerationSettings, Generator};
pub use checkpoints::{CheckpointOptions, Checkpoints, torch_threads};
pub use counters::{EngineCounters, Histogram, HistogramSnapshot};
pub use encoder::{Encoder, TokenVectors};
pub use entailer::{Entailer, EntailmentReading};
pub use house::{House, Place, StreamEntrance};
pub use plan::Plan;
pub use pooling::WindowSums;
pub use queue::EngineError;
pub use summariser::{GeneratedText, GenerationWish, Summariser};

use crate::analysis::{Reading, ReadingRequest};
use crate::model::Precision;
use queue::{Job, Queue};
use schedule::{BatchRule, JobId};
use stages::Stages;
use worker::Worker;

/// How an engine is set up.
#[derive(Debug, Clone, Copy)]
pub struct EngineOptions {
    /// Threads that compute at once.
    pub threads: usize,
    /// Most tokens of a batch; with floats padding counts too.
    pub batch_tokens: usize,
    /// Number format of the encoder's products.
    pub precision: Precision,
}

/// A handle to the engine. Clones share it; the workers end when the last handle is dropped.
#[derive(Clone)]
pub struct Engine {
    model: Arc<dyn Model>,
    handle: Arc<Handle>,
    workers: usize,
    recovering: watch::Receiver<usize>,
}

/// Closes the queue when nobody can put anything into it any more.
#[derive(Debug)]
struct Handle(Arc<Queue>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Engine {
    /// Starts the worker threads for a model. On integers each window is computed by itself, so that every thread
    /// has a worker; on floats one worker has all threads for padded batches.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(options: EngineOptions, model: impl Model) -> Result<Self, LoadError> {
        let (workers, padded) = match options.precision {
            Precision::Int8 => (options.threads.max(1), false),
            Precision::F32 => (1, true),
        };
        let queue = Arc::new(Queue::new(BatchRule { tokens: options.batch_tokens, padded }));
        let model: Arc<dyn Model> = Arc::new(model);
        let (sender, recovering) = watch::channel(0);
        let sender = Arc::new(sender);
        let handle = Arc::new(Handle(Arc::clone(&queue)));
        for number in 0..workers {
            let (model, queue) = (Arc::clone(&model), Arc::clone(&queue));
            Worker { model, queue, recovering: Arc::clone(&sender) }.spawn(number)?;
        }
        Ok(Self { model, handle, workers, recovering })
    }

    /// Prepares an article. Takes as long as tokenisation: not for the async runtime.
    ///
    /// # Errors
    /// When the article cannot be tokenised.
    pub fn plan(&self, request: ReadingRequest) -> Result<Plan, EngineError> {
        self.model.plan(request).map_err(|problem| {
            tracing::error!(problem, "an article cannot be tokenised");
            EngineError::Model(problem)
        })
    }

    /// Has an article read that has a place in the house. What is not under way when the future is dropped or `deadline`
    /// passes is not computed.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn read(
        &self,
        plan: Plan,
        deadline: Option<Instant>,
        place: Place,
    ) -> Result<Reading, EngineError> {
        let (reply, answer) = oneshot::channel();
        let plan = Arc::new(plan);
        let queue = &self.handle.0;
        let (sent, stages) = (Instant::now(), Stages::queue());
        let id = queue.add(Job { plan, deadline, sent, place, stages, reply })?;
        let _leave = Leave { queue, id };
        answer.await.map_err(|_| EngineError::Stopped)?
    }

    /// How many workers wait for the model to recover from a panic: it works when there are none.
    pub fn recovering(&self) -> watch::Receiver<usize> {
        self.recovering.clone()
    }

    /// Articles of which nothing has been read yet.
    pub fn waiting(&self) -> usize {
        self.handle.0.waiting()
    }

    /// Threads that take batches.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// What the engine has done so far.
    pub fn counters(&self) -> &EngineCounters {
        &self.handle.0.counters
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// Takes a job out of the queue when its caller waits no longer; nothing is left to take of one that was answered.
struct Leave<'q> {
    queue: &'q Queue,
    id: JobId,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.queue.leave(self.id);
    }
}
