//! The methods of `AnalysisService`.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument;

use super::analyzer::{Admission, Analyzer};
use super::deadline::deadline;
use super::info::server_info;
use super::proto::v1;
use super::proto::v1::analysis_service_server::AnalysisService;
use super::status::AnalyzeError;
use super::stream::{ReplyStream, analyze_all};

/// Header that ties a call to the caller's own records; made up when the caller sends none.
const REQUEST_ID: &str = "x-request-id";
/// Longest request id that is taken over from a caller.
const MAX_REQUEST_ID: usize = 128;

/// The service. It answers UNAVAILABLE until the analyzer is set.
#[derive(Debug, Clone, Default)]
pub(super) struct Service {
    pub(super) analyzer: Arc<OnceLock<Analyzer>>,
}

impl Service {
    fn analyzer(&self) -> Result<Analyzer, Status> {
        self.analyzer.get().cloned().ok_or_else(|| AnalyzeError::NotReady.into())
    }
}

#[tonic::async_trait]
impl AnalysisService for Service {
    async fn analyze_article(
        &self,
        request: Request<v1::AnalyzeArticleRequest>,
    ) -> Result<Response<v1::AnalyzeArticleResponse>, Status> {
        let started = Instant::now();
        let deadline = deadline(request.metadata(), started);
        let id = request_id(request.metadata());
        let span = tracing::info_span!("analyze_article", request_id = %id);
        let work = async {
            let request = request.into_inner();
            let bytes = request.article.as_ref().map_or(0, |article| article.text.len());
            let outcome = match self.analyzer() {
                Ok(analyzer) => {
                    let outcome = analyzer.analyze(request, deadline, Admission::Refuse).await;
                    outcome.map_err(Status::from)
                }
                Err(status) => Err(status),
            };
            log(&outcome, bytes, started);
            outcome
        };
        work.instrument(span).await.map(|reply| with_request_id(reply, &id))
    }

    type AnalyzeArticlesStream = ReplyStream;

    async fn analyze_articles(
        &self,
        request: Request<Streaming<v1::AnalyzeArticlesRequest>>,
    ) -> Result<Response<ReplyStream>, Status> {
        let deadline = deadline(request.metadata(), Instant::now());
        let id = request_id(request.metadata());
        tracing::info!(request_id = %id, "stream of articles begins");
        let replies = analyze_all(self.analyzer()?, request.into_inner(), deadline);
        Ok(with_request_id(Box::pin(replies), &id))
    }

    async fn compare_articles(
        &self,
        _request: Request<v1::CompareArticlesRequest>,
    ) -> Result<Response<v1::CompareArticlesResponse>, Status> {
        Err(AnalyzeError::Unimplemented("this server does not compare articles yet".into()).into())
    }

    async fn get_server_info(
        &self,
        _request: Request<v1::GetServerInfoRequest>,
    ) -> Result<Response<v1::GetServerInfoResponse>, Status> {
        let analyzer = self.analyzer()?;
        Ok(Response::new(server_info(analyzer.setup())))
    }
}

/// One line for each call, without a word of the article.
fn log(outcome: &Result<v1::AnalyzeArticleResponse, Status>, bytes: usize, started: Instant) {
    let total_ms = started.elapsed().as_millis();
    match outcome {
        Ok(reply) => {
            let windows = reply.coverage.as_ref().map_or(0, |coverage| coverage.windows);
            let stance = reply.stance.as_ref().map_or("", |stance| stance.status().as_str_name());
            tracing::info!(code = "Ok", bytes, windows, stance, total_ms, "article analysed");
        }
        Err(status) => {
            tracing::info!(code = ?status.code(), bytes, total_ms, "article refused");
        }
    }
}

/// The caller's request id when it is short and printable, else a new one.
fn request_id(metadata: &MetadataMap) -> String {
    let given = metadata.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    given
        .filter(|id| !id.is_empty() && id.len() <= MAX_REQUEST_ID)
        .map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

fn with_request_id<T>(message: T, id: &str) -> Response<T> {
    let mut response = Response::new(message);
    if let Ok(value) = MetadataValue::try_from(id) {
        response.metadata_mut().insert(REQUEST_ID, value);
    }
    response
}
