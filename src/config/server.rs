//! `[server]`: the port, its connections, and the end.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::origin;
use super::range::out_of_range;
use crate::violation::Violation;

/// The gRPC server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Whether calls may travel unencrypted on an address that is not loopback.
    pub allow_plaintext: bool,
    /// Largest request message.
    pub max_message_bytes: usize,
    /// Bytes that messages on their way in may hold, all together.
    pub max_incoming_bytes: usize,
    /// How long a message may take from its first byte to its last.
    pub message_timeout_ms: u64,
    /// Largest metadata of a call, as HTTP/2 counts it: names, values and 32 bytes for each entry.
    pub max_metadata_bytes: u32,
    /// Connections at once; the next is closed.
    pub max_connections: usize,
    /// Calls of one connection at once; the caller holds further ones.
    pub max_connection_calls: u32,
    /// Calls that one connection may begin and reset before the server takes them.
    pub max_pending_resets: usize,
    /// How long a new connection may take until it speaks HTTP/2, the TLS handshake included.
    pub handshake_timeout_ms: u64,
    /// How long a connection may be silent before the peer is asked whether it is still there; 0 never asks.
    pub keepalive_interval_ms: u64,
    /// How long the peer may take to answer that.
    pub keepalive_timeout_ms: u64,
    /// When a connection takes no further calls; 0 never.
    pub max_connection_age_ms: u64,
    /// How long open calls may take from then on; 0 as long as they like.
    pub max_connection_age_grace_ms: u64,
    /// Whether reflection is served.
    pub reflection: bool,
    /// Whether gRPC-Web is spoken, and so HTTP/1.1.
    pub grpc_web: bool,
    /// Origins whose pages may call by gRPC-Web, besides the server's own.
    pub grpc_web_origins: Vec<String>,
    /// How often the files with certificates and keys are looked at.
    pub reload_interval_ms: u64,
    /// How long new requests are still served after SIGTERM.
    pub shutdown_grace_ms: u64,
    /// How long accepted requests may take after that.
    pub drain_timeout_ms: u64,
}

const DAY_MS: u64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;

impl ServerConfig {
    /// `encrypted`: calls come over TLS.
    pub(super) fn violations(&self, encrypted: bool) -> Vec<Violation> {
        let listen = self.listen;
        let exposed = !(encrypted || self.allow_plaintext || listen.ip().is_loopback());
        let exposed = exposed.then(|| {
            let problem = format!(
                "{listen} is not loopback and calls would travel unencrypted: set tls.certificate \
                 and tls.key, or server.allow_plaintext = true"
            );
            Violation::new("server.listen", problem)
        });
        let ranges = [
            out_of_range("server.max_message_bytes", self.max_message_bytes, 1 << 10, 1 << 30),
            out_of_range(
                "server.max_incoming_bytes",
                self.max_incoming_bytes,
                self.max_message_bytes,
                1 << 40,
            ),
            out_of_range("server.message_timeout_ms", self.message_timeout_ms, 1, DAY_MS),
            out_of_range("server.max_metadata_bytes", self.max_metadata_bytes, 1 << 10, 1 << 20),
            out_of_range("server.max_connections", self.max_connections, 1, 1_000_000),
            out_of_range("server.max_connection_calls", self.max_connection_calls, 1, 10_000),
            out_of_range("server.max_pending_resets", self.max_pending_resets, 1, 10_000),
            out_of_range("server.handshake_timeout_ms", self.handshake_timeout_ms, 1, HOUR_MS),
            out_of_range("server.keepalive_interval_ms", self.keepalive_interval_ms, 0, DAY_MS),
            out_of_range("server.keepalive_timeout_ms", self.keepalive_timeout_ms, 1, DAY_MS),
            out_of_range(
                "server.max_connection_age_ms",
                self.max_connection_age_ms,
                0,
                30 * DAY_MS,
            ),
            out_of_range(
                "server.max_connection_age_grace_ms",
                self.max_connection_age_grace_ms,
                0,
                DAY_MS,
            ),
            out_of_range("server.reload_interval_ms", self.reload_interval_ms, 1, DAY_MS),
            out_of_range("server.shutdown_grace_ms", self.shutdown_grace_ms, 0, HOUR_MS),
            out_of_range("server.drain_timeout_ms", self.drain_timeout_ms, 0, DAY_MS),
        ];
        let origins = origin::violations("server.grpc_web_origins", &self.grpc_web_origins);
        exposed.into_iter().chain(ranges.into_iter().flatten()).chain(origins).collect()
    }

    /// How long a message may take from its first byte to its last.
    pub fn message_timeout(&self) -> Duration {
        Duration::from_millis(self.message_timeout_ms)
    }

    /// How long a new connection may take until it speaks HTTP/2.
    pub fn handshake_timeout(&self) -> Duration {
        Duration::from_millis(self.handshake_timeout_ms)
    }

    /// How long a connection may be silent before the peer is asked for a sign of life.
    pub fn keepalive_interval(&self) -> Option<Duration> {
        unless_zero(self.keepalive_interval_ms)
    }

    /// How long the peer may take to give it.
    pub fn keepalive_timeout(&self) -> Duration {
        Duration::from_millis(self.keepalive_timeout_ms)
    }

    /// When a connection takes no further calls.
    pub fn max_connection_age(&self) -> Option<Duration> {
        unless_zero(self.max_connection_age_ms)
    }

    /// How long open calls may take from then on.
    pub fn max_connection_age_grace(&self) -> Option<Duration> {
        unless_zero(self.max_connection_age_grace_ms)
    }

    /// How often files are looked at.
    pub fn reload_interval(&self) -> Duration {
        Duration::from_millis(self.reload_interval_ms)
    }

    /// How long new requests are still served after SIGTERM.
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }

    /// How long accepted requests may take after that.
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_millis(self.drain_timeout_ms)
    }
}

fn unless_zero(milliseconds: u64) -> Option<Duration> {
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}
