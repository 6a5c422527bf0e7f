//! A client of a running server, for the command line.

use std::time::{Duration, Instant};

use tonic::Status;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt;

use super::analyzer::{Analyzer, Asked};
use super::credentials::{Credentials, ShowKey};
use super::proto::v1;
use super::proto::v1::analysis_service_client::AnalysisServiceClient;
use super::status::{AnalyzeError, WireStatus, to_wire};
use crate::violation::Violation;

/// Calls for one article before a full server's refusal is taken for an answer. The waits between
/// them grow and add up to some 100 seconds.
const MOST_ATTEMPTS: u32 = 20;
/// How long a connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Largest reply that is taken, in bytes: a long article's quotations and sentences add up.
const MAX_REPLY_BYTES: usize = 64 << 20;

/// Analyses articles on a server.
#[derive(Debug, Clone)]
pub struct RemoteAnalyzer {
    client: AnalysisServiceClient<InterceptedService<Channel, ShowKey>>,
}

/// Why there is no connection to a server.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What the client shows or trusts cannot be used.
    #[error("{0}")]
    Credentials(Violation),
    /// The URL is none, or nobody answers there.
    #[error(transparent)]
    Transport(#[from] tonic::transport::Error),
}

impl RemoteAnalyzer {
    /// Connects to a server, for example `http://127.0.0.1:50051`; to one whose URL begins with
    /// `https` over TLS.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(url: &str, credentials: &Credentials) -> Result<Self, ConnectError> {
        let show_key = credentials.show_key().map_err(ConnectError::Credentials)?;
        let mut endpoint = Endpoint::from_shared(url.to_owned())?.connect_timeout(CONNECT_TIMEOUT);
        if endpoint.uri().scheme_str() == Some("https") {
            endpoint =
                endpoint.tls_config(credentials.tls().map_err(ConnectError::Credentials)?)?;
        }
        let channel = endpoint.connect().await?;
        let client = AnalysisServiceClient::with_interceptor(channel, show_key)
            .max_decoding_message_size(MAX_REPLY_BYTES);
        Ok(Self { client })
    }

    /// Analyses one article; comes again when a full server says when.
    async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<v1::AnalyzeArticleResponse, Status> {
        let mut attempt = 1;
        loop {
            let outcome = self.client.clone().analyze_article(request.clone()).await;
            match outcome.as_ref().err().and_then(retry_delay) {
                Some(delay) if attempt < MOST_ATTEMPTS => {
                    tokio::time::sleep(delay * attempt).await;
                    attempt += 1;
                }
                _ => return outcome.map(tonic::Response::into_inner),
            }
        }
    }
}

/// When a refused call may be made again, if the status says so.
fn retry_delay(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|retry| retry.retry_delay)
}

/// Where articles are analysed.
#[derive(Debug, Clone)]
pub enum Caller {
    /// In this process.
    InProcess(Analyzer),
    /// On a server.
    Remote(RemoteAnalyzer),
}

impl Caller {
    /// Analyses one article.
    ///
    /// # Errors
    /// The status that the call ends with.
    pub async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<v1::AnalyzeArticleResponse, WireStatus> {
        let outcome = match self {
            Self::InProcess(analyzer) => {
                let asked = Asked { at: Instant::now(), deadline: None };
                let place = analyzer.house().stream_entrance().enter().await;
                match place {
                    Some(place) => analyzer.analyze(request, asked, place).await,
                    None => Err(AnalyzeError::NotReady),
                }
                .map_err(Status::from)
            }
            Self::Remote(remote) => remote.analyze(request).await,
        };
        outcome.map_err(|status| to_wire(&status))
    }
}
