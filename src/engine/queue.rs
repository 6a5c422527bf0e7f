//! Where articles wait for the model, and where its workers get their work.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use super::counters::EngineCounters;
use super::house::Place;
use super::plan::Plan;
use super::pooling::WindowSums;
use super::schedule::{BatchRule, JobId, Schedule, WindowRef};
use super::stages::Stages;
use crate::analysis::Reading;
use crate::violation::Violation;

/// Why an article was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The deadline passed before the reading was finished.
    #[error("the deadline passed before the article was read")]
    DeadlineExceeded,
    /// The model failed or panicked on this request.
    #[error("the model failed: {0}")]
    Model(String),
    /// The request asks for more than a model can take.
    #[error("{0}")]
    Invalid(Violation),
    /// The engine has stopped.
    #[error("the engine has stopped")]
    Stopped,
}

/// An article to be read, and where the answer goes.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) plan: Arc<Plan>,
    pub(super) deadline: Option<Instant>,
    pub(super) sent: Instant,
    /// Held until the job is answered or taken out.
    pub(super) place: Place,
    pub(super) stages: Stages,
    pub(super) reply: oneshot::Sender<Result<Reading, EngineError>>,
}

/// A job whose windows are waiting or being read.
#[derive(Debug)]
struct OpenJob {
    job: Job,
    /// When its first window was given out.
    started: Option<Instant>,
    /// What each window adds; None for those that are not read yet.
    sums: Vec<Option<WindowSums>>,
    /// Windows that are not read yet.
    unread: usize,
}

/// A job whose windows have all been read.
#[derive(Debug)]
pub(super) struct ReadJob {
    pub(super) job: Job,
    pub(super) started: Instant,
    pub(super) sums: Vec<WindowSums>,
}

/// Windows for a worker, with the plans they belong to.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) windows: Vec<(WindowRef, Arc<Plan>)>,
}

/// The queue; callers and workers share it.
#[derive(Debug)]
pub(super) struct Queue {
    rule: BatchRule,
    state: Mutex<State>,
    work: Condvar,
    pub(super) counters: EngineCounters,
}

#[derive(Debug)]
struct State {
    schedule: Schedule,
    jobs: BTreeMap<JobId, OpenJob>,
    next: JobId,
    closed: bool,
}

impl Queue {
    pub(super) fn new(rule: BatchRule) -> Self {
        let state = State {
            schedule: Schedule::new(rule),
            jobs: BTreeMap::new(),
            next: JobId(0),
            closed: false,
        };
        let counters = EngineCounters::default();
        Self { rule, state: Mutex::new(state), work: Condvar::new(), counters }
    }

    /// Nothing panics while it is locked.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job; the house bounds how many there are.
    pub(super) fn add(&self, job: Job) -> Result<JobId, EngineError> {
        let mut state = self.lock();
        if state.closed {
            return Err(EngineError::Stopped);
        }
        let id = state.next;
        state.next = JobId(id.0 + 1);
        let lengths = job.plan.window_lengths();
        if lengths.is_empty() {
            return Err(EngineError::Model("there is nothing to read".into()));
        }
        state.schedule.add(id, job.place.flow(), &lengths, job.deadline);
        let sums = lengths.iter().map(|_| None).collect();
        let unread = lengths.len();
        state.jobs.insert(id, OpenJob { job, started: None, sums, unread });
        drop(state);
        self.work.notify_all();
        Ok(id)
    }

    /// Takes a job out whose caller waits no longer.
    pub(super) fn leave(&self, id: JobId) {
        if let Some(left) = self.remove(id) {
            self.count_left(&left);
        }
    }

    /// Counts a job whose caller waits no longer.
    pub(super) fn count_left(&self, job: &Job) {
        let expired = job.deadline.is_some_and(|deadline| deadline <= Instant::now());
        let counter = if expired { &self.counters.expired } else { &self.counters.cancelled };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn remove(&self, id: JobId) -> Option<Job> {
        let mut state = self.lock();
        state.schedule.remove(id);
        state.jobs.remove(&id).map(|open| open.job)
    }

    /// Waits for windows to read. None when the queue is closed.
    pub(super) fn take(&self) -> Option<Batch> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let now = Instant::now();
            self.drop_expired(&mut state, now);
            let windows = state.schedule.next_batch();
            if !windows.is_empty() {
                return Some(self.batch(&mut state, windows, now));
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn drop_expired(&self, state: &mut State, now: Instant) {
        for id in state.schedule.expired(now) {
            if let Some(open) = state.jobs.remove(&id) {
                self.counters.expired.fetch_add(1, Ordering::Relaxed);
                open.job.answer(Err(EngineError::DeadlineExceeded));
            }
        }
    }

    fn batch(&self, state: &mut State, windows: Vec<WindowRef>, now: Instant) -> Batch {
        let windows = windows.into_iter().filter_map(|at| {
            let open = state.jobs.get_mut(&at.job)?;
            if open.started.is_none() {
                open.begin(now);
                self.counters
                    .queue_seconds
                    .observe_seconds(now.saturating_duration_since(open.job.sent));
            }
            Some((at, Arc::clone(&open.job.plan)))
        });
        let batch = Batch { windows: windows.collect() };
        self.counters.count_batch(batch.ids().map(<[i64]>::len), self.rule.padded);
        batch
    }

    /// Keeps what a batch gave; returns the jobs that are read to the end with it. What belongs to jobs
    /// that have left is dropped.
    pub(super) fn store(&self, batch: &Batch, sums: Vec<WindowSums>) -> Vec<ReadJob> {
        let mut state = self.lock();
        let mut read = Vec::new();
        for ((at, _), sums) in batch.windows.iter().zip(sums) {
            let Some(open) = state.jobs.get_mut(&at.job) else { continue };
            if let Some(place @ None) = open.sums.get_mut(at.window) {
                *place = Some(sums);
                open.unread -= 1;
            }
            if open.unread == 0 {
                read.extend(state.jobs.remove(&at.job).and_then(OpenJob::finish));
            }
        }
        read
    }

    /// Answers the jobs of a batch on which the model failed.
    pub(super) fn fail(&self, batch: &Batch, problem: &str) {
        batch.windows.iter().for_each(|(at, _)| self.fail_job(at.job, problem));
    }

    /// Answers all jobs: the model does not work.
    pub(super) fn fail_all(&self, problem: &str) {
        let jobs: Vec<JobId> = self.lock().jobs.keys().copied().collect();
        jobs.into_iter().for_each(|job| self.fail_job(job, problem));
    }

    fn fail_job(&self, id: JobId, problem: &str) {
        if let Some(job) = self.remove(id) {
            self.counters.failed.fetch_add(1, Ordering::Relaxed);
            job.answer(Err(EngineError::Model(problem.to_owned())));
        }
    }

    /// Articles of which nothing has been given to a worker yet.
    pub(super) fn waiting(&self) -> usize {
        self.lock().jobs.values().filter(|open| open.started.is_none()).count()
    }

    /// Whether the workers are to go home.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Sends the workers home.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }
}

impl OpenJob {
    fn begin(&mut self, now: Instant) {
        self.started = Some(now);
        let lengths = self.job.plan.window_lengths();
        self.job.stages.encode(lengths.len(), lengths.iter().sum());
    }

    fn finish(self) -> Option<ReadJob> {
        let sums = self.sums.into_iter().collect::<Option<Vec<WindowSums>>>()?;
        Some(ReadJob { job: self.job, started: self.started?, sums })
    }
}

impl Job {
    /// Answers the caller, who may have left.
    pub(super) fn answer(self, answer: Result<Reading, EngineError>) {
        let Self { reply, place, .. } = self;
        // Free before the caller knows, so that the next call finds it.
        drop(place);
        let _left = reply.send(answer);
    }
}

impl Batch {
    /// The same windows, those of each job in a batch of its own.
    pub(super) fn by_job(self) -> Vec<Self> {
        let mut jobs: BTreeMap<JobId, Self> = BTreeMap::new();
        for (at, plan) in self.windows {
            let batch = jobs.entry(at.job).or_insert_with(|| Self { windows: Vec::new() });
            batch.windows.push((at, plan));
        }
        jobs.into_values().collect()
    }

    /// Token ids of each window.
    pub(super) fn ids(&self) -> impl Iterator<Item = &[i64]> {
        let windows = self.windows.iter();
        windows.filter_map(|(at, plan)| plan.windows.get(at.window).map(|w| w.ids.as_slice()))
    }
}
