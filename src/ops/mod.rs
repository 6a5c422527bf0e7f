//! Running as a process: logs and signals.

mod shutdown;
mod telemetry;

pub use shutdown::{exit_on_second_signal, signal};
pub use telemetry::{LogGuard, init, log_panics};
