//! The worker thread: takes jobs in turn, reads them, and outlives whatever the model does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;

use tokio::sync::{oneshot, watch};

use super::backend::{Backend, Interrupted, LoadError};
use super::queue::{EngineCounters, EngineError, Job, Moot};
use crate::analysis::Reading;

/// Starts the thread. `ready` hears whether the first load and the warm-up went well.
pub(super) fn spawn<B, L>(
    jobs: mpsc::Receiver<Job>,
    counters: Arc<EngineCounters>,
    health: watch::Sender<bool>,
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
            Worker { backend: Some(backend), load, counters, health }.run(&jobs);
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
    /// None when it could not be loaded again after a panic; the next job tries again.
    backend: Option<B>,
    load: L,
    counters: Arc<EngineCounters>,
    health: watch::Sender<bool>,
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
            if let Err(EngineError::Model(problem)) = &answer {
                tracing::error!(%problem, "the model failed on a request");
            }
            // Free before the caller knows, so that the next call finds it.
            drop(job.place);
            // A caller that has left does not want the answer.
            let _left = job.reply.send(answer);
            self.replace_backend();
        }
    }

    /// Loads the backend again when a panic has cost it, so that the next caller need not wait.
    fn replace_backend(&mut self) {
        if self.backend.is_none() {
            self.health.send_replace(false);
            match load_warm(&self.load) {
                Ok(backend) => {
                    self.backend = Some(backend);
                    self.health.send_replace(true);
                    tracing::warn!("the model was loaded again after a panic");
                }
                Err(error) => tracing::error!(%error, "the model cannot be loaded again"),
            }
        }
    }

    /// Reads one job. A panic costs the backend, which may be in any state after it, and this job.
    fn read(&mut self, job: &Job) -> Result<Reading, Interrupted> {
        self.replace_backend();
        let Some(mut backend) = self.backend.take() else {
            return Err(Interrupted::Failed("the model is not loaded".into()));
        };
        let batches: &AtomicU64 = &self.counters.batches;
        let proceed = || {
            if let Some(moot) = job.moot(Instant::now()) {
                return Err(Interrupted::Moot(moot));
            }
            batches.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        match catch_unwind(AssertUnwindSafe(|| backend.read(&job.request, &proceed))) {
            Ok(outcome) => {
                self.backend = Some(backend);
                outcome
            }
            Err(panic) => Err(Interrupted::Failed(words(&*panic))),
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
    use crate::engine::{Engine, EngineOptions, House};
    use crate::model::Precision;

    const OPTIONS: EngineOptions = EngineOptions {
        threads: 1,
        batch_tokens: 512,
        precision: Precision::F32,
        queue_capacity: 4,
    };

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
        Engine::start(OPTIONS, || Ok(Brittle)).await.expect("start")
    }

    async fn read(
        engine: &Engine,
        text: &str,
        deadline: Option<Instant>,
    ) -> Result<Reading, EngineError> {
        let place = House::new(1).try_enter().expect("a place");
        engine.read(request(text), deadline, place).await
    }

    fn request(text: &str) -> ReadingRequest {
        let passages = vec![Passage { text: text.into(), position: 0 }];
        ReadingRequest { passages, body_count: 1, ..ReadingRequest::default() }
    }

    #[tokio::test]
    async fn a_panic_fails_one_request_and_the_next_succeeds() {
        let engine = engine().await;
        let failed = read(&engine, "panic", None).await;
        assert_eq!(failed, Err(EngineError::Model("brittle".into())));
        assert!(read(&engine, "calm", None).await.is_ok());
        assert!(*engine.healthy().borrow());
        assert_eq!(engine.counters().failed.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_job_nobody_waits_for_is_not_read_and_gives_its_place_back() {
        let engine = engine().await;
        let house = House::new(1);
        let place = house.try_enter().expect("a place");
        let (reply, answer) = oneshot::channel();
        drop(answer);
        let (sent, deadline) = (Instant::now(), None);
        engine
            .queue
            .send(Job { request: request("calm"), deadline, sent, place, reply })
            .expect("sent");
        assert!(read(&engine, "calm", None).await.is_ok());
        assert_eq!(engine.counters().cancelled.load(Ordering::Relaxed), 1);
        assert_eq!(engine.counters().read.load(Ordering::Relaxed), 1);
        assert!(house.is_empty());
    }

    #[tokio::test]
    async fn an_expired_job_is_not_read() {
        let engine = engine().await;
        let outcome = read(&engine, "calm", Some(Instant::now())).await;
        assert_eq!(outcome, Err(EngineError::DeadlineExceeded));
        assert_eq!(engine.counters().batches.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_backend_that_cannot_load_says_why() {
        let load = || Err::<Brittle, _>(LoadError::Worker("no weights".into()));
        let error = Engine::start(OPTIONS, load).await.expect_err("no backend");
        assert!(error.to_string().contains("no weights"), "{error}");
    }
}
