//! The server that is asked, and what it is shown.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cli::exit::Failure;
use crate::grpc::{Credentials, RemoteAnalyzer, SecretKey, ServerAddress};

/// Where an API key comes from when no file is named. Never the command line, which others can read.
const API_KEY_VARIABLE: &str = "PARALLAX_API_KEY";

/// Time between two attempts to reach a server that is not there yet.
const CONNECT_AGAIN: Duration = Duration::from_secs(1);

/// Options for a server in place of a model of our own.
#[derive(Debug, clap::Args)]
pub(super) struct ServerOptions {
    /// Ask a running server, for example http://127.0.0.1:50051 (https for one with TLS), instead of
    /// loading the model here
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// PEM file with the authorities to trust in place of the system's
    #[arg(long, value_name = "FILE", requires = "server")]
    ca_certificate: Option<PathBuf>,
    /// PEM file with the certificate to show to the server
    #[arg(long, value_name = "FILE", requires_all = ["server", "client_key"])]
    client_certificate: Option<PathBuf>,
    /// PEM file with the private key of that certificate
    #[arg(long, value_name = "FILE", requires_all = ["server", "client_certificate"])]
    client_key: Option<PathBuf>,
    /// File with the API key; without it the variable PARALLAX_API_KEY is taken when it is set
    #[arg(long, value_name = "FILE", requires = "server")]
    api_key_file: Option<PathBuf>,
}

impl ServerOptions {
    /// The server, if one is named, when all that is said of it can be used; nobody is asked yet.
    pub(super) fn address(&self) -> Result<Option<NamedServer>, Failure> {
        let Some(url) = &self.server else { return Ok(None) };
        let failed = |error| Failure::Setup(format!("{url}: {}", source_chain(&error)));
        let address = ServerAddress::new(url, &self.credentials()?).map_err(failed)?;
        Ok(Some(NamedServer { url: url.clone(), address }))
    }

    /// What the server is shown.
    fn credentials(&self) -> Result<Credentials, Failure> {
        let identity = self.client_certificate.clone().zip(self.client_key.clone());
        let api_key = match &self.api_key_file {
            Some(file) => {
                let failed = |error| Failure::Setup(format!("{}: {error}", file.display()));
                Some(SecretKey::new(&std::fs::read_to_string(file).map_err(failed)?))
            }
            None => std::env::var(API_KEY_VARIABLE).ok().map(|key| SecretKey::new(&key)),
        };
        Ok(Credentials { ca_certificate: self.ca_certificate.clone(), identity, api_key })
    }
}

/// A server and the name that the options have for it.
#[derive(Debug)]
pub(super) struct NamedServer {
    url: String,
    address: ServerAddress,
}

impl NamedServer {
    /// Connects to the server, which may begin within `wait`.
    pub(super) async fn connect(
        self,
        wait: Duration,
        retry_for: Duration,
    ) -> Result<RemoteAnalyzer, Failure> {
        let Self { url, address } = self;
        let (since, mut said) = (Instant::now(), false);
        loop {
            let error = match address.clone().connect(retry_for).await {
                Ok(remote) => return Ok(remote),
                Err(error) => error,
            };
            let problem = format!("cannot connect to {url}: {}", source_chain(&error));
            if !error.may_pass() || since.elapsed() >= wait {
                return Err(Failure::Run(problem));
            }
            if !std::mem::replace(&mut said, true) {
                eprintln!("parallax: {problem}; trying for {} s", wait.as_secs());
            }
            tokio::time::sleep(CONNECT_AGAIN).await;
        }
    }
}

/// An error with all its causes: transport errors say little by themselves.
fn source_chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let causes = causes.map(|cause| format!(": {cause}"));
    std::iter::once(error.to_string()).chain(causes).collect()
}
