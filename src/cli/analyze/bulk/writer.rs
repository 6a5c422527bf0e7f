//! The thread that writes answers and makes marks.

use std::io::{self, Write};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tokio::sync::mpsc;

use super::answer::Answer;
use super::kind::Kind;
use super::marks::{MarkRule, Since};
use super::progress::{Count, Progress};
use super::sink::Sink;
use crate::cli::exit::Failure;

/// What the writer is told.
#[derive(Debug)]
pub(super) enum Step {
    /// The next answer.
    Answer(Box<Answer>),
    /// Time passes.
    Tick,
    /// That was the last answer.
    Complete,
}

/// Writes answers.
#[derive(Debug)]
pub(super) struct Writer {
    count: Count,
    /// None for standard output, where a later run cannot go on.
    marked: Option<Marked>,
}

/// An output, and the marks in it.
#[derive(Debug)]
struct Marked {
    sink: Sink,
    output: PathBuf,
    rule: MarkRule,
    since: Since,
    at: Instant,
    progress: Progress,
}

impl Writer {
    /// To standard output.
    pub(super) fn piped() -> Self {
        Self { count: Count::default(), marked: None }
    }

    /// To an output that has a progress.
    pub(super) fn marked(
        sink: Sink,
        progress: Progress,
        output: &Path,
        every: Option<NonZeroU64>,
    ) -> Self {
        let rule = match Kind::of(output) {
            Kind::Lines(_) => MarkRule::lines(every),
            Kind::Parquet => MarkRule::parquet(every),
        };
        let (output, since, at) = (output.to_owned(), Since::default(), Instant::now());
        let count = progress.done;
        Self { count, marked: Some(Marked { sink, output, rule, since, at, progress }) }
    }

    /// Whether a later run can go on where this one ends.
    pub(super) fn is_marked(&self) -> bool {
        self.marked.is_some()
    }

    /// Answers that are there.
    pub(super) fn count(&self) -> Count {
        self.count
    }

    /// Writes until nobody sends any more; how many answers are there then.
    pub(super) fn run(mut self, mut steps: mpsc::Receiver<Step>) -> Result<Count, Failure> {
        let written = loop {
            let Some(step) = steps.blocking_recv() else { break self.mark() };
            if let Err(error) = self.take(step) {
                break Err(error);
            }
        };
        let output = self.marked.as_ref().map(|marked| marked.output.display().to_string());
        let output = output.unwrap_or_else(|| "standard output".to_owned());
        written.map_err(|error| Failure::Run(format!("{output}: {error}")))?;
        Ok(self.count)
    }

    fn take(&mut self, step: Step) -> io::Result<()> {
        match (step, &mut self.marked) {
            (Step::Answer(answer), _) => self.write(*answer)?,
            (Step::Complete, Some(marked)) => marked.progress.complete = true,
            (Step::Complete | Step::Tick, _) => {}
        }
        let due = |marked: &Marked| marked.rule.is_due(marked.since, marked.at.elapsed());
        if self.marked.as_ref().is_some_and(due) { self.mark() } else { Ok(()) }
    }

    /// Adds an answer. To an output it does not count before the next mark.
    pub(super) fn write(&mut self, answer: Answer) -> io::Result<()> {
        self.count.records += 1;
        self.count.failed += u64::from(answer.error.is_some());
        let Some(marked) = &mut self.marked else { return print(&answer.json) };
        marked.since.answers += 1;
        marked.since.bytes += u64::try_from(answer.json.len()).unwrap_or(u64::MAX);
        marked.sink.write(answer)
    }

    /// Makes what was written count: has it on the disk, then says so.
    pub(super) fn mark(&mut self) -> io::Result<()> {
        let Some(marked) = &mut self.marked else { return Ok(()) };
        marked.progress.output = marked.sink.settle()?;
        marked.progress.done = self.count;
        marked.progress.store(&marked.output)?;
        (marked.since, marked.at) = (Since::default(), Instant::now());
        Ok(())
    }
}

/// A line to standard output, at once: who reads it may wait for it.
fn print(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
