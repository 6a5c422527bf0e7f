//! The methods of `AnalysisService`.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use tokio_util::sync::CancellationToken;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Request, Response, Status, Streaming};
use tracing::Instrument;

use super::analyzer::{Analyzer, Asked};
use super::auth::Visitor;
use super::deadline::arrival;
use super::info::server_info;
use super::proto::v1;
use super::proto::v1::analysis_service_server::AnalysisService;
use super::reply::count;
use super::status::AnalyzeError;
use super::stream::{ReplyStream, analyze_all};

/// Header that ties a call to the caller's own records; made up when the caller sends none.
const REQUEST_ID: &str = "x-request-id";
/// Longest request id that is taken over from a caller.
const MAX_REQUEST_ID: usize = 128;

/// The service. It answers UNAVAILABLE until the analyzer is set and when the server drains.
#[derive(Debug, Clone, Default)]
pub(super) struct Service {
    pub(super) analyzer: Arc<OnceLock<Analyzer>>,
    pub(super) draining: CancellationToken,
}

impl Service {
    fn analyzer(&self) -> Result<Analyzer, AnalyzeError> {
        let analyzer = self.analyzer.get().filter(|_| !self.draining.is_cancelled());
        analyzer.cloned().ok_or(AnalyzeError::NotReady)
    }

    async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
        asked: Asked,
    ) -> Result<v1::AnalyzeArticleResponse, AnalyzeError> {
        let analyzer = self.analyzer()?;
        let place = analyzer.admit()?;
        analyzer.analyze(request, asked, place).await
    }

    async fn compare(
        &self,
        request: v1::CompareArticlesRequest,
        asked: Asked,
        visitor: &Visitor,
    ) -> Result<v1::CompareArticlesResponse, AnalyzeError> {
        let analyzer = self.analyzer()?;
        // The door counted the call; its other articles count too.
        let articles = request.articles.len().min(analyzer.config().limits.max_compared_articles);
        visitor.owe(count(articles.saturating_sub(1)));
        let place = analyzer.admit()?;
        analyzer.compare(request, asked, place).await
    }
}

#[tonic::async_trait]
impl AnalysisService for Service {
    async fn analyze_article(
        &self,
        request: Request<v1::AnalyzeArticleRequest>,
    ) -> Result<Response<v1::AnalyzeArticleResponse>, Status> {
        let asked = arrival(&request);
        let id = request_id(request.metadata());
        let visitor = Visitor::of(&request);
        let span =
            tracing::info_span!("analyze_article", request_id = %id, caller = visitor.name());
        let work = async {
            let request = request.into_inner();
            let bytes = request.article.as_ref().map_or(0, |article| article.text.len());
            let outcome = self.analyze(request, asked).await.map_err(Status::from);
            log(&outcome, None, bytes, asked.at);
            outcome
        };
        with_request_id(work.instrument(span).await, &id)
    }

    type AnalyzeArticlesStream = ReplyStream;

    async fn analyze_articles(
        &self,
        request: Request<Streaming<v1::AnalyzeArticlesRequest>>,
    ) -> Result<Response<ReplyStream>, Status> {
        let asked = arrival(&request);
        let id = request_id(request.metadata());
        let visitor = Visitor::of(&request);
        let span =
            tracing::info_span!("analyze_articles", request_id = %id, caller = visitor.name());
        let replies = self.analyzer().map_err(Status::from).map(|analyzer| -> ReplyStream {
            let draining = self.draining.clone();
            let articles = request.into_inner();
            Box::pin(analyze_all(analyzer, articles, visitor, asked.deadline, draining, span))
        });
        with_request_id(replies, &id)
    }

    async fn compare_articles(
        &self,
        request: Request<v1::CompareArticlesRequest>,
    ) -> Result<Response<v1::CompareArticlesResponse>, Status> {
        let asked = arrival(&request);
        let id = request_id(request.metadata());
        let visitor = Visitor::of(&request);
        let span =
            tracing::info_span!("compare_articles", request_id = %id, caller = visitor.name());
        let work = async {
            let articles = request.get_ref().articles.len();
            let outcome =
                self.compare(request.into_inner(), asked, &visitor).await.map_err(Status::from);
            let code = outcome.as_ref().map_or_else(Status::code, |_| Code::Ok);
            let total_ms = asked.at.elapsed().as_millis();
            tracing::info!(?code, articles, total_ms, "articles compared");
            outcome
        };
        with_request_id(work.instrument(span).await, &id)
    }

    async fn get_server_info(
        &self,
        request: Request<v1::GetServerInfoRequest>,
    ) -> Result<Response<v1::GetServerInfoResponse>, Status> {
        let analyzer = self.analyzer()?;
        Ok(Response::new(server_info(analyzer.setup(), &Visitor::of(&request))))
    }
}

/// One line for each article, without a word of it. `index` is its place in a stream.
pub(super) fn log(
    outcome: &Result<v1::AnalyzeArticleResponse, Status>,
    index: Option<u32>,
    bytes: usize,
    asked: Instant,
) {
    let total_ms = asked.elapsed().as_millis();
    match outcome {
        Ok(reply) => {
            let windows = reply.coverage.as_ref().map_or(0, |coverage| coverage.windows);
            let cached = reply.provenance.as_ref().is_some_and(|provenance| provenance.cached);
            let stance = reply.stance.as_ref().map_or("", |stance| stance.status().as_str_name());
            tracing::info!(
                code = "Ok",
                index,
                bytes,
                windows,
                stance,
                cached,
                total_ms,
                "article analysed"
            );
        }
        Err(status) => {
            tracing::info!(code = ?status.code(), index, bytes, total_ms, "article not analysed");
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

/// The outcome of a call with its request id, be it an answer or a status.
fn with_request_id<T>(outcome: Result<T, Status>, id: &str) -> Result<Response<T>, Status> {
    // A request id came through a header or is a UUID, so it fits into one.
    let value = MetadataValue::try_from(id).ok();
    let tag = |metadata: &mut MetadataMap| {
        if let Some(value) = value {
            metadata.insert(REQUEST_ID, value);
        }
    };
    match outcome {
        Ok(message) => {
            let mut response = Response::new(message);
            tag(response.metadata_mut());
            Ok(response)
        }
        Err(mut status) => {
            tag(status.metadata_mut());
            Err(status)
        }
    }
}
