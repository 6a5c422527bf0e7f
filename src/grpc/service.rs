//! The methods of `AnalysisService`.

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Request, Response, Status, Streaming};

use super::analyzer::{Analyzer, Asked};
use super::auth::Visitor;
use super::deadline::arrival;
use super::info::server_info;
use super::monitor::Monitor;
use super::proto::v1;
use super::proto::v1::analysis_service_server::AnalysisService;
use super::reply::count;
use super::status::AnalyzeError;
use super::stream::{ReplyStream, analyze_all};
use super::trace::CallSpans;

/// Header that ties a call to the caller's own records; made up when the caller sends none.
const REQUEST_ID: &str = "x-request-id";
/// Longest request id that is taken over from a caller.
const MAX_REQUEST_ID: usize = 128;

/// The service. It answers UNAVAILABLE until the analyzer is set and when the server drains.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) monitor: Monitor,
}

impl Service {
    fn analyzer(&self) -> Result<Analyzer, AnalyzeError> {
        let monitor = &self.monitor;
        let analyzer = monitor.analyzer.get().filter(|_| !monitor.draining.is_cancelled());
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
        let place = analyzer.admit()?;
        // The door counted the call; its other articles count too.
        let articles = request.articles.len().min(analyzer.config().limits.max_compared_articles);
        visitor.owe(count(articles.saturating_sub(1)));
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
        let spans = CallSpans::new("AnalyzeArticle", &id, &visitor, request.metadata());
        let work = async {
            let request = request.into_inner();
            let bytes = request.article.as_ref().map_or(0, |article| article.text.len());
            let outcome = self.analyze(request, asked).await;
            self.monitor.article(outcome, None, bytes, asked.at)
        };
        with_request_id(spans.instrument(work).await, &id)
    }

    type AnalyzeArticlesStream = ReplyStream;

    async fn analyze_articles(
        &self,
        request: Request<Streaming<v1::AnalyzeArticlesRequest>>,
    ) -> Result<Response<ReplyStream>, Status> {
        let asked = arrival(&request);
        let id = request_id(request.metadata());
        let visitor = Visitor::of(&request);
        let spans = CallSpans::new("AnalyzeArticles", &id, &visitor, request.metadata());
        let replies = self.analyzer().map(|analyzer| -> ReplyStream {
            let (monitor, articles) = (self.monitor.clone(), request.into_inner());
            Box::pin(analyze_all(analyzer, articles, visitor, asked.deadline, monitor, spans))
        });
        with_request_id(replies.map_err(|error| self.monitor.unanswered(error)), &id)
    }

    async fn compare_articles(
        &self,
        request: Request<v1::CompareArticlesRequest>,
    ) -> Result<Response<v1::CompareArticlesResponse>, Status> {
        let asked = arrival(&request);
        let id = request_id(request.metadata());
        let visitor = Visitor::of(&request);
        let spans = CallSpans::new("CompareArticles", &id, &visitor, request.metadata());
        let work = async {
            let articles = request.get_ref().articles.len();
            let outcome = self.compare(request.into_inner(), asked, &visitor).await;
            self.monitor.comparison(outcome, articles, asked.at)
        };
        with_request_id(spans.instrument(work).await, &id)
    }

    async fn get_server_info(
        &self,
        request: Request<v1::GetServerInfoRequest>,
    ) -> Result<Response<v1::GetServerInfoResponse>, Status> {
        let analyzer = self.analyzer()?;
        Ok(Response::new(server_info(&analyzer, &Visitor::of(&request))))
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
