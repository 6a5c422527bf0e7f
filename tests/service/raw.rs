//! A connection by hand that behaves: it greets, and answers pings.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::frames::{self, ACK, Frame, GO_AWAY, PING, PREFACE, SETTINGS, frame};

/// A connection that has greeted.
pub(crate) struct Raw(TcpStream);

impl Raw {
    /// Connects and greets; whether the server takes it shows when something is read.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("connection");
        let greeting = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
        // A server without a place may have closed it.
        let _refused = stream.write_all(&greeting).await;
        Self(stream)
    }

    /// The next frame; none at the end. Pings are answered: a server that says goodbye waits for that.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        let next = frames::next(&mut self.0).await?;
        if next.kind == PING && next.flags & ACK == 0 {
            // When the server has closed it, the next read shows it.
            let _closed = self.0.write_all(&frame(PING, ACK, 0, &next.payload)).await;
        }
        Some(next)
    }

    /// Reads to the end: the errors that the server said goodbye with.
    pub(crate) async fn goodbyes(&mut self) -> Vec<u32> {
        let mut errors = Vec::new();
        while let Some(frame) = self.next().await {
            errors.extend((frame.kind == GO_AWAY).then(|| frame.error()));
        }
        errors
    }
}
