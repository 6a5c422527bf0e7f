//! A caller, and what he may take.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::CallerLimits;
use super::bucket::TokenBucket;
use super::refusal::Refusal;

/// A call's place among those that its caller may have at once; free again when it is dropped. Empty
/// for a caller without such a limit.
pub(super) type CallPlace = Option<OwnedSemaphorePermit>;

/// A caller of the file. It outlives a new reading of the file that leaves the limits as they are.
#[derive(Debug)]
pub(in crate::grpc) struct KnownCaller {
    name: Arc<str>,
    limits: CallerLimits,
    bucket: Option<Mutex<TokenBucket>>,
    calls: Option<Arc<Semaphore>>,
}

impl KnownCaller {
    pub(super) fn new(name: &str, limits: CallerLimits, now: Instant) -> Self {
        let bucket = |(rate, burst)| Mutex::new(TokenBucket::new(rate, burst, now));
        // A count fits: the file allows no more than a million.
        let places = |limit| Arc::new(Semaphore::new(usize::try_from(limit).unwrap_or(usize::MAX)));
        Self {
            name: name.into(),
            limits,
            bucket: limits.rate.map(bucket),
            calls: limits.in_flight.map(places),
        }
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(in crate::grpc) fn limits(&self) -> CallerLimits {
        self.limits
    }

    /// Lets a call in. `is_request` is false for one whose parts are counted instead.
    pub(super) fn admit(&self, is_request: bool, now: Instant) -> Result<CallPlace, Refusal> {
        let place = match &self.calls {
            None => None,
            Some(calls) => {
                let limit = self.limits.in_flight.unwrap_or_default();
                let too_many = |_| Refusal::TooMany { name: Arc::clone(&self.name), limit };
                Some(Arc::clone(calls).try_acquire_owned().map_err(too_many)?)
            }
        };
        if is_request {
            self.pay(now).map_err(|wait| {
                let (rate, _) = self.limits.rate.unwrap_or_default();
                Refusal::TooOften { name: Arc::clone(&self.name), rate, wait }
            })?;
        }
        Ok(place)
    }

    /// Pays for one request.
    ///
    /// # Errors
    /// How long it takes until the caller can.
    pub(super) fn pay(&self, now: Instant) -> Result<(), Duration> {
        self.bucket().map_or(Ok(()), |mut bucket| bucket.take(now))
    }

    /// Counts requests that are already let in.
    pub(super) fn owe(&self, requests: u32) {
        if let Some(mut bucket) = self.bucket() {
            bucket.owe(requests);
        }
    }

    fn bucket(&self) -> Option<MutexGuard<'_, TokenBucket>> {
        let bucket = self.bucket.as_ref()?;
        Some(bucket.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

/// Who makes a call: a caller of the file, the name in a certificate, or nobody in particular.
#[derive(Debug, Clone, Default)]
pub(in crate::grpc) struct Visitor {
    name: Option<Arc<str>>,
    known: Option<Arc<KnownCaller>>,
}

impl Visitor {
    /// Somebody of this name, without limits of his own.
    pub(super) fn named(name: Option<Arc<str>>) -> Self {
        Self { name, known: None }
    }

    pub(super) fn known(caller: Arc<KnownCaller>) -> Self {
        Self { name: Some(Arc::clone(caller.name())), known: Some(caller) }
    }

    /// The one who makes this call, as the door noted it.
    pub(in crate::grpc) fn of<T>(request: &tonic::Request<T>) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// For the log.
    pub(in crate::grpc) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What this caller may take.
    pub(in crate::grpc) fn limits(&self) -> CallerLimits {
        self.known.as_ref().map(|caller| caller.limits()).unwrap_or_default()
    }

    /// Counts requests that a call holds beyond the first.
    pub(in crate::grpc) fn owe(&self, requests: u32) {
        if let Some(caller) = &self.known {
            caller.owe(requests);
        }
    }

    /// Waits until the caller's rate allows one more request.
    pub(in crate::grpc) async fn turn(&self) {
        let Some(caller) = &self.known else { return };
        while let Err(wait) = caller.pay(Instant::now()) {
            tokio::time::sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(rate: Option<(f64, u32)>, in_flight: Option<u32>) -> KnownCaller {
        KnownCaller::new("newsroom", CallerLimits { rate, in_flight }, Instant::now())
    }

    #[test]
    fn a_place_is_free_again_when_its_call_is_over() {
        let (caller, now) = (caller(None, Some(1)), Instant::now());
        let place = caller.admit(true, now).expect("first");
        let refusal = caller.admit(true, now).expect_err("second");
        assert_eq!(refusal, Refusal::TooMany { name: "newsroom".into(), limit: 1 });
        drop(place);
        caller.admit(true, now).expect("free");
    }

    #[test]
    fn a_call_that_found_no_place_does_not_count_for_the_rate() {
        let (caller, now) = (caller(Some((1.0, 2)), Some(1)), Instant::now());
        let place = caller.admit(true, now).expect("first");
        caller.admit(true, now).expect_err("no place");
        drop(place);
        let _place = caller.admit(true, now).expect("the second token is there");
    }

    #[test]
    fn a_call_that_pays_for_its_parts_is_let_in_without_a_token() {
        let (caller, now) = (caller(Some((1.0, 1)), None), Instant::now());
        caller.admit(true, now).expect("the token");
        assert!(matches!(caller.admit(true, now), Err(Refusal::TooOften { .. })));
        caller.admit(false, now).expect("a stream");
    }

    #[test]
    fn what_a_call_owes_is_waited_for() {
        let (caller, now) = (caller(Some((1.0, 1)), None), Instant::now());
        caller.admit(true, now).expect("the token");
        caller.owe(2);
        let wait = caller.pay(now).expect_err("owed");
        assert!(wait > Duration::from_secs(2), "{wait:?}");
    }
}
