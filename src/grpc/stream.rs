//! Many articles over one call.

use std::pin::Pin;
use std::time::Instant;

use futures::{Stream, StreamExt};
use tonic::{Status, Streaming};

use super::analyzer::{Admission, Analyzer};
use super::proto::v1;
use super::status::{AnalyzeError, to_wire};
use crate::violation::Violation;

/// Replies as they finish.
pub(super) type ReplyStream =
    Pin<Box<dyn Stream<Item = Result<v1::AnalyzeArticlesResponse, Status>> + Send>>;

/// Analyses the articles of a stream, so many at once as the configuration allows. While that many
/// are in flight no further request is taken from the transport, whose flow control then holds the
/// caller. A broken request stream ends the replies with its status.
pub(super) fn analyze_all(
    analyzer: Analyzer,
    requests: Streaming<v1::AnalyzeArticlesRequest>,
    deadline: Option<Instant>,
) -> impl Stream<Item = Result<v1::AnalyzeArticlesResponse, Status>> + Send {
    let in_flight = analyzer.config().limits.max_stream_in_flight;
    requests
        .zip(futures::stream::iter(0_u32..))
        .map(move |(request, index)| {
            let analyzer = analyzer.clone();
            async move {
                match request?.request {
                    Some(request) => Ok(analyze_one(&analyzer, request, index, deadline).await),
                    None => Ok(failure(index, String::new(), empty_item())),
                }
            }
        })
        .buffer_unordered(in_flight)
}

async fn analyze_one(
    analyzer: &Analyzer,
    request: v1::AnalyzeArticleRequest,
    index: u32,
    deadline: Option<Instant>,
) -> v1::AnalyzeArticlesResponse {
    let id = request.article.as_ref().map(|article| article.id.clone()).unwrap_or_default();
    match analyzer.analyze(request, deadline, Admission::Wait).await {
        Ok(reply) => reply_to(index, id, v1::analyze_articles_response::Outcome::Response(reply)),
        Err(error) => failure(index, id, error),
    }
}

fn empty_item() -> AnalyzeError {
    AnalyzeError::Invalid(vec![Violation::new("request", "is required")])
}

fn failure(index: u32, id: String, error: AnalyzeError) -> v1::AnalyzeArticlesResponse {
    let status = to_wire(&Status::from(error));
    reply_to(index, id, v1::analyze_articles_response::Outcome::Error(status))
}

fn reply_to(
    index: u32,
    article_id: String,
    outcome: v1::analyze_articles_response::Outcome,
) -> v1::AnalyzeArticlesResponse {
    v1::AnalyzeArticlesResponse { index, article_id, outcome: Some(outcome) }
}
