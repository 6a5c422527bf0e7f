//! Traces, sent to a collector by OTLP over gRPC; a collector that does not answer costs nothing but spans.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TraceId, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData,
    SpanExporter,
};
use tokio::runtime::{Handle, Runtime};
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Target of the spans that make up traces.
pub const TRACE_TARGET: &str = "parallax::trace";

/// Finished spans that may wait to be sent; further ones are dropped. Some megabytes.
const WAITING_SPANS: usize = 4096;
/// Spans that are sent at once.
const BATCH_SPANS: usize = 512;
/// How long finished spans wait for company.
const SEND_EVERY: Duration = Duration::from_secs(1);
/// How long the collector may take for a batch, the connection included.
const SEND_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the process waits at its end for what is not sent yet.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is logged that spans are lost.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Sends traces while it lives, and what is left when it is dropped.
#[derive(Debug)]
pub(super) struct Traces {
    provider: SdkTracerProvider,
    /// Of its own: it outlives the server's, and has one thread.
    runtime: Option<Runtime>,
}

impl Traces {
    /// Sends to a collector a share of the traces that begin here, and of those that begin elsewhere what their
    /// beginners have sampled. Connects when there is something to send.
    ///
    /// # Errors
    /// When no thread can be started or the endpoint is none.
    pub(super) fn start(endpoint: &str, ratio: f64) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("traces")
            .enable_all()
            .build()?;
        let exporter = {
            // The channel starts a task.
            let _entered = runtime.enter();
            let builder = OtlpExporter::builder().with_tonic().with_endpoint(endpoint);
            builder.with_timeout(SEND_TIMEOUT).build().map_err(io::Error::other)?
        };
        let exporter = PatientExporter {
            exporter: Arc::new(exporter),
            runtime: runtime.handle().clone(),
            losses: Mutex::default(),
        };
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(WAITING_SPANS)
            .with_max_export_batch_size(BATCH_SPANS)
            .with_scheduled_delay(SEND_EVERY)
            .build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let resource = Resource::builder()
            .with_service_name("parallax")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))))
            .with_resource(resource)
            .with_span_processor(processor)
            .build();
        Ok(Self { provider, runtime: Some(runtime) })
    }

    /// Takes the spans with [`TRACE_TARGET`]. Without the places in the code and the threads: they say
    /// nothing to an operator.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'s> LookupSpan<'s> + Send + Sync,
    {
        let layer: OpenTelemetryLayer<S, SdkTracer> =
            tracing_opentelemetry::layer().with_tracer(self.provider.tracer("parallax"));
        let spans = Targets::new().with_target(TRACE_TARGET, LevelFilter::DEBUG);
        layer
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(spans)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // Losses are logged where they occur.
        let _sent = self.provider.shutdown_with_timeout(FLUSH_TIMEOUT);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Makes a span part of the trace that the W3C headers `traceparent` and `tracestate` name, if they do.
/// Returns the id of its trace: the caller's also where no traces are taken.
pub fn join_trace(span: &Span, headers: &dyn Extractor) -> Option<TraceId> {
    let id = |context: &Context| {
        let id = context.span().span_context().trace_id();
        (id != TraceId::INVALID).then_some(id)
    };
    let propagator = TraceContextPropagator::new();
    let caller = propagator.extract_with_context(&Context::new(), headers);
    let of_caller = id(&caller);
    if of_caller.is_some() {
        // Fails where no traces are taken.
        let _joined = span.set_parent(caller);
    }
    id(&span.context()).or(of_caller)
}

/// An exporter that never waits longer than [`SEND_TIMEOUT`], and says once in a while that spans are lost.
#[derive(Debug)]
struct PatientExporter {
    exporter: Arc<OtlpExporter>,
    runtime: Handle,
    losses: Mutex<Losses>,
}

impl SpanExporter for PatientExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let (spans, exporter) = (batch.len(), Arc::clone(&self.exporter));
        let send = async move { tokio::time::timeout(SEND_TIMEOUT, exporter.export(batch)).await };
        let outcome = match self.runtime.spawn(send).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(OTelSdkError::Timeout(SEND_TIMEOUT)),
            Err(error) => Err(OTelSdkError::InternalFailure(error.to_string())),
        };
        if let Err(error) = &outcome {
            let mut losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(spans) = losses.add(spans, Instant::now()) {
                tracing::warn!(spans, %error, "spans are lost: the collector does not take them");
            }
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // Nobody else has it before the first batch.
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}

/// Spans that were lost, and when that was last told.
#[derive(Debug, Default)]
struct Losses {
    untold: usize,
    told: Option<Instant>,
}

impl Losses {
    /// Adds to what is lost; returns how much there is to tell, when it is time to.
    fn add(&mut self, spans: usize, now: Instant) -> Option<usize> {
        self.untold += spans;
        let due = self.told.is_none_or(|told| now.duration_since(told) >= WARN_EVERY);
        due.then(|| {
            self.told = Some(now);
            std::mem::take(&mut self.untold)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_told_at_once_and_then_once_a_minute() {
        let (mut losses, start) = (Losses::default(), Instant::now());
        assert_eq!(losses.add(5, start), Some(5));
        assert_eq!(losses.add(3, start + WARN_EVERY / 2), None);
        assert_eq!(losses.add(4, start + WARN_EVERY), Some(7));
    }

    #[test]
    fn the_id_of_the_callers_trace_is_known_without_a_collector() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let header = |value: &str| {
            std::collections::HashMap::from([("traceparent".to_owned(), value.to_owned())])
        };
        let joined = join_trace(&Span::none(), &header(&format!("00-{id}-00f067aa0ba902b7-01")));
        assert_eq!(joined.map(|id| id.to_string()).as_deref(), Some(id));
        for nonsense in ["", "00-xyz", &format!("00-{id}-0000000000000000-01")] {
            assert_eq!(join_trace(&Span::none(), &header(nonsense)), None, "{nonsense}");
        }
    }
}
