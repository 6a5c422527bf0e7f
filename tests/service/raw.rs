//! HTTP/2 by hand, for callers that no library would be.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Types of frames (RFC 9113, section 6).
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const HEADERS: u8 = 1;
/// Flag of an answer to a ping.
const ACK: u8 = 1;
/// Errors (section 7).
pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// A frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("length").to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}

/// A connection that has greeted.
pub(crate) struct Raw(pub(crate) TcpStream);

impl Raw {
    /// Connects and greets; whether the server takes it shows when something is read.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("connection");
        let greeting = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &frame(SETTINGS, 0, 0, &[])[..]];
        // A server without a place may have closed it.
        let _refused = stream.write_all(&greeting.concat()).await;
        Self(stream)
    }

    /// The next frame: type and payload. None at the end. Pings are answered: a server that says goodbye
    /// waits for that.
    pub(crate) async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).expect("length")];
        self.0.read_exact(&mut payload).await.ok()?;
        let (kind, flags) = (head[3], head[4]);
        if kind == PING && flags & ACK == 0 {
            // When the server has closed it, the next read shows it.
            let _closed = self.0.write_all(&frame(PING, ACK, 0, &payload)).await;
        }
        Some((kind, payload))
    }

    /// Reads to the end: the errors that the server said goodbye with.
    pub(crate) async fn goodbyes(&mut self) -> Vec<u32> {
        let mut errors = Vec::new();
        while let Some((kind, payload)) = self.next().await {
            if kind == GOAWAY {
                errors.push(u32::from_be_bytes(payload[4..8].try_into().expect("error")));
            }
        }
        errors
    }
}
