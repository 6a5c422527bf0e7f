//! The worker threads: they take windows, have them encoded, and outlive whatever the model does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::backend::{LoadError, Model};
use super::pooling::WindowSums;
use super::queue::{Batch, EngineError, Queue, ReadJob};
use crate::analysis::Reading;

/// Ids of a window that any model can read: small ones.
const CHECK: [i64; 2] = [0, 0];
/// How long a worker waits before it asks again whether the model works.
const CHECK_AGAIN: Duration = Duration::from_secs(1);

/// A worker.
pub(super) struct Worker {
    pub(super) model: Arc<dyn Model>,
    pub(super) queue: Arc<Queue>,
    /// How many workers wait for the model to recover.
    pub(super) recovering: Arc<watch::Sender<usize>>,
}

impl Worker {
    /// Starts the thread; it ends when the queue is closed.
    pub(super) fn spawn(self, number: usize) -> Result<(), LoadError> {
        let thread = std::thread::Builder::new().name(format!("engine-{number}"));
        let spawned = thread.spawn(move || self.run());
        spawned.map(drop).map_err(|error| LoadError::Worker(error.to_string()))
    }

    fn run(&self) {
        while let Some(batch) = self.queue.take() {
            let failures = self.work(batch);
            if failures.iter().any(|failure| failure.panicked) {
                self.recover();
            }
        }
    }

    /// Works on a batch; returns what went wrong. When it fails the articles are tried one by one: only those that the
    /// model cannot read fail.
    fn work(&self, batch: Batch) -> Vec<ModelFailure> {
        match caught(|| self.encode(&batch)) {
            Ok(sums) => {
                let read = self.queue.store(&batch, sums);
                drop(batch);
                read.into_iter().filter_map(|job| self.judge(job).err()).collect()
            }
            Err(failure) => {
                tracing::error!(problem = failure.told(), "the model failed on a batch");
                let jobs = batch.by_job();
                if let [alone] = jobs.as_slice() {
                    self.queue.fail(alone, &failure.problem);
                    return vec![failure];
                }
                let one_by_one = jobs.into_iter().flat_map(|batch| self.work(batch));
                one_by_one.chain([failure]).collect()
            }
        }
    }

    /// What each window of a batch adds to the sums of its article.
    fn encode(&self, batch: &Batch) -> Result<Vec<WindowSums>, String> {
        let ids: Vec<&[i64]> = batch.ids().collect();
        let begun = Instant::now();
        let vectors = self.model.encode(&ids)?;
        self.queue.counters.encoder_seconds.observe_seconds(begun.elapsed());
        let windows = batch.windows.iter().enumerate();
        let sums = windows.map(|(row, (at, plan))| {
            let planned = plan.windows.get(at.window);
            planned.map_or_else(WindowSums::new, |p| plan.targets.sums(&p.window, row, &vectors))
        });
        Ok(sums.collect())
    }

    fn judge(&self, read: ReadJob) -> Result<(), ModelFailure> {
        let ReadJob { mut job, started, sums } = read;
        if job.reply.is_closed() {
            self.queue.count_left(&job);
            return Ok(());
        }
        let counters = &self.queue.counters;
        job.stages.judge();
        match caught(|| self.model.judge(&job.plan, &sums)) {
            Ok(reading) => {
                counters.read.fetch_add(1, Ordering::Relaxed);
                let queue = started.saturating_duration_since(job.sent);
                let inference = started.elapsed();
                counters.inference_seconds.observe_seconds(inference);
                job.answer(Ok(Reading { queue, inference, ..reading }));
                Ok(())
            }
            Err(failure) => {
                tracing::error!(problem = failure.told(), "the model failed on an article");
                counters.failed.fetch_add(1, Ordering::Relaxed);
                job.answer(Err(EngineError::Model(failure.problem.clone())));
                Err(failure)
            }
        }
    }

    /// After a panic the encoder has to show that it still reads before the worker takes more. As long as it does not,
    /// all jobs fail.
    fn recover(&self) {
        self.recovering.send_modify(|count| *count += 1);
        while let Err(failure) = caught(|| self.model.encode(&[&CHECK])) {
            if self.queue.is_closed() {
                return;
            }
            tracing::error!(problem = failure.told(), "the model does not recover");
            self.queue.fail_all(&failure.problem);
            std::thread::sleep(CHECK_AGAIN);
        }
        self.recovering.send_modify(|count| *count -= 1);
        tracing::warn!("the model reads again after a panic");
    }
}

/// Why the model failed.
pub(super) struct ModelFailure {
    pub(super) problem: String,
    panicked: bool,
}

impl ModelFailure {
    /// For the log: what a panic says may quote the text; the panic hook logs its place.
    pub(super) fn told(&self) -> &str {
        if self.panicked { "panic" } else { &self.problem }
    }
}

/// The outcome of work that may panic.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, ModelFailure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(|problem| ModelFailure { problem, panicked: false }),
        Err(panic) => Err(ModelFailure { problem: words(&*panic), panicked: true }),
    }
}

/// First line of what a panic says.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.and_then(|text| text.lines().next()).unwrap_or("panic").to_owned()
}

#[cfg(test)]
#[path = "worker_tests.rs"]
mod tests;
