//! Running as a process: logs, traces, metrics, the admin port, and signals.

mod admin;
mod metrics;
mod process;
mod shutdown;
mod telemetry;
mod traces;

pub use admin::{Admin, AdminPages};
pub use metrics::Metrics;
pub use shutdown::{EndSignals, exit_on_second_signal, signal};
pub use telemetry::{TelemetryGuard, Tracing, init, log_panics};
pub use traces::{TRACE_TARGET, join_trace};
