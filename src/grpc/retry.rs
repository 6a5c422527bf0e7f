//! Whether a call that failed is made again: the rules, without a clock and without chance of their own.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tonic::{Code, Status, TimeoutExpired};
use tonic_types::StatusExt;

/// The first wait is at most this long; each further one at most twice the one before it.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// No wait is longer, but for what a server asks for besides.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Calls for one article on which the server itself failed, until that is the answer.
const FEW: u32 = 4;
/// Articles on which the server itself failed, one after another and none answered in between, until
/// it is given up: it is the server that is broken then, not so many articles.
const MANY: u32 = 50;

/// What a failure says about whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no connection, or it broke under the call.
    Broken,
    /// The server is full or not ready, for every article alike.
    Passing {
        /// When the server said that it may be asked again.
        not_before: Duration,
    },
    /// The server failed on this call, or took too long for it.
    Call,
    /// It is about the article.
    Article,
    /// The server does not know the caller, or not the method: no call will be answered.
    Caller,
}

impl Fault {
    /// Reads it from the status that a call ended with.
    pub(super) fn of(status: &Status) -> Self {
        // A status that came over the wire has no source; one that was made here has.
        if let Some(source) = status.source() {
            let mut causes = std::iter::successors(Some(source), |cause| (**cause).source());
            let late = causes.any(|cause| cause.is::<TimeoutExpired>());
            return if late { Self::Call } else { Self::Broken };
        }
        match status.code() {
            Code::Unavailable | Code::Aborted => Self::Passing { not_before: Duration::ZERO },
            Code::ResourceExhausted => match retry_delay(status) {
                Some(not_before) => Self::Passing { not_before },
                // A message is larger than one side takes.
                None => Self::Call,
            },
            Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented => Self::Caller,
            Code::Ok
            | Code::InvalidArgument
            | Code::OutOfRange
            | Code::NotFound
            | Code::AlreadyExists
            | Code::FailedPrecondition => Self::Article,
            Code::Internal
            | Code::Unknown
            | Code::Cancelled
            | Code::DataLoss
            | Code::DeadlineExceeded => Self::Call,
        }
    }
}

/// When a refused call may be made again, if the status says so.
fn retry_delay(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|retry| retry.retry_delay)
}

/// What becomes of a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is made again after this time.
    Again(Duration),
    /// The status is the answer about this article.
    Answer,
    /// The server is given up, for all articles.
    GiveUp,
}

/// The failures of one article's call so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Course {
    failures: u32,
    on_this_call: u32,
}

impl Course {
    /// Counts a failure and decides. `silent` is how long no article has been answered, `random` a
    /// number in [0, 1], `retry_for` how long a server may be silent.
    pub(super) fn failed(
        &mut self,
        fault: Fault,
        silent: Duration,
        random: f64,
        retry_for: Duration,
    ) -> Decision {
        // Those who were told the same time do not come at the same time either.
        let again = |not_before: Duration| {
            Decision::Again(not_before.saturating_add(wait(self.failures, random)))
        };
        let decision = match fault {
            Fault::Article => Decision::Answer,
            Fault::Caller => Decision::GiveUp,
            Fault::Call if self.on_this_call + 1 >= FEW => Decision::Answer,
            Fault::Call => again(Duration::ZERO),
            // A server that wants to be asked later than it is awaited is not waited for at all.
            Fault::Passing { not_before } if silent.saturating_add(not_before) >= retry_for => {
                Decision::GiveUp
            }
            Fault::Passing { not_before } => again(not_before),
            Fault::Broken if silent >= retry_for => Decision::GiveUp,
            Fault::Broken => again(Duration::ZERO),
        };
        self.failures = self.failures.saturating_add(1);
        self.on_this_call += u32::from(fault == Fault::Call);
        decision
    }
}

/// Exponential backoff with full jitter: anything between nothing and the longest wait of the turn,
/// so that callers who failed together do not come again together.
fn wait(failures: u32, random: f64) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX));
    longest.min(LONGEST_WAIT).mul_f64(random.clamp(0.0, 1.0))
}

/// Since when calls fail and none has been answered, over all calls of a client.
#[derive(Debug, Default)]
pub(super) struct Silence(Mutex<Failures>);

#[derive(Debug, Default)]
struct Failures {
    /// Since when, and what the last one was.
    since: Option<(Instant, String)>,
    /// Articles in a row that the server failed on.
    articles: u32,
}

impl Silence {
    /// An article was answered.
    pub(super) fn end(&self) {
        *self.lock() = Failures::default();
    }

    /// A call failed; how long there has been no answer since the first that did. To say that it
    /// wants none of the article, or nothing of the caller, is an answer of the server.
    pub(super) fn failed(&self, now: Instant, fault: Fault, status: &Status) -> Duration {
        if matches!(fault, Fault::Article | Fault::Caller) {
            self.end();
            return Duration::ZERO;
        }
        let mut failures = self.lock();
        let since = failures.since.as_ref().map_or(now, |(since, _)| *since);
        failures.since = Some((since, status.message().to_owned()));
        now.saturating_duration_since(since)
    }

    /// The server failed on an article for the last time. It is there, so that the silence ends; but
    /// one that fails on many in a row is given up.
    pub(super) fn failed_on_article(&self) -> Decision {
        let mut failures = self.lock();
        let articles = failures.articles.saturating_add(1);
        *failures = Failures { since: None, articles };
        if articles < MANY { Decision::Answer } else { Decision::GiveUp }
    }

    /// How long it has lasted, and what the last failure was.
    pub(super) fn lasts(&self, now: Instant) -> Option<(Duration, String)> {
        let failures = self.lock();
        let (since, failure) = failures.since.as_ref()?;
        Some((now.saturating_duration_since(*since), failure.clone()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    const RETRY_FOR: Duration = Duration::from_secs(60);
    const NOW: Duration = Duration::ZERO;
    const PASSING: Fault = Fault::Passing { not_before: Duration::ZERO };

    #[test]
    fn a_status_from_the_wire_says_whose_fault_it_is() {
        let full = ErrorDetails::with_retry_info(Some(Duration::from_millis(500)));
        let full = Status::with_error_details(Code::ResourceExhausted, "full", full);
        let not_before = Duration::from_millis(500);
        assert_eq!(Fault::of(&full), Fault::Passing { not_before });
        assert_eq!(Fault::of(&Status::resource_exhausted("too large")), Fault::Call);
        assert_eq!(Fault::of(&Status::unavailable("draining")), PASSING);
        assert_eq!(Fault::of(&Status::invalid_argument("text")), Fault::Article);
        assert_eq!(Fault::of(&Status::out_of_range("too large")), Fault::Article);
        assert_eq!(Fault::of(&Status::internal("model")), Fault::Call);
        assert_eq!(Fault::of(&Status::unauthenticated("who")), Fault::Caller);
        assert_eq!(Fault::of(&Status::unimplemented("what")), Fault::Caller);
    }

    #[test]
    fn a_broken_connection_is_nobodys_fault_whatever_its_code() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let status = Status::from_error(Box::new(reset));
        assert_eq!((status.code(), Fault::of(&status)), (Code::Unknown, Fault::Broken));
        let late = Status::from_error(Box::new(TimeoutExpired(())));
        assert_eq!((late.code(), Fault::of(&late)), (Code::Cancelled, Fault::Call));
    }

    #[test]
    fn waits_double_up_to_the_longest_and_are_scattered() {
        let longest: Vec<_> = (0..8).map(|failures| wait(failures, 1.0).as_millis()).collect();
        assert_eq!(longest, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(wait(40, 1.0), LONGEST_WAIT);
        assert_eq!(wait(3, 0.5), Duration::from_millis(800));
        assert_eq!(wait(3, 0.0), Duration::ZERO);
    }

    #[test]
    fn a_server_is_not_asked_before_it_says() {
        let not_before = Duration::from_secs(30);
        let fault = Fault::Passing { not_before };
        let decided = |random| Course::default().failed(fault, NOW, random, RETRY_FOR);
        assert_eq!(decided(0.0), Decision::Again(not_before));
        assert_eq!(decided(1.0), Decision::Again(not_before + FIRST_WAIT));
    }

    #[test]
    fn a_server_that_says_later_than_it_is_awaited_is_given_up_at_once() {
        let hour = Fault::Passing { not_before: Duration::from_secs(3600) };
        assert_eq!(Course::default().failed(hour, NOW, 0.0, RETRY_FOR), Decision::GiveUp);
        let half = Fault::Passing { not_before: RETRY_FOR / 2 };
        let decided = |silent| Course::default().failed(half, silent, 0.0, RETRY_FOR);
        assert_eq!(decided(RETRY_FOR / 3), Decision::Again(RETRY_FOR / 2));
        assert_eq!(decided(RETRY_FOR / 2), Decision::GiveUp);
    }

    #[test]
    fn a_server_that_is_away_is_awaited_for_so_long_and_no_longer() {
        for fault in [Fault::Broken, PASSING] {
            let mut course = Course::default();
            for _ in 0..1000 {
                let silent = RETRY_FOR - Duration::from_millis(1);
                let decision = course.failed(fault, silent, 0.3, RETRY_FOR);
                assert!(matches!(decision, Decision::Again(_)), "{decision:?}");
            }
            assert_eq!(course.failed(fault, RETRY_FOR, 0.3, RETRY_FOR), Decision::GiveUp);
        }
    }

    #[test]
    fn a_failure_on_the_article_is_tried_a_few_times_and_others_do_not_count() {
        let mut course = Course::default();
        for _ in 0..10 {
            course.failed(Fault::Broken, NOW, 1.0, RETRY_FOR);
        }
        let tried = (0..20)
            .take_while(|_| course.failed(Fault::Call, NOW, 1.0, RETRY_FOR) != Decision::Answer);
        assert_eq!(tried.count(), 3);
    }

    #[test]
    fn what_will_not_change_is_decided_at_once() {
        let decided = |fault| Course::default().failed(fault, NOW, 1.0, RETRY_FOR);
        assert_eq!(decided(Fault::Article), Decision::Answer);
        assert_eq!(decided(Fault::Caller), Decision::GiveUp);
    }

    #[test]
    fn silence_begins_with_a_failure_and_ends_with_an_answer() {
        let (silence, start) = (Silence::default(), Instant::now());
        let later = start + Duration::from_secs(7);
        assert_eq!(silence.lasts(start), None);
        assert_eq!(silence.failed(start, PASSING, &Status::unavailable("a")), NOW);
        assert_eq!(
            silence.failed(later, PASSING, &Status::unavailable("b")),
            Duration::from_secs(7)
        );
        assert_eq!(silence.lasts(later), Some((Duration::from_secs(7), "b".to_owned())));
        silence.end();
        assert_eq!(silence.failed(later, PASSING, &Status::unavailable("c")), NOW);
    }

    #[test]
    fn a_failure_that_is_an_articles_answer_ends_the_silence() {
        let (silence, start) = (Silence::default(), Instant::now());
        silence.failed(start, Fault::Call, &Status::internal("model"));
        assert_eq!(silence.failed_on_article(), Decision::Answer);
        let later = start + RETRY_FOR;
        assert_eq!(silence.lasts(later), None);
        assert_eq!(silence.failed(later, PASSING, &Status::unavailable("full")), NOW);
    }

    #[test]
    fn a_server_that_fails_on_every_article_is_given_up() {
        let silence = Silence::default();
        for _ in 1..MANY {
            assert_eq!(silence.failed_on_article(), Decision::Answer);
        }
        silence.end();
        for _ in 1..MANY {
            assert_eq!(silence.failed_on_article(), Decision::Answer);
            // What passes is no answer.
            silence.failed(Instant::now(), PASSING, &Status::unavailable("full"));
        }
        assert_eq!(silence.failed_on_article(), Decision::GiveUp);
    }

    #[test]
    fn a_refusal_is_an_answer_of_the_server() {
        let later = |start: Instant| start + RETRY_FOR;
        for fault in [Fault::Article, Fault::Caller] {
            let (silence, start) = (Silence::default(), Instant::now());
            silence.failed(start, PASSING, &Status::unavailable("full"));
            assert_eq!(silence.failed(later(start), fault, &Status::unimplemented("style")), NOW);
            assert_eq!(silence.lasts(later(start)), None);
        }
    }
}
