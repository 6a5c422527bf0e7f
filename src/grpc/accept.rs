//! From the port to connections: places, handshakes, deadlines.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use super::connection::{Connection, Peer, Wire};
use super::tls::{Tls, name_of};
use crate::config::ServerConfig;

/// How long to wait when no connection can be taken, for example because the process has no file
/// descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections whose handshake is done, as they come. A slow one holds no other up: each has a task,
/// a deadline, and one of the configured places, which it keeps until it ends. Dropping the stream
/// closes the port.
pub(super) fn connections(
    listener: TcpListener,
    config: &ServerConfig,
    tls: Option<Tls>,
) -> impl Stream<Item = io::Result<Connection>> + use<> {
    let age = config.max_connection_age();
    let (ready, connections) = mpsc::channel(1);
    let entrance = Entrance {
        places: Arc::new(Semaphore::new(config.max_connections)),
        limit: config.max_connections,
        greeter: Greeter {
            tls,
            timeout: config.handshake_timeout(),
            end: age.zip(config.max_connection_age_grace()).map(|(age, grace)| age + grace),
            ready,
        },
    };
    let accepting = AbortOnDropHandle::new(tokio::spawn(entrance.accept_all(listener)));
    futures::stream::unfold((connections, accepting), |(mut connections, accepting)| async move {
        let connection = connections.recv().await?;
        Some((Ok(connection), (connections, accepting)))
    })
}

/// Lets connections in.
struct Entrance {
    places: Arc<Semaphore>,
    limit: usize,
    greeter: Greeter,
}

impl Entrance {
    async fn accept_all(self, listener: TcpListener) {
        let mut greetings = JoinSet::new();
        let mut full = false;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                // Only to forget it: a greeting reports by itself.
                Some(_) = greetings.join_next() => continue,
            };
            match (accepted, Arc::clone(&self.places).try_acquire_owned()) {
                (Ok((stream, address)), Ok(place)) => {
                    full = false;
                    greetings.spawn(self.greeter.clone().greet(stream, address, place));
                }
                // Closed at once, so that the caller can go elsewhere.
                (Ok(_), Err(_)) if full => {}
                (Ok(_), Err(_)) => {
                    full = true;
                    tracing::warn!(limit = self.limit, "connections are refused: all are taken");
                }
                (Err(error), _) if is_of_one_connection(&error) => {}
                (Err(error), _) => {
                    tracing::warn!(%error, "no connection can be taken");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// An error that says nothing about the next connection.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Makes connections of streams.
#[derive(Clone)]
struct Greeter {
    tls: Option<Tls>,
    timeout: Duration,
    /// From the beginning of a connection.
    end: Option<Duration>,
    ready: mpsc::Sender<Connection>,
}

impl Greeter {
    async fn greet(self, stream: TcpStream, address: SocketAddr, place: OwnedSemaphorePermit) {
        let begun = Instant::now();
        let greeting = begun + self.timeout;
        let end = self.end.map(|end| begun + end);
        match self.shake_hands(stream, address, greeting).await {
            Ok((wire, peer)) => {
                let connection = Connection::new(wire, peer, greeting, end, place);
                // When nobody takes it any more, the server has ended.
                let _ended = self.ready.send(connection).await;
            }
            Err(error) => tracing::info!(%address, %error, "no connection"),
        }
    }

    async fn shake_hands(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        deadline: Instant,
    ) -> io::Result<(Box<dyn Wire>, Peer)> {
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return Ok((Box::new(stream), Peer { address, certificate: None }));
        };
        let stream = timeout_at(deadline, tls.acceptor().accept(stream)).await??;
        let (_, session) = stream.get_ref();
        let shown = session.peer_certificates().and_then(<[_]>::first);
        let certificate = shown.and_then(name_of).map(Arc::from);
        Ok((Box::new(stream), Peer { address, certificate }))
    }
}
