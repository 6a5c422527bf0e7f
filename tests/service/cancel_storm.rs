//! Callers who leave by the hundred leave nothing behind.

use futures::FutureExt;
use parallax::grpc::Drain;
use parallax::grpc::proto::v1;

use crate::support::{TestServer, long_text, request};

#[tokio::test]
async fn the_places_of_callers_who_left_are_free() {
    let server = TestServer::with(&[("limits.max_requests_in_flight", "4".into())]).await;
    for _ in 0..10 {
        let client = server.client().await;
        let calls = (0..50).map(|_| {
            let mut client = client.clone();
            tokio::spawn(async move { client.analyze_article(request(long_text(2_000))).await })
        });
        let calls: Vec<_> = calls.collect();
        // One is answered or refused, so that the others have reached the server; then all leave.
        let (first, _, others) = futures::future::select_all(calls).await;
        let _outcome = first.expect("task");
        others.iter().for_each(tokio::task::JoinHandle::abort);
    }
    // Windows under way are finished first: until then a caller may be told to come again.
    while server.analyze(request("The bridge on the river is closed.")).await.is_err() {}
    assert_eq!(server.shut_down().await, Drain::Clean);
}

#[tokio::test]
async fn a_stream_that_is_dropped_takes_its_articles_along() {
    let server = TestServer::with(&[("limits.max_requests_in_flight", "4".into())]).await;
    for _ in 0..10 {
        let item = v1::AnalyzeArticlesRequest { request: Some(request(long_text(2_000))) };
        let mut client = server.client().await;
        let replies = client.analyze_articles(tokio_stream::iter(vec![item; 20])).await;
        // Polled once, answered or not.
        let _first = replies.expect("stream").into_inner().message().now_or_never();
    }
    while server.analyze(request("The bridge on the river is closed.")).await.is_err() {}
    assert_eq!(server.shut_down().await, Drain::Clean);
}
