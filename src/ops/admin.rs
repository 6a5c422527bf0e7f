//! The admin port: a few pages over HTTP/1.1 for probes and Prometheus.
//!
//! It is for the operator's network, and still bounded: so many connections, one request each, without a body.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use super::metrics::Metrics;

/// Connections at once; others wait to be accepted.
const MAX_CONNECTIONS: usize = 16;
/// How long a caller may take for the head of its request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may last: callers who do not read their answer make room.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of a request's head.
const MAX_HEAD_BYTES: usize = 8192;
/// How long to wait when no connection can be accepted, for example for lack of file descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

const TEXT: &str = "text/plain; charset=utf-8";

/// What the pages show.
pub struct AdminPages {
    /// `/metrics`.
    pub metrics: Metrics,
    /// `/readyz`: whether requests would be taken.
    pub is_ready: Box<dyn Fn() -> bool + Send + Sync>,
    /// `/version`: JSON.
    pub version: String,
}

/// The admin port; it closes when this is dropped.
#[derive(Debug)]
pub struct Admin {
    address: SocketAddr,
    _serving: AbortOnDropHandle<()>,
}

impl Admin {
    /// Takes the port and serves.
    ///
    /// # Errors
    /// When the address is in use or not ours.
    pub async fn start(address: SocketAddr, pages: AdminPages) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let serving = AbortOnDropHandle::new(tokio::spawn(serve(listener, Arc::new(pages))));
        Ok(Self { address, _serving: serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(listener: TcpListener, pages: Arc<AdminPages>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Ends its tasks when it is dropped.
    let mut connections = JoinSet::new();
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => drop(connections.spawn(answer(stream, Arc::clone(&pages), place))),
            Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
        }
    }
}

/// Answers the one request of a connection.
async fn answer(stream: TcpStream, pages: Arc<AdminPages>, _place: OwnedSemaphorePermit) {
    let service = service_fn(|request| {
        let response = pages.respond(&request);
        async { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // A caller who leaves or dawdles has nothing to be told.
    let _ended = tokio::time::timeout(CONNECTION_TIMEOUT, connection).await;
}

impl AdminPages {
    fn respond(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() != Method::GET {
            let mut refusal = page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n");
            refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
            return refusal;
        }
        if !request.body().is_end_stream() {
            return page(StatusCode::PAYLOAD_TOO_LARGE, TEXT, "no body is taken\n");
        }
        match request.uri().path() {
            "/metrics" => page(StatusCode::OK, Metrics::MEDIA_TYPE, self.metrics.text()),
            "/livez" => page(StatusCode::OK, TEXT, "alive\n"),
            "/readyz" if (self.is_ready)() => page(StatusCode::OK, TEXT, "ready\n"),
            "/readyz" => page(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ready\n"),
            "/version" => page(StatusCode::OK, "application/json", self.version.clone()),
            _ => page(StatusCode::NOT_FOUND, TEXT, "there is no such page\n"),
        }
    }
}

fn page(
    status: StatusCode,
    media_type: &'static str,
    content: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

impl fmt::Debug for AdminPages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AdminPages").field("metrics", &self.metrics).finish_non_exhaustive()
    }
}
