//! Why a call is not let in; `status` maps it.

use std::sync::Arc;
use std::time::Duration;

/// Why a call is not let in. No variant holds a key.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(in crate::grpc) enum Refusal {
    /// Nothing says who calls.
    #[error("an API key is required, as `authorization: Bearer KEY` or `x-api-key: KEY`")]
    NoKey,
    /// The header has no key.
    #[error("the API key is empty")]
    EmptyKey,
    /// The header is of another kind.
    #[error("authorization is not `Bearer KEY`")]
    NotBearer,
    /// Nobody has this key.
    #[error("the API key is not known")]
    UnknownKey,
    /// The certificate holds, but stands for no caller.
    #[error("the certificate of \"{0}\" is not that of a caller")]
    UnlistedCertificate(Arc<str>),
    /// The caller's rate is used up.
    #[error("caller {name} makes more than {rate} requests a second")]
    TooOften {
        /// Name of the caller.
        name: Arc<str>,
        /// What the caller may.
        rate: f64,
        /// When the next is let in.
        wait: Duration,
    },
    /// The caller's calls are all taken.
    #[error("caller {name} has {limit} calls in flight, which is the most")]
    TooMany {
        /// Name of the caller.
        name: Arc<str>,
        /// What the caller may.
        limit: u32,
    },
}
