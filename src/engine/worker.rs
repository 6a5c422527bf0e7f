//! The worker thread: takes jobs in turn, reads them, and outlives whatever the model does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;

use tokio::sync::oneshot;

use super::backend::{Backend, Interrupted, LoadError};
use super::queue::{EngineCounters, EngineError, Job, Moot};
use crate::analysis::Reading;

/// Starts the thread. `ready` hears whether the first load and the warm-up went well.
pub(super) fn spawn<B, L>(
    jobs: mpsc::Receiver<Job>,
    counters: Arc<EngineCounters>,
    load: L,
    ready: oneshot::Sender<Result<(), LoadError>>,
) -> Result<(), LoadError>
where
    B: Backend,
    L: Fn() -> Result<B, LoadError> + Send + 'static,
{
    let work = move || {
        let backend = match load_warm(&load) {
            Ok(backend) => backend,
            Err(error) => {
                // Nobody is left to tell when the caller of `start` is gone.
                let _gone = ready.send(Err(error));
                return;
            }
        };
        if ready.send(Ok(())).is_ok() {
            Worker { backend: Some(backend), load, counters }.run(&jobs);
        }
    };
    let thread = std::thread::Builder::new().name("engine-worker".into());
    thread.spawn(work).map(drop).map_err(|error| LoadError::Worker(error.to_string()))
}

fn load_warm<B: Backend>(load: impl Fn() -> Result<B, LoadError>) -> Result<B, LoadError> {
    let warm = || {
        let mut backend = load()?;
        backend.warm_up()?;
        Ok(backend)
    };
    catch_unwind(AssertUnwindSafe(warm))
        .unwrap_or_else(|panic| Err(LoadError::Worker(words(&*panic))))
}

struct Worker<B, L> {
    /// None after a panic, until the next job has it loaded again.
    backend: Option<B>,
    load: L,
    counters: Arc<EngineCounters>,
}

impl<B: Backend, L: Fn() -> Result<B, LoadError>> Worker<B, L> {
    /// Works until the last sender is gone.
    fn run(mut self, jobs: &mpsc::Receiver<Job>) {
        for job in jobs {
            let started = Instant::now();
            let outcome = match job.moot(started) {
                Some(moot) => Err(Interrupted::Moot(moot)),
                None => self.read(&job),
            };
            let counter = match &outcome {
                Ok(_) => &self.counters.read,
                Err(Interrupted::Moot(Moot::Cancelled)) => &self.counters.cancelled,
                Err(Interrupted::Moot(Moot::Expired)) => &self.counters.expired,
                Err(Interrupted::Failed(_)) => &self.counters.failed,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            let answer = outcome
                .map(|reading| Reading {
                    queue: started.saturating_duration_since(job.sent),
                    inference: started.elapsed(),
                    ..reading
                })
                .map_err(EngineError::from);
            // A caller that has left does not want the answer.
            let _left = job.reply.send(answer);
        }
    }

    /// Reads one job. A panic costs the backend, which may be in any state after it, and this job.
    fn read(&mut self, job: &Job) -> Result<Reading, Interrupted> {
        let mut backend = match self.backend.take() {
            Some(backend) => backend,
            None => {
                load_warm(&self.load).map_err(|error| Interrupted::Failed(error.to_string()))?
            }
        };
        let batches: &AtomicU64 = &self.counters.batches;
        let proceed = || {
            batches.fetch_add(1, Ordering::Relaxed);
            job.moot(Instant::now()).map_or(Ok(()), |moot| Err(Interrupted::Moot(moot)))
        };
        match catch_unwind(AssertUnwindSafe(|| backend.read(&job.request, &proceed))) {
            Ok(outcome) => {
                self.backend = Some(backend);
                outcome
            }
            Err(panic) => {
                let message = words(&*panic);
                tracing::error!(panic = %message, "the model panicked; the worker is replaced");
                Err(Interrupted::Failed(message))
            }
        }
    }
}

impl From<Interrupted> for EngineError {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Moot(Moot::Expired) => Self::DeadlineExceeded,
            Interrupted::Moot(Moot::Cancelled) => Self::Stopped,
            Interrupted::Failed(message) => Self::Model(message),
        }
    }
}

/// First line of what a panic says.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.and_then(|text| text.lines().next()).unwrap_or("panic").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Passage, ReadingRequest};
    use crate::engine::{Engine, EngineOptions};

    /// Panics on the word "panic", else reads nothing.
    struct Brittle;

    impl Backend for Brittle {
        fn warm_up(&mut self) -> Result<(), LoadError> {
            Ok(())
        }

        fn read(
            &mut self,
            request: &ReadingRequest,
            proceed: &dyn Fn() -> Result<(), Interrupted>,
        ) -> Result<Reading, Interrupted> {
            proceed()?;
            assert!(request.passages.iter().all(|passage| passage.text != "panic"), "brittle");
            Ok(Reading::default())
        }
    }

    async fn engine() -> Engine {
        let options = EngineOptions { threads: 1, batch_tokens: 512, queue_capacity: 4 };
        Engine::start(options, || Ok(Brittle)).await.expect("start")
    }

    fn request(text: &str) -> ReadingRequest {
        let passages = vec![Passage { text: text.into(), position: 0 }];
        ReadingRequest { passages, body_count: 1, ..ReadingRequest::default() }
    }

    #[tokio::test]
    async fn a_panic_fails_one_request_and_the_next_succeeds() {
        let engine = engine().await;
        let failed = engine.read(request("panic"), None).await;
        assert_eq!(failed, Err(EngineError::Model("brittle".into())));
        assert!(engine.read(request("calm"), None).await.is_ok());
        assert_eq!(engine.counters().failed.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn an_expired_job_is_not_read() {
        let engine = engine().await;
        let outcome = engine.read(request("calm"), Some(Instant::now())).await;
        assert_eq!(outcome, Err(EngineError::DeadlineExceeded));
        assert_eq!(engine.counters().batches.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_backend_that_cannot_load_says_why() {
        let options = EngineOptions { threads: 1, batch_tokens: 512, queue_capacity: 4 };
        let load = || Err::<Brittle, _>(LoadError::Worker("no weights".into()));
        let error = Engine::start(options, load).await.expect_err("no backend");
        assert!(error.to_string().contains("no weights"), "{error}");
    }
}
