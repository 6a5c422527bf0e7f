//! From failures to gRPC statuses: the one place where they are mapped.

use std::time::Duration;

use prost::Message;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use super::auth::Refusal;
use crate::engine::EngineError;
use crate::violation::{Violation, join};

/// When a refused caller may try again.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Violations in the message of a status, which travels in a header.
const IN_MESSAGE: usize = 3;
/// Violations in the details of a status, which travel in a header too: clients take 8 KiB of them.
const MAX_DETAILS: usize = 20;

/// The first violations, and how many more there are.
fn first_of(violations: &[Violation]) -> String {
    let shown = violations.get(..IN_MESSAGE).unwrap_or(violations);
    match violations.len() - shown.len() {
        0 => join(shown),
        more => format!("{}; and {more} more", join(shown)),
    }
}

/// Why an article was not analysed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnalyzeError {
    /// Fields of the request are not valid.
    #[error("invalid request: {}", first_of(.0))]
    Invalid(Vec<Violation>),
    /// The contract has it, this server does not.
    #[error("{0}")]
    Unimplemented(String),
    /// As many requests are in the house as may be.
    #[error("the server is full: {limit} requests are in flight")]
    Full {
        /// Requests that may be in flight.
        limit: usize,
    },
    /// Messages on their way in hold as much as they may, all together.
    #[error("the server is full: messages on their way in hold {limit} bytes")]
    IncomingFull {
        /// Bytes that they may hold.
        limit: usize,
    },
    /// A message took too long to come in.
    #[error("the message was not there within {} s", .timeout.as_secs_f64())]
    IncomingLate {
        /// How long one may take.
        timeout: Duration,
    },
    /// The model is not loaded yet, or the server is shutting down.
    #[error("the server is not ready")]
    NotReady,
    /// The caller's deadline passed.
    #[error("the deadline passed before the answer was ready")]
    DeadlineExceeded,
    /// The model failed on this request.
    #[error("the model failed on this request")]
    Model,
}

impl From<EngineError> for AnalyzeError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::DeadlineExceeded => Self::DeadlineExceeded,
            EngineError::Model(_) => Self::Model,
            EngineError::Invalid(violation) => Self::Invalid(vec![violation]),
            EngineError::Stopped => Self::NotReady,
        }
    }
}

impl From<AnalyzeError> for Status {
    fn from(error: AnalyzeError) -> Self {
        let message = error.to_string();
        match error {
            AnalyzeError::Invalid(violations) => {
                let violations = violations.into_iter().take(MAX_DETAILS);
                let violations: Vec<FieldViolation> = violations
                    .map(|violation| FieldViolation::new(violation.field, violation.problem))
                    .collect();
                let details = ErrorDetails::with_bad_request(violations);
                Self::with_error_details(Code::InvalidArgument, message, details)
            }
            AnalyzeError::Full { .. } | AnalyzeError::IncomingFull { .. } => {
                let details = ErrorDetails::with_retry_info(Some(RETRY_AFTER));
                Self::with_error_details(Code::ResourceExhausted, message, details)
            }
            AnalyzeError::Unimplemented(_) => Self::unimplemented(message),
            AnalyzeError::NotReady => Self::unavailable(message),
            AnalyzeError::DeadlineExceeded | AnalyzeError::IncomingLate { .. } => {
                Self::deadline_exceeded(message)
            }
            AnalyzeError::Model => Self::internal(message),
        }
    }
}

/// A code as the protocol names it: the bounded set of values of a metric's label.
pub(super) fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        let exhausted = |wait| {
            let details = ErrorDetails::with_retry_info(Some(wait));
            Self::with_error_details(Code::ResourceExhausted, message.clone(), details)
        };
        match refusal {
            Refusal::NoKey | Refusal::EmptyKey | Refusal::NotBearer | Refusal::UnknownKey => {
                Self::unauthenticated(message)
            }
            Refusal::UnlistedCertificate(_) => Self::permission_denied(message),
            Refusal::TooOften { wait, .. } => exhausted(wait),
            Refusal::TooMany { .. } => exhausted(RETRY_AFTER),
        }
    }
}

/// A status as a message: `google.rpc.Status`.
pub type WireStatus = tonic_types::pb::Status;

/// A status as a message, with its details, for streams and JSON.
pub(super) fn to_wire(status: &Status) -> WireStatus {
    let mut wire = WireStatus::decode(status.details()).unwrap_or_default();
    wire.code = i32::from(status.code());
    wire.message = status.message().to_owned();
    wire
}
