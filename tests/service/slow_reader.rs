//! A caller who does not read its stream of replies is not read either, and loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parallax::grpc::proto::v1;
use tokio_stream::StreamExt;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::{TestServer, request};

/// Each some 50 KB, and its reply more.
const ARTICLES: usize = 600;
/// What the windows of the transport hold, both ways, and the articles in flight: 10 MB.
const MOST_SENT: usize = 200;

#[tokio::test]
async fn replies_that_are_not_read_hold_the_requests() {
    let server = TestServer::start().await;
    let text = "The two towns argue about “the old bridge on the river” again. ".repeat(800);
    let item = v1::AnalyzeArticlesRequest { request: Some(request(text)) };
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let requests = tokio_stream::iter(0..ARTICLES).map(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        item.clone()
    });
    let mut client = server.client().await;
    let mut replies = client.analyze_articles(requests).await.expect("stream").into_inner();
    assert!(replies.message().await.expect("reply").is_some());

    // It stands still when nothing more was taken while the server answered many others.
    let mut health = HealthClient::new(server.channel().await);
    let (mut last, mut unchanged) = (0, 0);
    while unchanged < 500 {
        health.check(HealthCheckRequest::default()).await.expect("answer");
        let now = sent.load(Ordering::Relaxed);
        unchanged = if now == last { unchanged + 1 } else { 0 };
        last = now;
    }
    assert!(last < MOST_SENT, "{last} articles were taken");

    let mut answered = 1;
    while replies.message().await.expect("reply").is_some() {
        answered += 1;
    }
    assert_eq!(answered, ARTICLES);
}
