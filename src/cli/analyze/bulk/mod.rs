//! One answer for each record, in the order of the records, for any number of them.
//!
//! ```text
//! inputs → source (a thread) → calls, so many at once, in order → writer (a thread) → output
//!                                                                        ↘ OUTPUT.progress
//! ```
//!
//! Every arrow is a channel with few places, so that memory does not grow with the input. What is
//! promised when a run is cut off, and by what steps, is in `progress`.

mod answer;
mod columns;
#[cfg(test)]
mod crash_tests;
mod durable;
mod frames;
mod kind;
mod lines;
mod marks;
mod options;
mod parts;
mod pipeline;
mod progress;
mod record;
mod report;
mod rows;
mod sink;
mod source;
mod start;
mod thread;
mod writer;

use std::path::{Path, PathBuf};

use super::input::RequestTemplate;
use crate::cli::exit::{Exit, Failure};
use crate::grpc::Caller;
pub(super) use options::BulkOptions;
use progress::{Count, Job};
use source::Source;
use start::Start;
use writer::Writer;

/// Bytes of JSON that a byte of a message may take: escapes such as \u0436 take three for one.
const LINE_BYTES_PER_MESSAGE_BYTE: usize = 4;

/// What is read, how, and where the answers go.
#[derive(Debug)]
pub(super) struct Bulk<'b> {
    pub(super) template: RequestTemplate,
    pub(super) files: &'b [PathBuf],
    pub(super) options: &'b BulkOptions,
    /// Articles in flight when the options do not say.
    pub(super) in_flight: usize,
    /// Largest message that a server takes, in bytes.
    pub(super) max_message_bytes: usize,
}

impl Bulk<'_> {
    /// Everything that can be refused before a server is asked: files and options.
    pub(super) fn prepare(self) -> Result<Prepared, Failure> {
        let longest = self.max_message_bytes.saturating_mul(LINE_BYTES_PER_MESSAGE_BYTE);
        let source = Source::open(self.files, longest)?;
        let in_flight = self.options.in_flight.map_or(self.in_flight, |count| count.get().into());
        let (writer, complete) = match &self.options.output {
            None => (Writer::piped(), false),
            Some(output) => self.begin(output)?,
        };
        if complete {
            let done = writer.count();
            eprintln!("parallax: nothing is left to do: {}", report::totals(done));
            return Ok(Prepared::Complete(exit(done)));
        }
        Ok(Prepared::Run(Box::new(Run { source, writer, template: self.template, in_flight })))
    }

    fn begin(&self, output: &Path) -> Result<(Writer, bool), Failure> {
        let job = Job::of(self.files, &self.template)?;
        let Start { sink, progress } = start::start(output, job, self.options.resume)?;
        let complete = progress.complete;
        Ok((Writer::marked(sink, progress, output, self.options.mark_every), complete))
    }
}

/// What there is to do.
#[derive(Debug)]
pub(super) enum Prepared {
    /// Nothing: an earlier run answered everything, and ended so.
    Complete(Exit),
    /// A run that may begin.
    Run(Box<Run>),
}

/// A run that may begin.
#[derive(Debug)]
pub(super) struct Run {
    source: Source,
    writer: Writer,
    template: RequestTemplate,
    in_flight: usize,
}

impl Run {
    /// Answers every record that has no answer yet.
    pub(super) async fn run(self, caller: Caller) -> Result<Exit, Failure> {
        pipeline::run(self, caller).await
    }
}

fn exit(done: Count) -> Exit {
    if done.failed == 0 { Exit::Success } else { Exit::SomeFailed }
}
