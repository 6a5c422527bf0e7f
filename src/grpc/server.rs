//! The server: port, services, health, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_stream::wrappers::TcpListenerStream;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::analyzer::Analyzer;
use super::proto::DESCRIPTORS;
use super::proto::v1::analysis_service_server::AnalysisServiceServer;
use super::service::Service;
use crate::config::ServerConfig;

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
/// given the analyzer, and again from the shutdown on; calls are answered UNAVAILABLE before.
///
/// # Errors
/// When loading or the transport fails.
pub async fn serve<E>(
    listener: TcpListener,
    config: ServerConfig,
    load: impl Future<Output = Result<Analyzer, E>>,
    shutdown: impl Future<Output = ()>,
) -> Result<Drain, ServeError<E>> {
    let service = Service::default();
    let analyzer = std::sync::Arc::clone(&service.analyzer);
    let (health, health_service) = tonic_health::server::health_reporter();
    report(&health, ServingStatus::NotServing).await;

    let descriptors = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let reflection = if config.reflection {
        let current = descriptors()
            .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
            .build_v1()?;
        let older = descriptors()
            .register_encoded_file_descriptor_set(
                tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
            )
            .build_v1alpha()?;
        Some((current, older))
    } else {
        None
    };
    let (current, older) = reflection.unzip();
    let (stop, stopped) = oneshot::channel::<()>();
    let transport = tonic::transport::Server::builder()
        .add_service(
            AnalysisServiceServer::new(service).max_decoding_message_size(config.max_message_bytes),
        )
        .add_service(health_service)
        .add_optional_service(current)
        .add_optional_service(older)
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), async {
            // An error means that the sender is gone, which ends the server as well.
            let _ended = stopped.await;
        });
    let mut transport = tokio::spawn(transport);

    tokio::pin!(shutdown);
    tokio::select! {
        loaded = load => {
            let loaded = loaded.map_err(ServeError::Load)?;
            // Nobody else sets it.
            let _set = analyzer.set(loaded);
            report(&health, ServingStatus::Serving).await;
            tracing::info!("serving");
        }
        () = &mut shutdown => return Ok(Drain::Clean),
        ended = &mut transport => return ended?.map(|()| Drain::Clean).map_err(Into::into),
    }
    tokio::select! {
        () = &mut shutdown => {}
        ended = &mut transport => return ended?.map(|()| Drain::Clean).map_err(Into::into),
    }
    report(&health, ServingStatus::NotServing).await;
    let limit = config.drain_timeout();
    tracing::info!(drain_timeout_ms = config.drain_timeout_ms, "draining");
    let _stopping = stop.send(());
    drain(transport, limit).await
}

/// Waits for the transport, but not without end: it would wait for idle connections as well.
async fn drain<E>(
    transport: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
    limit: Duration,
) -> Result<Drain, ServeError<E>> {
    match tokio::time::timeout(limit, transport).await {
        Ok(ended) => ended?.map(|()| Drain::Clean).map_err(Into::into),
        Err(_) => Ok(Drain::TimedOut),
    }
}

/// Reports the status of the service and of the server as a whole.
async fn report(health: &HealthReporter, status: ServingStatus) {
    let service = <AnalysisServiceServer<Service> as tonic::server::NamedService>::NAME;
    for name in ["", service] {
        health.set_service_status(name, status).await;
    }
}
