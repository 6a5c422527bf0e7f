//! A model on a thread of its own, which works through orders in units: parts of an article, or pairs of sentences.
//!
//! Units of several orders share a batch, one of each in turn, so that a long article does not hold up a short one. An
//! order whose caller left or whose deadline passed is dropped before and between batches, and the model asks within one
//! whether it is to go on. A panic or an error fails only the orders of its batch that fail alone as well.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;
use tokio::sync::oneshot;

use super::backend::LoadError;
use super::house::Place;
use super::queue::EngineError;
use super::turn::Turn;
use super::worker::{ModelFailure, caught};

/// A model that works in units.
pub(super) trait UnitModel: Send + 'static {
    /// What a caller asks for.
    type Order: Send + 'static;
    /// A part of it that the model does at once.
    type Unit: Send;
    /// What comes of a unit.
    type Output: Send + 'static;

    /// The units of an order.
    fn units(&self, order: Self::Order) -> Result<Vec<Self::Unit>, EngineError>;
    /// What a unit takes in a batch, in tokens; every row of a batch takes as much as the longest.
    fn tokens(&self, unit: &Self::Unit) -> usize;
    /// Whether two units can be done in one batch.
    fn agree(&self, a: &Self::Unit, b: &Self::Unit) -> bool;
    /// Does a batch; may panic. One output for each unit, None for those that `go_on` gave up.
    fn run(
        &mut self,
        units: &[&Self::Unit],
        go_on: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Option<Self::Output>>, String>;
}

/// How a line works.
#[derive(Clone)]
pub(super) struct LineRule {
    /// Name of its thread.
    pub(super) name: String,
    /// Threads that products of integers may use.
    pub(super) threads: usize,
    /// Threads that libtorch may use.
    pub(super) torch_threads: usize,
    /// Most orders that wait, those whose callers have left meanwhile included.
    pub(super) capacity: usize,
    /// Most tokens of a batch, padding included, unless one unit alone has more.
    pub(super) batch_tokens: usize,
    /// Shared by all models beside the encoder.
    pub(super) turn: Turn,
}

/// Outputs of an order, in the order of its units, and where the time went.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub(super) outputs: Vec<T>,
    pub(super) queue: Duration,
    pub(super) work: Duration,
}

impl<T> Default for Done<T> {
    fn default() -> Self {
        Self { outputs: Vec::new(), queue: Duration::ZERO, work: Duration::ZERO }
    }
}

type Reply<T> = oneshot::Sender<Result<Done<T>, EngineError>>;

/// An order on its way to the model.
struct Sent<M: UnitModel> {
    order: M::Order,
    ticket: Ticket<M::Output>,
}

/// Who waits for an order.
struct Ticket<T> {
    sent: Instant,
    deadline: Option<Instant>,
    reply: Reply<T>,
}

/// An order under way.
struct Job<M: UnitModel> {
    ticket: Ticket<M::Output>,
    started: Option<Instant>,
    units: Vec<M::Unit>,
    /// One for each unit that is done; units are done in order.
    outputs: Vec<M::Output>,
}

/// The handle of a line. Its thread ends when all clones are gone.
pub(super) struct Line<M: UnitModel> {
    orders: SyncSender<Sent<M>>,
}

impl<M: UnitModel> Clone for Line<M> {
    fn clone(&self) -> Self {
        Self { orders: self.orders.clone() }
    }
}

impl<M: UnitModel> Line<M> {
    /// Starts the thread of a model.
    pub(super) fn start(model: M, rule: LineRule) -> Result<Self, LoadError> {
        let (orders, waiting) = sync_channel(rule.capacity);
        let name = rule.name.clone();
        let threads = ThreadPoolBuilder::new().num_threads(rule.threads.max(1));
        let threads = threads
            .thread_name(move |_| name.clone())
            .panic_handler(|_| tracing::error!("the thread of a checkpoint ended"))
            .build();
        let worker = Worker { model, rule, waiting, jobs: VecDeque::new() };
        // One of them works through the orders; the others help it with products of integers. They end with the worker.
        threads.map_err(|error| LoadError::Worker(error.to_string()))?.spawn(move || worker.run());
        Ok(Self { orders })
    }

    /// Has an order done. What is not done when the future is dropped or `deadline` passes is not computed.
    pub(super) async fn ask(
        &self,
        order: M::Order,
        deadline: Option<Instant>,
        place: Place,
    ) -> Result<Done<M::Output>, EngineError> {
        let (reply, done) = oneshot::channel();
        let ticket = Ticket { sent: Instant::now(), deadline, reply };
        // There is room for everybody in the house, and for many who have left it.
        self.orders.try_send(Sent { order, ticket }).map_err(|_| EngineError::Stopped)?;
        let answer = done.await.map_err(|_| EngineError::Stopped)?;
        // Held by the caller alone: one who leaves gives it back at once, whatever batch is under way.
        drop(place);
        answer
    }
}

impl<T> Ticket<T> {
    /// Whether somebody still waits.
    fn waits(&self, now: Instant) -> bool {
        !self.reply.is_closed() && self.deadline.is_none_or(|deadline| deadline > now)
    }

    /// Answers the caller, who may have left.
    fn answer(self, answer: Result<Done<T>, EngineError>) {
        let _left = self.reply.send(answer);
    }
}

struct Worker<M: UnitModel> {
    model: M,
    rule: LineRule,
    waiting: Receiver<Sent<M>>,
    jobs: VecDeque<Job<M>>,
}

impl<M: UnitModel> Worker<M> {
    fn run(mut self) {
        // Holds for this thread alone.
        tch::set_num_threads(i32::try_from(self.rule.torch_threads).unwrap_or(i32::MAX));
        while self.take_orders() {
            self.drop_left(Instant::now());
            let batch = self.next_batch();
            if !batch.is_empty() {
                self.work(&batch);
                // The next batch begins with the next job's unit, whether or not this batch ended the first.
                let turns = usize::from(self.jobs.len() > 1);
                self.jobs.rotate_left(turns);
                self.answer_done();
            }
        }
    }

    /// Takes what waits; blocks while there is nothing to do. False when all callers are gone.
    fn take_orders(&mut self) -> bool {
        if self.jobs.is_empty() {
            match self.waiting.recv() {
                Ok(sent) => self.accept(sent),
                Err(_) => return false,
            }
        }
        loop {
            match self.waiting.try_recv() {
                Ok(sent) => self.accept(sent),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return !self.jobs.is_empty(),
            }
        }
    }

    fn accept(&mut self, Sent { order, ticket }: Sent<M>) {
        if !ticket.waits(Instant::now()) {
            return ticket.answer(Err(EngineError::DeadlineExceeded));
        }
        let units = caught(|| Ok(self.model.units(order)));
        let units = units.unwrap_or_else(|failure| Err(EngineError::Model(failure.problem)));
        match units {
            Ok(units) if units.is_empty() => ticket.answer(Ok(Done::default())),
            Ok(units) => {
                self.jobs.push_back(Job { ticket, started: None, units, outputs: Vec::new() })
            }
            Err(error) => {
                tracing::warn!(model = self.rule.name, "an order cannot be taken apart");
                ticket.answer(Err(error));
            }
        }
    }

    fn drop_left(&mut self, now: Instant) {
        let (waiting, left) = self.jobs.drain(..).partition(|job| job.ticket.waits(now));
        self.jobs = waiting;
        let left: VecDeque<Job<M>> = left;
        // To one who has left it makes no difference.
        left.into_iter().for_each(|job| job.ticket.answer(Err(EngineError::DeadlineExceeded)));
    }

    /// Places of the units of the next batch: job and unit. It begins with the first job and takes one unit of each job in
    /// turn, as long as they agree with the first and fit.
    fn next_batch(&self) -> Vec<(usize, usize)> {
        let mut batch: Vec<(usize, usize)> = Vec::new();
        let mut longest = 0;
        let unit = |(job, unit): (usize, usize)| self.jobs.get(job)?.units.get(unit);
        for round in 0.. {
            let before = batch.len();
            for (index, job) in self.jobs.iter().enumerate() {
                let at = (index, job.outputs.len() + round);
                let Some(candidate) = unit(at) else { continue };
                let first = batch.first().and_then(|&first| unit(first));
                let own = self.model.tokens(candidate).max(longest);
                let fits = own.saturating_mul(batch.len() + 1) <= self.rule.batch_tokens;
                let in_order = round == 0 || batch.contains(&(index, at.1 - 1));
                if first.is_none_or(|first| fits && in_order && self.model.agree(first, candidate))
                {
                    longest = own;
                    batch.push(at);
                }
            }
            if batch.len() == before {
                break;
            }
        }
        batch.sort_unstable();
        batch
    }

    /// Does a batch. When it fails, its units are tried one by one: only the orders that fail alone fail.
    fn work(&mut self, batch: &[(usize, usize)]) {
        match self.outputs(batch) {
            Ok(outputs) => {
                for (&(job, unit), output) in batch.iter().zip(outputs) {
                    let job = self.jobs.get_mut(job);
                    // A unit behind one that was given up is not done either.
                    if let (Some(job), Some(output)) = (job, output)
                        && job.outputs.len() == unit
                    {
                        job.outputs.push(output);
                    }
                }
            }
            Err(failure) => {
                tracing::error!(
                    model = self.rule.name,
                    problem = failure.told(),
                    "the model failed on a batch"
                );
                match batch {
                    [(job, _)] => self.fail(*job, failure),
                    _ => batch.iter().for_each(|at| self.work(&[*at])),
                }
            }
        }
    }

    fn outputs(
        &mut self,
        batch: &[(usize, usize)],
    ) -> Result<Vec<Option<M::Output>>, ModelFailure> {
        let _turn = self.rule.turn.wait();
        let now = Instant::now();
        for &(job, _) in batch {
            self.jobs.get_mut(job).map(|job| job.started.get_or_insert(now));
        }
        let jobs = &self.jobs;
        let unit = |&(job, unit): &(usize, usize)| jobs.get(job)?.units.get(unit);
        let units: Vec<&M::Unit> = batch.iter().filter_map(unit).collect();
        let go_on = |index: usize| {
            let job = batch.get(index).and_then(|&(job, _)| jobs.get(job));
            job.is_some_and(|job| job.ticket.waits(Instant::now()))
        };
        let model = &mut self.model;
        caught(|| match model.run(&units, &go_on)? {
            outputs if outputs.len() == units.len() => Ok(outputs),
            outputs => Err(format!("{} outputs for {} units", outputs.len(), units.len())),
        })
    }

    /// A job that failed is answered at once and has nothing left to do.
    fn fail(&mut self, job: usize, failure: ModelFailure) {
        if let Some(job) = self.jobs.get_mut(job) {
            let (nobody, _) = oneshot::channel();
            let reply = std::mem::replace(&mut job.ticket.reply, nobody);
            let _left = reply.send(Err(EngineError::Model(failure.problem)));
            job.units.clear();
        }
    }

    fn answer_done(&mut self) {
        let (open, done) = self.jobs.drain(..).partition(|job| job.outputs.len() < job.units.len());
        self.jobs = open;
        let done: VecDeque<Job<M>> = done;
        for Job { ticket, started, outputs, .. } in done {
            let started = started.unwrap_or(ticket.sent);
            let queue = started.saturating_duration_since(ticket.sent);
            ticket.answer(Ok(Done { outputs, queue, work: started.elapsed() }));
        }
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
