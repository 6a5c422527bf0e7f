//! A full server refuses at once and says when to come again.

use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{TestServer, long_text, request};

#[tokio::test]
async fn one_request_too_many_is_refused_with_retry_info() {
    let server = TestServer::with(&[("limits.max_requests_in_flight", "1".into())]).await;
    let calls = (0..4).map(|_| server.analyze(request(long_text(5_000))));
    let outcomes = futures::future::join_all(calls).await;
    let (answers, refusals): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert!(!answers.is_empty());
    assert!(!refusals.is_empty());
    for status in refusals.into_iter().filter_map(Result::err) {
        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
        assert!(status.message().contains("1 requests are in flight"), "{status:?}");
        let retry = status.get_details_retry_info().expect("retry info");
        assert!(retry.retry_delay.is_some_and(|delay| !delay.is_zero()));
    }
}

#[tokio::test]
async fn a_full_house_is_free_again_afterwards() {
    let server = TestServer::with(&[("limits.max_requests_in_flight", "1".into())]).await;
    for _ in 0..3 {
        server.analyze(request("Two towns argue about a bridge.")).await.expect("answer");
    }
}
