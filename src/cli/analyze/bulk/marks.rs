//! When what was written is made to last.

use std::num::NonZeroU64;
use std::time::Duration;

/// The most that a run which is cut off does again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MarkRule {
    /// Answers since the last mark.
    pub(super) answers: u64,
    /// Bytes of their JSON.
    pub(super) bytes: u64,
    /// Time since the last mark, when there are answers at all.
    pub(super) time: Duration,
}

impl MarkRule {
    /// For lines: a mark costs one flush of the disk.
    pub(super) fn lines(every: Option<NonZeroU64>) -> Self {
        let answers = every.map_or(1000, NonZeroU64::get);
        Self { answers, bytes: u64::MAX, time: Duration::from_secs(10) }
    }

    /// For Parquet: a mark is a file, its rows are held in memory until then, and readers like large ones.
    pub(super) fn parquet(every: Option<NonZeroU64>) -> Self {
        let answers = every.map_or(2000, NonZeroU64::get);
        Self { answers, bytes: 64 << 20, time: Duration::from_secs(600) }
    }

    /// Whether it is time for a mark.
    pub(super) fn is_due(&self, since: Since, elapsed: Duration) -> bool {
        since.answers > 0
            && (since.answers >= self.answers || since.bytes >= self.bytes || elapsed >= self.time)
    }
}

/// What was written since the last mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Since {
    pub(super) answers: u64,
    pub(super) bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_due_by_count_by_size_or_by_time_but_never_for_nothing() {
        let rule = MarkRule { answers: 10, bytes: 1000, time: Duration::from_secs(5) };
        let due = |answers, bytes, seconds| {
            rule.is_due(Since { answers, bytes }, Duration::from_secs(seconds))
        };
        assert!(!due(9, 999, 4));
        assert!(due(10, 0, 0) && due(1, 1000, 0) && due(1, 1, 5));
        assert!(!due(0, 0, 500));
    }
}
