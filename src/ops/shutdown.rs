//! Signals that end the process.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal as listen};

/// Exit code of a process that was told twice to end: 128 plus the number of SIGINT.
const INTERRUPTED: i32 = 130;

/// SIGTERM and SIGINT.
#[derive(Debug)]
pub struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

/// Begins to listen; from here on the process no longer ends by itself on these signals.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn signal() -> io::Result<EndSignals> {
    Ok(EndSignals {
        terminate: listen(SignalKind::terminate())?,
        interrupt: listen(SignalKind::interrupt())?,
    })
}

impl EndSignals {
    /// Resolves at the next signal, with its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Ends the process at once when a further signal comes.
pub async fn exit_on_second_signal(mut signals: EndSignals) {
    let name = signals.next().await;
    tracing::warn!(signal = name, "second signal: ending at once");
    #[expect(clippy::exit, reason = "the operator asked twice; open requests are lost knowingly")]
    std::process::exit(INTERRUPTED);
}
