//! A client of a running server, for the command line.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
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

type Client = AnalysisServiceClient<InterceptedService<Channel, ShowKey>>;

/// A server by its URL, and what it is shown. It may not be there.
#[derive(Debug, Clone)]
pub struct ServerAddress {
    endpoint: Arc<Endpoint>,
    show_key: ShowKey,
}

/// What is wrong with a URL or with what a server would be shown, whether it is there or not.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// What the client shows or trusts cannot be used.
    #[error("{0}")]
    Credentials(Violation),
    /// The URL is none, or says less than it must.
    #[error("not the URL of a server, as http://HOST:PORT is, or https://HOST:PORT with TLS")]
    Url,
    /// The certificates cannot be used.
    #[error(transparent)]
    Tls(tonic::transport::Error),
}

/// Why there is no connection to a server: nobody answers there, or somebody who is not trusted.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ConnectError(tonic::transport::Error);

impl ConnectError {
    /// Whether a later attempt may fare better: not when the two sides do not trust each other.
    pub fn may_pass(&self) -> bool {
        let mut causes = std::iter::successors(self.0.source(), |cause| (**cause).source());
        let distrust = |cause: &io::Error| cause.kind() == io::ErrorKind::InvalidData;
        !causes.any(|cause| cause.downcast_ref().is_some_and(distrust))
    }
}

impl ServerAddress {
    /// A server such as `http://127.0.0.1:50051`; one whose URL begins with `https` is asked over TLS.
    ///
    /// # Errors
    /// See [`AddressError`].
    pub fn new(url: &str, credentials: &Credentials) -> Result<Self, AddressError> {
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| AddressError::Url)?;
        let mut endpoint = endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        if endpoint.uri().host().is_none_or(str::is_empty) {
            return Err(AddressError::Url);
        }
        match endpoint.uri().scheme_str() {
            Some("http") => {}
            Some("https") => {
                let tls = credentials.tls().map_err(AddressError::Credentials)?;
                endpoint = endpoint.tls_config(tls).map_err(AddressError::Tls)?;
            }
            _ => return Err(AddressError::Url),
        }
        let show_key = credentials.show_key().map_err(AddressError::Credentials)?;
        Ok(Self { endpoint: Arc::new(endpoint), show_key })
    }

    /// Connects. `retry_for` is how long the server may be away or full, no call being answered,
    /// before it is given up.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(self, retry_for: Duration) -> Result<RemoteAnalyzer, ConnectError> {
        let client = self.client().await.map_err(ConnectError)?;
        let (silence, turn) = (Arc::default(), Arc::default());
        Ok(RemoteAnalyzer { address: self, client, retry_for, silence, turn })
    }

    /// A connection.
    async fn client(&self) -> Result<Client, tonic::transport::Error> {
        let channel = self.endpoint.connect().await?;
        let client = AnalysisServiceClient::with_interceptor(channel, self.show_key.clone());
        Ok(client.max_decoding_message_size(MAX_REPLY_BYTES))
    }
}

/// Analyses articles on a server.
#[derive(Debug, Clone)]
pub struct RemoteAnalyzer {
    address: ServerAddress,
    client: Client,
    retry_for: Duration,
    silence: Arc<Silence>,
    /// Whose turn it is to have the server for itself.
    turn: Arc<Mutex<()>>,
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
    /// Analyses one article; calls again while a failure may pass.
    async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<v1::AnalyzeArticleResponse, CallError> {
        let mut course = Course::default();
        let mut outcome = call(self.client.clone(), request.clone()).await;
        loop {
            let status = match outcome {
                Ok(reply) => {
                    self.silence.end();
                    return Ok(reply);
                }
                Err(status) => status,
            };
            let fault = Fault::of(&status);
            outcome = match self.decide(&mut course, fault, &status) {
                Decision::Again(wait) => {
                    tokio::time::sleep(wait).await;
                    call(self.client.clone(), request.clone()).await
                }
                Decision::Answer => return Err(CallError::Article(to_wire(&status))),
                // Is it the server that is away, or does this article break its connections?
                Decision::GiveUp if fault == Fault::Broken => {
                    match self.alone(request.clone()).await {
                        Some(Err(alone)) if Fault::of(&alone) == Fault::Broken => {
                            return Err(self.failed_on_article(&alone));
                        }
                        Some(outcome) => outcome,
                        None => return Err(CallError::Server(to_wire(&status))),
                    }
                }
                Decision::GiveUp => return Err(CallError::Server(to_wire(&status))),
            };
        }
    }

    fn decide(&self, course: &mut Course, fault: Fault, status: &Status) -> Decision {
        let silent = self.silence.failed(Instant::now(), fault, status);
        match course.failed(fault, silent, random(), self.retry_for) {
            Decision::Answer if fault == Fault::Call => self.silence.failed_on_article(),
            decision => decision,
        }
    }

    /// The last word about an article that the server failed on.
    fn failed_on_article(&self, status: &Status) -> CallError {
        match self.silence.failed_on_article() {
            Decision::GiveUp => CallError::Server(to_wire(status)),
            Decision::Answer | Decision::Again(_) => CallError::Article(to_wire(status)),
        }
    }

    /// Calls over a connection that no other article travels on, one article at a time, so that none
    /// is blamed for another that breaks connections; none when the server does not answer.
    async fn alone(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Option<Result<v1::AnalyzeArticleResponse, Status>> {
        // Before it is its turn as well: all see at once that a server is away.
        self.own_connection().await?;
        let _turn = self.turn.lock().await;
        Some(call(self.own_connection().await?, request).await)
    }

    /// A connection of its own to a server that answers a call which needs no model.
    async fn own_connection(&self) -> Option<Client> {
        let mut client = self.address.client().await.ok()?;
        client.get_server_info(within(CONNECT_TIMEOUT, v1::GetServerInfoRequest {})).await.ok()?;
        Some(client)
    }
}

async fn call(
    mut client: Client,
    request: v1::AnalyzeArticleRequest,
) -> Result<v1::AnalyzeArticleResponse, Status> {
    client.analyze_article(within(CALL_TIMEOUT, request)).await.map(tonic::Response::into_inner)
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

#[cfg(test)]
mod tests;
