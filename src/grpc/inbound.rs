//! Messages on their way in: in time, and bounded all together. A request has a place in the house only when its message
//! is there; this bounds what callers can make the server hold before.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::Frame;
use tokio::time::{Sleep, sleep};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::Request;

use super::framing::Framing;
use super::monitor::Monitor;
use super::status::AnalyzeError;
use crate::config::ServerConfig;

/// What a message may hold without being counted, so that those who hold large ones keep nobody from sending an article
/// of usual length.
const FREE_BYTES: usize = 64 << 10;

/// What all messages on their way in may hold, and how long.
#[derive(Debug)]
struct Budget {
    limit: usize,
    held: AtomicUsize,
    /// Longest message; tonic refuses longer ones when it has seen their length.
    longest: usize,
    timeout: Duration,
    /// Counts who is refused.
    monitor: Monitor,
}

/// Puts the body of a request under the budget of the server.
pub(super) fn bounded(
    config: &ServerConfig,
    monitor: Monitor,
) -> impl Fn(Request<Body>) -> Request<Body> + Clone + use<> {
    let budget = Arc::new(Budget {
        limit: config.max_incoming_bytes,
        held: AtomicUsize::new(0),
        longest: config.max_message_bytes,
        timeout: config.message_timeout(),
        monitor,
    });
    move |request| request.map(|body| Body::new(Bounded::new(body, Arc::clone(&budget))))
}

/// The body of a request. It fails when a message is late, or when there is no room for more of it.
struct Bounded<B> {
    body: B,
    budget: Arc<Budget>,
    framing: Framing,
    /// Counted bytes.
    held: usize,
    /// Runs while a message has begun and is not all there.
    late: Option<Pin<Box<Sleep>>>,
}

impl<B> Bounded<B> {
    fn new(body: B, budget: Arc<Budget>) -> Self {
        Self { body, budget, framing: Framing::default(), held: 0, late: None }
    }

    /// Counts so many bytes that are there, and those still missing of the message, for which tonic makes room at once; false
    /// when there is no room.
    fn hold(&mut self, bytes: usize) -> bool {
        let bytes = bytes + self.framing.missing().min(self.budget.longest);
        let bytes = bytes.saturating_sub(FREE_BYTES);
        self.count(bytes)
    }

    /// Counts so many bytes instead of those counted before.
    fn count(&mut self, bytes: usize) -> bool {
        let held = &self.budget.held;
        let fits = if let Some(more) = bytes.checked_sub(self.held) {
            let room =
                |held: usize| held.checked_add(more).filter(|&held| held <= self.budget.limit);
            held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok()
        } else {
            held.fetch_sub(self.held - bytes, Ordering::Relaxed);
            true
        };
        if fits {
            self.held = bytes;
        }
        fits
    }

    /// Looks at bytes that came; they are held until more is asked for.
    fn take(&mut self, bytes: &Bytes) -> Result<(), AnalyzeError> {
        let held = self.framing.begun() + bytes.len();
        if self.framing.advance(bytes) {
            // Whoever has a whole message may take long over it: the next one neither runs late meanwhile nor has room.
            self.late = None;
            let limit = self.budget.limit;
            let fits = self.count(held.saturating_sub(FREE_BYTES));
            return if fits { Ok(()) } else { Err(AnalyzeError::IncomingFull { limit }) };
        }
        self.go_on(held)
    }

    /// Makes room for the message under way, of which so many bytes are there, and looks at the time.
    fn go_on(&mut self, held: usize) -> Result<(), AnalyzeError> {
        if self.framing.begun() == 0 {
            self.late = None;
        } else if self.late.is_none() {
            self.late = Some(Box::pin(sleep(self.budget.timeout)));
        }
        let limit = self.budget.limit;
        if self.hold(held) { Ok(()) } else { Err(AnalyzeError::IncomingFull { limit }) }
    }

    fn refused<T>(&self, error: AnalyzeError) -> Option<Result<T, Status>> {
        Some(Err(self.budget.monitor.unanswered(error)))
    }
}

impl<B> Drop for Bounded<B> {
    fn drop(&mut self) {
        self.count(0);
    }
}

impl<B> http_body::Body for Bounded<B>
where
    B: http_body::Body<Data = Bytes, Error = Status> + Unpin,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        // Who asks for more has taken all messages that were complete.
        let begun = self.framing.begun();
        if let Err(error) = self.go_on(begun) {
            return Poll::Ready(self.refused(error));
        }
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            let Some(late) = &mut self.late else { return Poll::Pending };
            ready!(late.as_mut().poll(context));
            let timeout = self.budget.timeout;
            return Poll::Ready(self.refused(AnalyzeError::IncomingLate { timeout }));
        };
        let taken = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(Ok(()), |bytes| self.take(bytes)),
            _ => Ok(()),
        };
        Poll::Ready(match taken {
            Ok(()) => frame,
            Err(error) => self.refused(error),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    /// A body that gives what is sent to it.
    struct Sent(mpsc::UnboundedReceiver<Bytes>);

    impl http_body::Body for Sent {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
        }
    }

    fn budget(limit: usize) -> Arc<Budget> {
        let timeout = Duration::from_secs(30);
        let (held, monitor) = (AtomicUsize::new(0), Monitor::default());
        Arc::new(Budget { limit, held, longest: 4 << 20, timeout, monitor })
    }

    fn body(budget: &Arc<Budget>) -> (mpsc::UnboundedSender<Bytes>, Bounded<Sent>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Bounded::new(Sent(receiver), Arc::clone(budget)))
    }

    async fn next(body: &mut Bounded<Sent>) -> Option<Result<Frame<Bytes>, Status>> {
        use http_body::Body;
        std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
    }

    /// The beginning of a message of so many bytes, its prefix not counted.
    fn beginning(length: usize, come: usize) -> Bytes {
        let mut message = vec![0; come];
        message[1..5].copy_from_slice(&u32::try_from(length).expect("short").to_be_bytes());
        message.into()
    }

    #[tokio::test]
    async fn all_bodies_share_the_budget_and_give_back_what_they_hold() {
        let budget = budget(100_000);
        let ((first_sender, mut first), (second_sender, mut second)) =
            (body(&budget), body(&budget));
        first_sender.send(beginning(FREE_BYTES + 60_000, 5)).expect("open");
        second_sender.send(beginning(FREE_BYTES + 40_000, 5)).expect("open");
        assert!(next(&mut first).await.expect("frame").is_ok());
        let refused = next(&mut second).await.expect("frame").expect_err("no room");
        assert_eq!(refused.code(), tonic::Code::ResourceExhausted, "{refused:?}");
        drop(first);
        second_sender.send(Bytes::from_static(b"more")).expect("open");
        assert!(next(&mut second).await.expect("frame").is_ok());
        drop(second);
        assert_eq!(budget.held.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_message_that_is_taken_is_not_counted() {
        let budget = budget(100_000);
        let (sender, mut body) = body(&budget);
        for _ in 0..10 {
            sender.send(beginning(150_000, 100_005)).expect("open");
            sender.send(Bytes::from_static(&[0; 50_000])).expect("open");
            assert!(next(&mut body).await.expect("frame").is_ok());
            assert!(next(&mut body).await.expect("frame").is_ok());
        }
    }

    #[tokio::test]
    async fn a_message_that_is_too_long_is_left_to_tonic() {
        let budget = budget(4 << 20);
        let (sender, mut body) = body(&budget);
        sender.send(beginning(1 << 30, 5)).expect("open");
        assert!(next(&mut body).await.expect("frame").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_is_late_fails_and_a_pause_between_messages_does_not() {
        let budget = budget(100_000);
        let (sender, mut body) = body(&budget);
        sender.send(Bytes::from_static(&[0, 0, 0, 0, 1, 9])).expect("open");
        assert!(next(&mut body).await.expect("frame").is_ok());
        let hour = Duration::from_secs(3600);
        assert!(tokio::time::timeout(hour, next(&mut body)).await.is_err(), "it waits");
        sender.send(Bytes::from_static(&[0, 0, 0, 0, 9, 9])).expect("open");
        assert!(next(&mut body).await.expect("frame").is_ok());
        let late = next(&mut body).await.expect("frame").expect_err("late");
        assert_eq!(late.code(), tonic::Code::DeadlineExceeded, "{late:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_long_over_a_message_loses_nothing_of_the_next() {
        let budget = budget(100_000);
        let (sender, mut body) = body(&budget);
        // A whole message, and the prefix of one for which there is no room beside others.
        let mut bytes = vec![0, 0, 0, 0, 1, 9];
        bytes.extend(beginning(150_000, 5));
        sender.send(bytes.into()).expect("open");
        assert!(next(&mut body).await.expect("frame").is_ok());
        assert_eq!(budget.held.load(Ordering::Relaxed), 0);
        tokio::time::advance(Duration::from_secs(3600)).await;
        sender.send(vec![0; 150_000].into()).expect("open");
        assert!(next(&mut body).await.expect("frame").is_ok());
        assert!(budget.held.load(Ordering::Relaxed) > 0);
    }
}
