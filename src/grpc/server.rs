//! The server: port, services, health, and an orderly end.

use std::io;
use std::net::SocketAddr;

use futures::FutureExt;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tonic::codec::CompressionEncoding::{Gzip, Zstd};
use tonic::service::interceptor::InterceptedService;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tonic_reflection::server::{v1, v1alpha};
use tower::util::{MapRequestLayer, option_layer};

use super::accept::connections;
use super::access::Access;
use super::analyzer::Analyzer;
use super::auth::Door;
use super::deadline::note_arrival;
use super::inbound;
use super::monitor::Monitor;
use super::proto::DESCRIPTORS;
use super::proto::v1::analysis_service_server::AnalysisServiceServer;
use super::service::Service;
use super::web;
use crate::config::ServerConfig;

/// Longest request of the services beside ours, in bytes: they ask for names.
const SMALL_MESSAGE: usize = 4096;

/// How a server came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drain {
    /// Every accepted request was answered.
    Clean,
    /// Requests were still open when the time was up.
    TimedOut,
}

/// Why a server failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError<E> {
    /// The transport failed.
    #[error("transport: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The descriptors of the contract are not valid.
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The analyzer could not be loaded.
    #[error("{0}")]
    Load(E),
    /// The task of the transport panicked.
    #[error("server task: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Takes the port.
///
/// # Errors
/// When the address is in use or not ours.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `shutdown` resolves and the drain is over. Health is NOT_SERVING until `load` has
/// given the analyzer, while the model has to show that it reads after a panic, and from the shutdown on;
/// calls are answered UNAVAILABLE before, and when the grace after the shutdown is over. `monitor` tells the
/// same to others, and counts.
///
/// # Errors
/// When loading or the transport fails.
pub async fn serve<E>(
    listener: TcpListener,
    config: ServerConfig,
    access: Access,
    load: impl Future<Output = Result<Analyzer, E>>,
    shutdown: impl Future<Output = ()>,
    monitor: Monitor,
) -> Result<Drain, ServeError<E>> {
    let service = Service { monitor: monitor.clone() };
    let (health, health_service) = tonic_health::server::health_reporter();
    report(&health, ServingStatus::NotServing).await;
    let (current, older) = reflection(&config)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let analysis = AnalysisServiceServer::new(service)
        .max_decoding_message_size(config.max_message_bytes)
        .accept_compressed(Gzip)
        .accept_compressed(Zstd)
        .send_compressed(Gzip)
        .send_compressed(Zstd);
    let (tls, callers, _reading) = access.follow(config.reload_interval());
    // From the outermost: what browsers send becomes gRPC before it is counted and asked for a key.
    let transport = transport(&config)
        .layer(option_layer(web::cross_origin(&config)))
        .layer(option_layer(web::translation(&config)))
        .layer(monitor.calls.clone())
        .layer(Door::new(callers))
        .layer(MapRequestLayer::new(inbound::bounded(&config, monitor.clone())))
        .add_service(InterceptedService::new(analysis, note_arrival))
        .add_service(health_service.max_decoding_message_size(SMALL_MESSAGE))
        .add_optional_service(current)
        .add_optional_service(older)
        .serve_with_incoming_shutdown(
            connections(listener, &config, tls),
            // An error means that the sender is gone, which ends the server as well.
            stopped.map(drop),
        );
    let mut transport = tokio::spawn(transport);

    tokio::pin!(shutdown);
    let analyzer = tokio::select! {
        loaded = load => loaded.map_err(ServeError::Load)?,
        () = &mut shutdown => return Ok(Drain::Clean),
        ended = &mut transport => return ended?.map(|()| Drain::Clean).map_err(Into::into),
    };
    // Nobody else sets it.
    let _set = monitor.analyzer.set(analyzer.clone());
    tracing::info!("serving");
    tokio::select! {
        () = &mut shutdown => {}
        () = follow(analyzer.recovering(), &health) => {}
        ended = &mut transport => return ended?.map(|()| Drain::Clean).map_err(Into::into),
    }
    monitor.leaving.cancel();
    report(&health, ServingStatus::NotServing).await;
    tokio::time::sleep(config.shutdown_grace()).await;
    tracing::info!(drain_timeout_ms = config.drain_timeout_ms, "draining");
    monitor.draining.cancel();
    end_watches(&health).await;
    let _stopping = stop.send(());
    let ended = tokio::time::timeout(config.drain_timeout(), transport).await;
    analyzer.log_totals();
    match ended {
        Ok(ended) => ended?.map(|()| Drain::Clean).map_err(Into::into),
        // Connections without a request may stay open for ever; they lose nothing.
        Err(_) if analyzer.house().is_empty() => Ok(Drain::Clean),
        Err(_) => Ok(Drain::TimedOut),
    }
}

/// A transport within its limits. hyper and h2 bound what has no key: a connection's answers to pings
/// and settings (one waits, and nothing is read before it is sent), frames that continue a head, empty
/// frames of data, and streams that we reset for faults of the caller (1024).
fn transport(config: &ServerConfig) -> tonic::transport::Server {
    let transport = tonic::transport::Server::builder()
        .accept_http1(config.grpc_web)
        .http2_keepalive_interval(config.keepalive_interval())
        .http2_keepalive_timeout(Some(config.keepalive_timeout()))
        .http2_max_header_list_size(config.max_metadata_bytes)
        .http2_max_pending_accept_reset_streams(Some(config.max_pending_resets))
        .max_concurrent_streams(config.max_connection_calls);
    match config.max_connection_age() {
        // Its grace would end a connection that was never told to end; ours is that of `Connection`.
        Some(age) => transport.max_connection_age(age),
        None => transport,
    }
}

/// Reflection, new protocol and old, when it is configured.
fn reflection(
    config: &ServerConfig,
) -> Result<
    (
        Option<v1::ServerReflectionServer<impl v1::ServerReflection>>,
        Option<v1alpha::ServerReflectionServer<impl v1alpha::ServerReflection>>,
    ),
    tonic_reflection::server::Error,
> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
    };
    if !config.reflection {
        return Ok((None, None));
    }
    let current = builder().build_v1()?.max_decoding_message_size(SMALL_MESSAGE);
    let older = builder().build_v1alpha()?.max_decoding_message_size(SMALL_MESSAGE);
    Ok((Some(current), Some(older)))
}

/// Reports the model's health; ends when the workers are gone.
async fn follow(mut recovering: watch::Receiver<usize>, health: &HealthReporter) {
    loop {
        let status = match *recovering.borrow_and_update() {
            0 => ServingStatus::Serving,
            _ => ServingStatus::NotServing,
        };
        report(health, status).await;
        if recovering.changed().await.is_err() {
            return;
        }
    }
}

/// Names under which health is asked for: the server as a whole, and the service.
const HEALTH_NAMES: [&str; 2] =
    ["", <AnalysisServiceServer<Service> as tonic::server::NamedService>::NAME];

async fn report(health: &HealthReporter, status: ServingStatus) {
    for name in HEALTH_NAMES {
        health.set_service_status(name, status).await;
    }
}

/// Ends the streams of those who watch the health: they have seen NOT_SERVING, and would hold the
/// drain up to its limit.
async fn end_watches(health: &HealthReporter) {
    let mut health = health.clone();
    for name in HEALTH_NAMES {
        health.clear_service_status(name).await;
    }
}
