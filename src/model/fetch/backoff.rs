//! How long to wait before asking again.

use std::time::Duration;

/// When to ask again, and when to give up.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Attempts without any progress between them.
    pub attempts: u32,
    /// Wait after the first; doubled after each further one.
    pub first: Duration,
    /// Longest wait, a longer one that the hub asks for is not waited for.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { attempts: 6, first: Duration::from_secs(1), longest: Duration::from_secs(60) }
    }
}

impl Backoff {
    /// How long to wait after so many failed attempts (at least one), or none to give up. `asked` is what the hub's
    /// `Retry-After` says.
    pub(super) fn after(&self, failed: u32, asked: Option<Duration>) -> Option<Duration> {
        if failed >= self.attempts || asked.is_some_and(|asked| asked > self.longest) {
            return None;
        }
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failed.saturating_sub(1)));
        Some(asked.unwrap_or_default().max(doubled.min(self.longest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_up_to_the_longest_and_end() {
        let backoff = Backoff { attempts: 5, first: SECOND, longest: 3 * SECOND };
        let waits: Vec<_> = (1..=5).map(|failed| backoff.after(failed, None)).collect();
        let [one, two, three] = [SECOND, 2 * SECOND, 3 * SECOND].map(Some);
        assert_eq!(waits, [one, two, three, three, None]);
    }

    #[test]
    fn what_the_hub_asks_for_is_waited_unless_it_is_too_long() {
        let backoff = Backoff { attempts: 5, first: SECOND, longest: 10 * SECOND };
        assert_eq!(backoff.after(1, Some(7 * SECOND)), Some(7 * SECOND));
        assert_eq!(backoff.after(3, Some(SECOND)), Some(4 * SECOND));
        assert_eq!(backoff.after(1, Some(11 * SECOND)), None);
    }
}
