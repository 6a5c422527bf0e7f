//! The spans of a call: one for the log, and those of its trace.
//!
//! Spans of a trace have a target of their own and the level debug: the log leaves them out unless it is
//! asked for them, and where no traces are taken either they are disabled.

use opentelemetry::propagation::Extractor;
use tonic::metadata::{KeyRef, MetadataMap};
use tonic::{Code, Status};
use tracing::field::Empty;
use tracing::instrument::Instrumented;
use tracing::{Instrument, Span};

use super::auth::Visitor;
use crate::ops::{TRACE_TARGET, join_trace};

/// The service whose calls are traced.
const SERVICE: &str = "parallax.v1.AnalysisService";

/// The spans of a call.
#[derive(Debug, Clone)]
pub(super) struct CallSpans {
    /// Tells on every line of the log which call it belongs to.
    log: Span,
    /// The call in the caller's trace.
    trace: Span,
}

impl CallSpans {
    /// The spans of a call of a method; they join the trace that the caller's `traceparent` names.
    pub(super) fn new(
        method: &'static str,
        request_id: &str,
        visitor: &Visitor,
        metadata: &MetadataMap,
    ) -> Self {
        let caller = visitor.name();
        let log = tracing::info_span!("call", method, request_id, caller, trace_id = Empty);
        let trace = tracing::debug_span!(
            target: TRACE_TARGET,
            parent: &log,
            "call",
            otel.name = format!("{SERVICE}/{method}"),
            otel.kind = "server",
            otel.status_code = Empty,
            rpc.system = "grpc",
            rpc.service = SERVICE,
            rpc.method = method,
            rpc.grpc.status_code = Empty,
            request_id,
            cached = Empty,
        );
        if let Some(id) = join_trace(&trace, &Headers(metadata)) {
            log.record("trace_id", tracing::field::display(id));
        }
        Self { log, trace }
    }

    /// Work of the call.
    pub(super) fn instrument<W: Future>(self, work: W) -> Instrumented<Instrumented<W>> {
        work.instrument(self.trace).instrument(self.log)
    }

    /// Work for one article of a stream.
    pub(super) fn instrument_article<W: Future>(
        &self,
        index: u32,
        work: W,
    ) -> Instrumented<Instrumented<W>> {
        let article = tracing::debug_span!(
            target: TRACE_TARGET,
            parent: &self.trace,
            "article",
            index,
            otel.status_code = Empty,
            rpc.grpc.status_code = Empty,
            cached = Empty,
        );
        work.instrument(article).instrument(self.log.clone())
    }
}

/// A stage of the work for an article.
pub(super) fn stage(name: &'static str) -> Span {
    tracing::debug_span!(target: TRACE_TARGET, "stage", otel.name = name)
}

/// Notes on the span of a call or an article how it ended.
pub(super) fn note_end<T>(outcome: &Result<T, Status>, cached: bool) {
    let code = outcome.as_ref().map_or_else(Status::code, |_| Code::Ok);
    let span = Span::current();
    span.record("rpc.grpc.status_code", i32::from(code));
    span.record("cached", cached);
    if is_failure(code) {
        span.record("otel.status_code", "ERROR");
    }
}

/// Whether a code says that the server failed, as OpenTelemetry's conventions for RPC have it.
fn is_failure(code: Code) -> bool {
    use Code::{DataLoss, DeadlineExceeded, Internal, Unavailable, Unimplemented, Unknown};
    matches!(code, Unknown | DeadlineExceeded | Unimplemented | Internal | Unavailable | DataLoss)
}

/// The metadata of a call, for OpenTelemetry.
struct Headers<'m>(&'m MetadataMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        let keys = self.0.keys();
        keys.filter_map(|key| match key {
            KeyRef::Ascii(key) => Some(key.as_str()),
            KeyRef::Binary(_) => None,
        })
        .collect()
    }
}
