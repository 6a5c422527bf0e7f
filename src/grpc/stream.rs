//! Many articles over one call.

use std::pin::Pin;
use std::time::Instant;

use futures::{Stream, StreamExt};
use tokio_util::task::AbortOnDropHandle;
use tonic::{Status, Streaming};

use super::analyzer::{Analyzer, Asked};
use super::auth::Visitor;
use super::monitor::Monitor;
use super::proto::v1;
use super::status::{AnalyzeError, WireStatus, to_wire};
use super::trace::CallSpans;
use crate::engine::Place;
use crate::violation::Violation;

/// Replies as they finish.
pub(super) type ReplyStream =
    Pin<Box<dyn Stream<Item = Result<v1::AnalyzeArticlesResponse, Status>> + Send>>;

/// An article of a stream that was let in.
struct Admitted {
    index: u32,
    request: Option<v1::AnalyzeArticleRequest>,
    asked: Asked,
    place: Option<Place>,
}

/// Analyses the articles of a stream, so many at once as the configuration allows.
///
/// The next article is taken from the transport when the one before it has a place in the house, so
/// that a stream never holds more than one message without a place; the transport's flow control
/// holds the caller. In the same way an article waits until its caller's rate allows it; when the
/// server drains meanwhile it is answered UNAVAILABLE. Each article is a task of its own: it gives its place back when it is done, even
/// while the caller does not read. When the server drains no further article is taken. A broken
/// request stream ends the replies with its status.
pub(super) fn analyze_all(
    analyzer: Analyzer,
    requests: Streaming<v1::AnalyzeArticlesRequest>,
    visitor: Visitor,
    deadline: Option<Instant>,
    monitor: Monitor,
    spans: CallSpans,
) -> impl Stream<Item = Result<v1::AnalyzeArticlesResponse, Status>> + Send {
    let in_flight = analyzer.config().limits.max_stream_in_flight;
    let entrance = analyzer.house().stream_entrance();
    let draining = monitor.draining.clone();
    requests
        .take_until(draining.clone().cancelled_owned())
        .zip(futures::stream::iter(0_u32..))
        .then(move |(item, index)| {
            let (entrance, visitor) = (entrance.clone(), visitor.clone());
            let draining = draining.clone();
            async move {
                let asked = Asked { at: Instant::now(), deadline };
                let request = item?.request;
                let place = tokio::select! {
                    () = visitor.turn() => entrance.enter().await,
                    () = draining.cancelled() => None,
                };
                Ok(Admitted { index, request, asked, place })
            }
        })
        .map(move |admitted: Result<Admitted, Status>| {
            // Started here, not when its reply is waited for.
            let task = admitted.map(|admitted| {
                let (index, id) = (admitted.index, article_id(&admitted));
                let work = analyze_one(analyzer.clone(), monitor.clone(), admitted);
                let work = spans.instrument_article(index, work);
                (index, id, AbortOnDropHandle::new(tokio::spawn(work)))
            });
            async move {
                let (index, id, task) = task?;
                let outcome = task.await.unwrap_or_else(|_| Err(AnalyzeError::Model.into()));
                Ok(reply_to(index, id, outcome.map_err(|status| to_wire(&status))))
            }
        })
        .buffer_unordered(in_flight)
}

fn article_id(admitted: &Admitted) -> String {
    let article = admitted.request.as_ref().and_then(|request| request.article.as_ref());
    article.map(|article| article.id.clone()).unwrap_or_default()
}

async fn analyze_one(
    analyzer: Analyzer,
    monitor: Monitor,
    admitted: Admitted,
) -> Result<v1::AnalyzeArticleResponse, Status> {
    let Admitted { index, request, asked, place } = admitted;
    let article = request.as_ref().and_then(|request| request.article.as_ref());
    let bytes = article.map_or(0, |article| article.text.len());
    let outcome = match (request, place) {
        (None, _) => Err(AnalyzeError::Invalid(vec![Violation::new("request", "is required")])),
        (_, None) => Err(AnalyzeError::NotReady),
        (Some(request), Some(place)) => analyzer.analyze(request, asked, place).await,
    };
    monitor.article(outcome, Some(index), bytes, asked.at)
}

fn reply_to(
    index: u32,
    article_id: String,
    outcome: Result<v1::AnalyzeArticleResponse, WireStatus>,
) -> v1::AnalyzeArticlesResponse {
    use v1::analyze_articles_response::Outcome;
    let outcome = Some(match outcome {
        Ok(response) => Outcome::Response(response),
        Err(status) => Outcome::Error(status),
    });
    v1::AnalyzeArticlesResponse { index, article_id, outcome }
}
