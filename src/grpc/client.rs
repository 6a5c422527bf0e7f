//! A client of a running server, for the command line.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::analyzer::{Analyzer, Asked};
use super::credentials::{Credentials, ShowKey};
use super::proto::v1;
use super::proto::v1::analysis_service_client::AnalysisServiceClient;
use super::retry::{Course, Decision, Fault, Silence};
use super::status::{AnalyzeError, WireStatus, to_wire};
use crate::violation::Violation;

/// How long a connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A silent connection is asked for a sign of life so often while calls are open, and given up
/// without one: a server whose machine is gone says nothing.
const KEEPALIVE: Duration = Duration::from_secs(60);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long one call may take: a generated summary of a long article on a full server takes minutes.
const CALL_TIMEOUT: Duration = Duration::from_secs(600);
/// Largest reply that is taken, in bytes: a long article's quotations and sentences add up.
const MAX_REPLY_BYTES: usize = 64 << 20;

/// Analyses articles on a server.
#[derive(Debug, Clone)]
pub struct RemoteAnalyzer {
    client: AnalysisServiceClient<InterceptedService<Channel, ShowKey>>,
    retry_for: Duration,
    silence: Arc<Silence>,
}

/// Why there is no connection to a server.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What the client shows or trusts cannot be used.
    #[error("{0}")]
    Credentials(Violation),
    /// The URL is none.
    #[error("not the URL of a server")]
    Url(#[source] tonic::transport::Error),
    /// Nobody answers there, or somebody who is not trusted.
    #[error(transparent)]
    Transport(tonic::transport::Error),
}

impl ConnectError {
    /// Whether a later attempt may fare better: not when the two sides do not trust each other.
    pub fn may_pass(&self) -> bool {
        let Self::Transport(error) = self else { return false };
        let mut causes = std::iter::successors(error.source(), |cause| (**cause).source());
        let distrust = |cause: &io::Error| cause.kind() == io::ErrorKind::InvalidData;
        !causes.any(|cause| cause.downcast_ref().is_some_and(distrust))
    }
}

/// Why an article has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum CallError {
    /// It is about this article.
    Article(WireStatus),
    /// The server has been silent for as long as it may be, or does not take this caller's calls:
    /// others would fare no better.
    Server(WireStatus),
}

impl CallError {
    /// The status that the last call ended with.
    pub fn into_status(self) -> WireStatus {
        let (Self::Article(status) | Self::Server(status)) = self;
        status
    }
}

impl RemoteAnalyzer {
    /// Connects to a server, for example `http://127.0.0.1:50051`; to one whose URL begins with
    /// `https` over TLS. `retry_for` is how long the server may be away or full, no call being
    /// answered, before it is given up.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(
        url: &str,
        credentials: &Credentials,
        retry_for: Duration,
    ) -> Result<Self, ConnectError> {
        let show_key = credentials.show_key().map_err(ConnectError::Credentials)?;
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(ConnectError::Url)?;
        let mut endpoint = endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        if endpoint.uri().scheme_str() == Some("https") {
            let tls = credentials.tls().map_err(ConnectError::Credentials)?;
            endpoint = endpoint.tls_config(tls).map_err(ConnectError::Transport)?;
        }
        let channel = endpoint.connect().await.map_err(ConnectError::Transport)?;
        let client = AnalysisServiceClient::with_interceptor(channel, show_key)
            .max_decoding_message_size(MAX_REPLY_BYTES);
        Ok(Self { client, retry_for, silence: Arc::default() })
    }

    /// Analyses one article; calls again while a failure may pass.
    async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<v1::AnalyzeArticleResponse, CallError> {
        let (mut course, mut last) = (Course::default(), false);
        loop {
            let call = within(CALL_TIMEOUT, request.clone());
            let status = match self.client.clone().analyze_article(call).await {
                Ok(reply) => {
                    self.silence.end();
                    return Ok(reply.into_inner());
                }
                Err(status) => status,
            };
            let fault = Fault::of(&status);
            match self.decide(&mut course, fault, &status) {
                Decision::Again(wait) => tokio::time::sleep(wait).await,
                Decision::Answer => return Err(CallError::Article(to_wire(&status))),
                Decision::GiveUp if fault == Fault::Broken && last => {
                    return Err(CallError::Article(to_wire(&status)));
                }
                // Is it the server that is away, or does this article break its connections?
                Decision::GiveUp if fault == Fault::Broken && self.answers().await => last = true,
                Decision::GiveUp => return Err(CallError::Server(to_wire(&status))),
            }
        }
    }

    fn decide(&self, course: &mut Course, fault: Fault, status: &Status) -> Decision {
        let silent = match fault {
            Fault::Article => {
                self.silence.end();
                Duration::ZERO
            }
            _ => self.silence.failed(Instant::now(), status),
        };
        course.failed(fault, silent, random(), self.retry_for)
    }

    /// Whether the server answers a call that needs no model.
    async fn answers(&self) -> bool {
        let call = within(CONNECT_TIMEOUT, v1::GetServerInfoRequest {});
        self.client.clone().get_server_info(call).await.is_ok()
    }
}

/// A message with its deadline: the server drops what nobody waits for.
fn within<M>(limit: Duration, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(limit);
    request
}

/// A number in [0, 1]; 1 where the system has no random numbers.
fn random() -> f64 {
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
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
    /// See [`CallError`].
    pub async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<v1::AnalyzeArticleResponse, CallError> {
        match self {
            Self::InProcess(analyzer) => {
                let asked = Asked { at: Instant::now(), deadline: None };
                let place = analyzer.house().stream_entrance().enter().await;
                match place {
                    Some(place) => analyzer.analyze(request, asked, place).await,
                    None => Err(AnalyzeError::NotReady),
                }
                .map_err(|error| CallError::Article(to_wire(&Status::from(error))))
            }
            Self::Remote(remote) => remote.analyze(request).await,
        }
    }

    /// How long the server has answered no call, and with what the last one failed; none while it answers.
    pub fn silence(&self) -> Option<(Duration, String)> {
        match self {
            Self::InProcess(_) => None,
            Self::Remote(remote) => remote.silence.lasts(Instant::now()),
        }
    }
}
