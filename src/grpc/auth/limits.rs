//! What a caller may take.

/// What a caller may take. None is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::grpc) struct CallerLimits {
    /// Requests a second, and how many at once after a pause.
    pub(in crate::grpc) rate: Option<(f64, u32)>,
    /// Calls at once.
    pub(in crate::grpc) in_flight: Option<u32>,
}
