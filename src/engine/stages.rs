//! Where a job stands, as spans of its caller's trace.

use tracing::Span;

/// Target of the spans that make up traces: `ops` sends them to a collector.
const TARGET: &str = "parallax::trace";

/// The span of the stage that a job is in, below the span of its call. One ends where the next begins.
#[derive(Debug)]
pub(super) struct Stages {
    call: Span,
    _stage: Span,
}

impl Stages {
    /// Waiting for a worker; where the span of the call is the current one.
    pub(super) fn queue() -> Self {
        Self { call: Span::current(), _stage: tracing::debug_span!(target: TARGET, "queue") }
    }

    /// The windows are being read.
    pub(super) fn encode(&mut self, windows: usize, tokens: usize) {
        self._stage =
            tracing::debug_span!(target: TARGET, parent: &self.call, "encode", windows, tokens);
    }

    /// The heads read what was encoded.
    pub(super) fn judge(&mut self) {
        self._stage = tracing::debug_span!(target: TARGET, parent: &self.call, "judge");
    }
}
