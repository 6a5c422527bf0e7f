//! A client of a running server, for the command line.

use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::analyzer::{Admission, Analyzer};
use super::proto::v1;
use super::proto::v1::analysis_service_client::AnalysisServiceClient;
use super::status::{WireStatus, to_wire};

/// Largest reply that is taken, in bytes: a long article's quotations and sentences add up.
const MAX_REPLY_BYTES: usize = 64 << 20;

/// Analyses articles on a server.
#[derive(Debug, Clone)]
pub struct RemoteAnalyzer {
    client: AnalysisServiceClient<Channel>,
}

impl RemoteAnalyzer {
    /// Connects to a server, for example `http://127.0.0.1:50051`.
    ///
    /// # Errors
    /// When the URL is none, or nobody answers there.
    pub async fn connect(url: &str) -> Result<Self, tonic::transport::Error> {
        let channel = Endpoint::from_shared(url.to_owned())?.connect().await?;
        let client = AnalysisServiceClient::new(channel).max_decoding_message_size(MAX_REPLY_BYTES);
        Ok(Self { client })
    }
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
                analyzer.analyze(request, None, Admission::Wait).await.map_err(Status::from)
            }
            Self::Remote(remote) => {
                let reply = remote.client.clone().analyze_article(request).await;
                reply.map(tonic::Response::into_inner)
            }
        };
        outcome.map_err(|status| to_wire(&status))
    }
}
