//! Logs through `tracing`, to standard error. Article text never goes into them.

use std::io::{self, IsTerminal};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

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

/// Starts logging; what waits is written while the guard lives. A thread of its own writes, so that nobody waits for a pipe
/// that is not read: when thousands of lines wait, further ones are dropped. Later calls do nothing, so that tests may
/// share a process.
#[must_use = "logs are written while it lives"]
pub fn init(config: &TelemetryConfig) -> LogGuard {
    // The level was checked with the rest of the configuration.
    let filter = EnvFilter::try_new(&config.log_level).unwrap_or_else(|_| EnvFilter::new("info"));
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("log")
        .finish(io::stderr());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(writer);
    let _started_before = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    LogGuard { _worker: guard }
}

/// Writes the logs that wait when it is dropped.
#[derive(Debug)]
pub struct LogGuard {
    _worker: WorkerGuard,
}
