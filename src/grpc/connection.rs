//! A connection: encrypted or not, counted, and not for ever.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::transport::server::Connected;

/// Bytes of the words that open HTTP/2 (RFC 9113, section 3.4). From then on its pings tell whether
/// the caller is there.
const PREFACE: usize = 24;

/// What carries the bytes.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

/// Who is at the other end.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// Where from.
    pub(super) address: SocketAddr,
    /// Name in the caller's certificate, which the handshake checked.
    pub(super) certificate: Option<Arc<str>>,
}

/// A connection that was let in. It gives its place back when it is dropped.
pub(super) struct Connection {
    wire: Box<dyn Wire>,
    peer: Peer,
    /// Bytes of the preface still to come.
    awaited: usize,
    /// The connection ends when this comes; at first the time for the preface, then `end`.
    deadline: Option<Pin<Box<Sleep>>>,
    end: Option<Instant>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    /// `greeting` is when the caller must have begun to speak HTTP/2, `end` when the connection ends
    /// even though calls are open.
    pub(super) fn new(
        wire: Box<dyn Wire>,
        peer: Peer,
        greeting: Instant,
        end: Option<Instant>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let deadline = Some(Box::pin(sleep_until(greeting)));
        Self { wire, peer, awaited: PREFACE, deadline, end, _place: place }
    }

    fn has_ended(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(context).is_ready())
    }

    /// Notes bytes that came; the preface changes the deadline.
    fn received(&mut self, bytes: usize) {
        if self.awaited > 0 {
            self.awaited = self.awaited.saturating_sub(bytes);
            if self.awaited == 0 {
                self.deadline = self.end.map(|end| Box::pin(sleep_until(end)));
            }
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connection").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.wire).poll_read(context, buffer);
        if read.is_ready() {
            self.received(buffer.filled().len() - before);
        }
        // Asked last, so that a deadline set just now is waited for.
        if self.has_ended(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}
