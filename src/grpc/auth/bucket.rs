//! How often: a token bucket. Pure: time comes in.

use std::time::{Duration, Instant};

/// Holds up to `burst` tokens; `rate` come in each second.
#[derive(Debug)]
pub(super) struct TokenBucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
}

impl TokenBucket {
    /// A full bucket. `rate` is in tokens a second and above zero, `burst` at least one.
    pub(super) fn new(rate: f64, burst: u32, now: Instant) -> Self {
        let burst = f64::from(burst);
        Self { rate, burst, tokens: burst, at: now }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let past = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.tokens = (self.tokens + past * self.rate).min(self.burst);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64((1.0 - self.tokens) / self.rate);
        // Rounded up: whoever waits so long finds the token.
        Err(wait.unwrap_or(Duration::MAX).saturating_add(Duration::from_millis(1)))
    }

    /// Takes tokens that may not be there: those who come next wait for them. So a call that costs more
    /// than `burst` is not refused for ever.
    pub(super) fn owe(&mut self, tokens: u32) {
        self.tokens -= f64::from(tokens);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_is_let_in_and_then_the_rate() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(2.0, 3, start);
        for _ in 0..3 {
            bucket.take(start).expect("burst");
        }
        let wait = bucket.take(start).expect_err("empty");
        assert_eq!(wait, Duration::from_millis(501));
        bucket.take(start + wait).expect("a token has come");
        bucket.take(start + wait).expect_err("only one");
    }

    #[test]
    fn no_more_than_the_burst_is_saved() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(10.0, 2, start);
        let later = start + 100 * SECOND;
        let taken = (0..10).filter(|_| bucket.take(later).is_ok()).count();
        assert_eq!(taken, 2);
    }

    #[test]
    fn what_is_owed_is_waited_for() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(1.0, 2, start);
        bucket.take(start).expect("there is a token");
        bucket.owe(5);
        assert_eq!(bucket.take(start), Err(5 * SECOND + Duration::from_millis(1)));
        bucket.take(start + 5 * SECOND).expect("paid");
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let start = Instant::now() + 10 * SECOND;
        let mut bucket = TokenBucket::new(1.0, 1, start);
        bucket.take(start).expect("full");
        bucket.take(start - 5 * SECOND).expect_err("empty");
        bucket.take(start).expect_err("still empty");
    }

    proptest! {
        #[test]
        fn over_any_time_no_more_is_let_in_than_burst_and_rate(
            rate in 0.1_f64..100.0,
            burst in 1_u32..20,
            waits in prop::collection::vec(0_u64..500, 1..200),
        ) {
            let start = Instant::now();
            let mut bucket = TokenBucket::new(rate, burst, start);
            let mut now = start;
            let mut taken = 0.0;
            for wait in waits {
                now += Duration::from_millis(wait);
                taken += f64::from(u8::from(bucket.take(now).is_ok()));
            }
            let most = f64::from(burst) + (now - start).as_secs_f64() * rate;
            prop_assert!(taken <= most + 1e-6, "{taken} of {most}");
        }

        #[test]
        fn whoever_waits_as_told_is_let_in(rate in 0.01_f64..1000.0, cost in 1_u32..50) {
            let start = Instant::now();
            let mut bucket = TokenBucket::new(rate, 1, start);
            bucket.owe(cost);
            let wait = bucket.take(start).expect_err("empty");
            prop_assert_eq!(bucket.take(start + wait), Ok(()));
        }
    }
}
