//! `parallax serve`.

use std::net::SocketAddr;

use super::exit::{Exit, Failure};
use super::setup;
use crate::config::{Config, Override};
use crate::grpc::{self, AnalyzerSetup, Drain, Monitor};
use crate::ops::{self, Admin, AdminPages, Metrics};

/// Options of `serve`; they win over file and environment.
#[derive(Debug, clap::Args)]
pub(super) struct ServeOptions {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Threads for the model; 0 for all cores that the process may use
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
}

impl ServeOptions {
    /// What the options say, under the keys of the configuration.
    pub(super) fn overrides(&self) -> Vec<Override> {
        let listen = self.listen.map(|address| ("server.listen", address.to_string()));
        let threads = self.threads.map(|threads| ("engine.threads", threads.to_string()));
        listen.into_iter().chain(threads).collect()
    }
}

/// Serves until a signal, then drains.
pub(super) fn run(config: Config) -> Result<Exit, Failure> {
    ops::log_panics();
    let server = config.server.clone();
    let runtime = setup::runtime(&config)?;
    let access = setup::access(&config)?;
    let setup = setup::prepare(config)?;
    let outcome = runtime.block_on(async {
        let mut signals = ops::signal().map_err(|error| Failure::Run(error.to_string()))?;
        let listener = grpc::bind(server.listen)
            .await
            .map_err(|error| Failure::Run(format!("cannot listen on {}: {error}", server.listen)))?;
        let address = listener.local_addr().map_err(|error| Failure::Run(error.to_string()))?;
        tracing::info!(%address, threads = setup.config().engine_threads(), "listening; loading the model");
        let shutdown = async move {
            let signal = signals.next().await;
            tracing::info!(signal, "shutting down");
            tokio::spawn(ops::exit_on_second_signal(signals));
        };
        let (monitor, _admin) = watch(&setup).await?;
        grpc::serve(listener, server, access, setup::start(setup), shutdown, monitor)
            .await
            .map_err(|error| Failure::Run(error.to_string()))
    })?;
    // Open requests that the drain gave up on must not hold the process.
    runtime.shutdown_background();
    Ok(match outcome {
        Drain::Clean => Exit::Success,
        Drain::TimedOut => Exit::DrainTimedOut,
    })
}

/// The monitor of a server, and the admin port that shows it, when there is to be one.
async fn watch(setup: &AnalyzerSetup) -> Result<(Monitor, Option<Admin>), Failure> {
    let mut metrics = Metrics::default();
    let monitor = Monitor::new(metrics.server(), setup);
    let Some(address) = setup.config().admin.listen else { return Ok((monitor, None)) };
    let watched = monitor.clone();
    let pages = AdminPages {
        metrics,
        is_ready: Box::new(move || watched.is_ready()),
        version: grpc::version_json(setup),
    };
    let admin = Admin::start(address, pages).await.map_err(|error| {
        Failure::Run(format!("cannot listen on {address} (admin.listen): {error}"))
    })?;
    tracing::info!(address = %admin.address(), "the admin port listens");
    Ok((monitor, Some(admin)))
}
