//! Exit codes and what they mean.

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::grpc::SetupError;

/// The exit codes, for `--help`.
pub(super) const HELP: &str = "Exit codes:
  0    done; for `serve`: ended cleanly, every accepted request was answered
  1    failed; the reason is on standard error
  2    wrong command line or configuration
  3    `serve`: requests were still open when the drain timeout was over
  4    `analyze`: some articles failed, their statuses are in the output
  5    `analyze --output`: stopped by a signal, what is done is marked; --resume goes on
  130  ended at once by a second signal";

/// How a command ended when it did not fail as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done.
    Success,
    /// The server ended with requests open.
    DrainTimedOut,
    /// Some articles have no answer.
    SomeFailed,
    /// A signal came before the last article; a later run can go on.
    Stopped,
}

impl Exit {
    pub(super) fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Success => 0,
            Self::DrainTimedOut => 3,
            Self::SomeFailed => 4,
            Self::Stopped => 5,
        })
    }
}

/// Why a command failed as a whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The configuration is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What the command line or the configuration names is not there, or cannot be used.
    #[error("{0}")]
    Setup(String),
    /// Something failed while running.
    #[error("{0}")]
    Run(String),
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        Self::Setup(error.to_string())
    }
}

impl Failure {
    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Run(_) => 1,
            Self::Config(_) | Self::Setup(_) => 2,
        })
    }
}
