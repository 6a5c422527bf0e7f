//! Connections grow old, so that callers spread anew.

use parallax::grpc::proto::v1;

use crate::frames::NO_ERROR;
use crate::raw::Raw;
use crate::support::{TestServer, request};

#[tokio::test]
async fn an_old_connection_is_told_to_go_and_calls_go_on() {
    let server = TestServer::with(&[("server.max_connection_age_ms", "20".into())]).await;
    let goodbyes = Raw::connect(server.address).await.goodbyes().await;
    assert_eq!(goodbyes.last(), Some(&NO_ERROR));
    // A client opens the next by itself.
    for _ in 0..5 {
        server.analyze(request("Two towns argue.")).await.expect("answer");
    }
}

#[tokio::test]
async fn a_stream_ends_when_the_grace_of_its_connection_is_over() {
    let server = TestServer::with(&[
        ("server.max_connection_age_ms", "300".into()),
        ("server.max_connection_age_grace_ms", "50".into()),
    ])
    .await;
    let requests = tokio_stream::pending::<v1::AnalyzeArticlesRequest>();
    let mut client = server.client().await;
    // It may be too late for the stream to begin.
    if let Ok(replies) = client.analyze_articles(requests).await {
        replies.into_inner().message().await.expect_err("cut off");
    }
}
