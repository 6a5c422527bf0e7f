//! Which windows the model reads next. Pure: no threads, no clock, no model.
//!
//! Articles wait as jobs, jobs belong to flows: a single call is a flow of its own, the articles of a
//! stream or a comparison share one. Jobs are served by weighted fair queueing with equal weights (Demers, Keshav and
//! Shenker, "Analysis and simulation of a fair queueing algorithm", 1989), its unit being the token:
//!
//! ```text
//! finish(job) = max(now, finish of the flow's job before it) + tokens(job)
//! now         = now + tokens served / flows that wait
//! ```
//!
//! The job that would finish first is served first. So a short article passes a long one, a single call
//! passes the backlog of a stream, and nobody waits for ever: virtual time goes on while others are served.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// A flow: jobs that share what is due to one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FlowId(pub(super) u64);

/// A job, by the order in which jobs came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JobId(pub(super) u64);

/// A window of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WindowRef {
    pub(super) job: JobId,
    pub(super) window: usize,
}

/// What a batch may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchRule {
    /// Most tokens; a window that is longer has a batch of its own.
    pub(super) tokens: usize,
    /// Whether windows are padded to the longest: then padding counts, and only windows of at least half
    /// its length join.
    pub(super) padded: bool,
}

/// A token of virtual time, divided so that shares of it are whole numbers.
const TOKEN: u64 = 1 << 16;

/// The waiting windows of all jobs.
#[derive(Debug)]
pub(super) struct Schedule {
    rule: BatchRule,
    /// Virtual time, in parts of a token.
    now: u64,
    jobs: BTreeMap<JobId, Waiting>,
    /// The same jobs by their virtual finishing time.
    order: BTreeSet<(u64, JobId)>,
    /// Those with a deadline.
    deadlines: BTreeSet<(Instant, JobId)>,
    /// Flows with waiting jobs, or whose last job is not finished in virtual time.
    flows: BTreeMap<FlowId, Flow>,
}

#[derive(Debug)]
struct Waiting {
    flow: FlowId,
    finish: u64,
    deadline: Option<Instant>,
    /// (tokens, window), the longest last: it is read first.
    windows: Vec<(usize, usize)>,
}

#[derive(Debug, Default)]
struct Flow {
    jobs: usize,
    /// Of the job that came last.
    finish: u64,
}

impl Schedule {
    pub(super) fn new(rule: BatchRule) -> Self {
        Self {
            rule,
            now: 0,
            jobs: BTreeMap::new(),
            order: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            flows: BTreeMap::new(),
        }
    }

    /// Adds a job with windows of so many tokens each.
    pub(super) fn add(
        &mut self,
        job: JobId,
        flow: FlowId,
        lengths: &[usize],
        deadline: Option<Instant>,
    ) {
        let mut windows: Vec<(usize, usize)> =
            lengths.iter().enumerate().map(|(window, &length)| (length, window)).collect();
        windows.sort_unstable_by_key(|&(length, window)| (length, std::cmp::Reverse(window)));
        let last = self.flows.entry(flow).or_default();
        let finish = last.finish.max(self.now) + virtual_time(lengths.iter().sum());
        *last = Flow { jobs: last.jobs + 1, finish };
        self.order.insert((finish, job));
        self.deadlines.extend(deadline.map(|deadline| (deadline, job)));
        self.jobs.insert(job, Waiting { flow, finish, deadline, windows });
    }

    /// Drops what still waits of a job.
    pub(super) fn remove(&mut self, job: JobId) {
        let Some(waiting) = self.jobs.remove(&job) else { return };
        self.order.remove(&(waiting.finish, job));
        if let Some(deadline) = waiting.deadline {
            self.deadlines.remove(&(deadline, job));
        }
        if let Some(flow) = self.flows.get_mut(&waiting.flow) {
            flow.jobs -= 1;
        }
        self.forget_flows();
    }

    /// Forgets flows that owe nothing; all of them when nobody waits.
    fn forget_flows(&mut self) {
        let (idle, now) = (self.jobs.is_empty(), self.now);
        self.flows.retain(|_, flow| flow.jobs > 0 || (!idle && flow.finish > now));
    }

    /// The jobs whose deadline has passed; they wait no longer.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<JobId> {
        let late = self.deadlines.iter().take_while(|&&(deadline, _)| deadline <= now);
        let late: Vec<JobId> = late.map(|&(_, job)| job).collect();
        late.iter().for_each(|&job| self.remove(job));
        late
    }

    /// The windows to be read next; none when nothing waits.
    pub(super) fn next_batch(&mut self) -> Vec<WindowRef> {
        let mut batch = Batch { rule: self.rule, longest: 0, tokens: 0, windows: Vec::new() };
        let mut done = Vec::new();
        for &(_, job) in &self.order {
            let Some(waiting) = self.jobs.get_mut(&job) else { continue };
            batch.take_from(job, &mut waiting.windows);
            if waiting.windows.is_empty() {
                done.push(job);
            }
            if batch.is_full() {
                break;
            }
        }
        let waiting = self.flows.values().filter(|flow| flow.jobs > 0).count() as u64;
        self.now += virtual_time(batch.tokens) / waiting.max(1);
        done.into_iter().for_each(|job| self.remove(job));
        batch.windows
    }
}

fn virtual_time(tokens: usize) -> u64 {
    (tokens as u64).saturating_mul(TOKEN)
}

/// A batch in the making.
struct Batch {
    rule: BatchRule,
    longest: usize,
    tokens: usize,
    windows: Vec<WindowRef>,
}

impl Batch {
    /// Takes windows from the end of a job's list as long as they fit.
    fn take_from(&mut self, job: JobId, windows: &mut Vec<(usize, usize)>) {
        while let Some((length, window)) = windows.pop_if(|&mut (length, _)| self.fits(length)) {
            self.longest = self.longest.max(length);
            self.tokens += length;
            self.windows.push(WindowRef { job, window });
        }
    }

    fn fits(&self, length: usize) -> bool {
        if self.windows.is_empty() {
            return true;
        }
        let longest = self.longest.max(length);
        let shortest_that_joins = if self.rule.padded { longest.div_ceil(2) } else { 0 };
        self.size(1 + self.windows.len(), longest, self.tokens + length) <= self.rule.tokens
            && length.min(self.longest) >= shortest_that_joins
    }

    fn size(&self, count: usize, longest: usize, tokens: usize) -> usize {
        if self.rule.padded { count * longest } else { tokens }
    }

    /// Whether not even a small window would fit.
    fn is_full(&self) -> bool {
        self.size(self.windows.len(), self.longest, self.tokens) >= self.rule.tokens
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
