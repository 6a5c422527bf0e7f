//! Logs through `tracing`, to standard error, and traces. Article text never goes into them.

use std::io::{self, IsTerminal};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::traces::Traces;
use crate::config::{LogFormat, TelemetryConfig};

/// Lines that may wait to be written: a few megabytes.
const WAITING_LINES: usize = 8192;

/// Logs panics by their place alone: a message may quote the text that was being read.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// Whether a command takes traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracing {
    /// When the configuration names a collector.
    AsConfigured,
    /// Never.
    Off,
}

/// Starts logs and traces; what waits is written while the guard lives. A thread of its own writes logs, so that nobody
/// waits for a pipe that is not read: when thousands of lines wait, further ones are dropped. Later calls do nothing, so
/// that tests may share a process.
///
/// # Errors
/// When traces are to be taken and their thread cannot be started.
pub fn init(config: &TelemetryConfig, tracing: Tracing) -> io::Result<TelemetryGuard> {
    // The level was checked with the rest of the configuration.
    let filter = EnvFilter::try_new(&config.log_level).unwrap_or_else(|_| EnvFilter::new("info"));
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("log")
        .finish(io::stderr());
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(writer);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match config.log_format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let endpoint = config.otlp_endpoint().filter(|_| tracing == Tracing::AsConfigured);
    let start = |endpoint| Traces::start(endpoint, config.trace_ratio);
    let traces = endpoint.map(start).transpose()?;
    let layers: Vec<_> =
        [lines].into_iter().chain(traces.as_ref().map(|t| t.layer().boxed())).collect();
    let _started_before = tracing_subscriber::registry().with(layers).try_init();
    Ok(TelemetryGuard { _traces: traces, _log: guard })
}

/// Sends the traces and writes the logs that wait when it is dropped, in this order.
#[derive(Debug)]
#[must_use = "logs are written while it lives"]
pub struct TelemetryGuard {
    _traces: Option<Traces>,
    _log: WorkerGuard,
}
