//! A shutdown loses no accepted request, and ends.

use parallax::grpc::Drain;
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic::transport::Channel;

use crate::support::{TestServer, long_text, request};

/// Calls until the probes of [`wait_until_full`] leave the one place in the house to this call.
async fn call(
    mut client: AnalysisServiceClient<Channel>,
    words: usize,
) -> Result<v1::AnalyzeArticleResponse, tonic::Status> {
    loop {
        match client.analyze_article(request(long_text(words))).await {
            Err(status) if status.code() == Code::ResourceExhausted => {}
            outcome => return outcome.map(tonic::Response::into_inner),
        }
    }
}

/// Waits until the one place in the house is taken by the call under test.
async fn wait_until_full(server: &TestServer) {
    let mut client = server.client().await;
    loop {
        match client.analyze_article(request("")).await.map_err(|status| status.code()) {
            Err(Code::ResourceExhausted) => return,
            Err(Code::InvalidArgument) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_accepted_request_is_answered() {
    let server = TestServer::with(&[("limits.max_requests_in_flight", "1".into())]).await;
    let call = tokio::spawn(call(server.client().await, 8_000));
    wait_until_full(&server).await;
    let address = server.address;
    let drain = server.shut_down().await;
    call.await.expect("task").expect("answer");
    assert_eq!(drain, Drain::Clean);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_drain_ends_when_its_time_is_up() {
    let full = ("limits.max_requests_in_flight", "1".into());
    let server = TestServer::with(&[full, ("server.drain_timeout_ms", "50".into())]).await;
    let call = tokio::spawn(call(server.client().await, 50_000));
    wait_until_full(&server).await;
    assert_eq!(server.shut_down().await, Drain::TimedOut);
    call.abort();
}

#[tokio::test]
async fn a_server_that_never_got_its_model_ends_too() {
    let (_load, loaded) = tokio::sync::oneshot::channel();
    let server = TestServer::loading(&[], loaded).await;
    let early = server.analyze(request("Some text.")).await.expect_err("not ready");
    assert_eq!(early.code(), Code::Unavailable);
    assert_eq!(server.shut_down().await, Drain::Clean);
}

#[tokio::test]
async fn those_who_watch_the_health_see_it_change_and_do_not_hold_the_drain() {
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_check_response::ServingStatus;
    use tonic_health::pb::health_client::HealthClient;
    let server = TestServer::start().await;
    let mut health = HealthClient::new(server.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.expect("watch").into_inner();
    let first = watch.message().await.expect("status").expect("status");
    assert_eq!(first.status(), ServingStatus::Serving);
    let drain = tokio::spawn(server.shut_down());
    let second = watch.message().await.expect("status").expect("status");
    assert_eq!(second.status(), ServingStatus::NotServing);
    assert_eq!(drain.await.expect("task"), Drain::Clean);
}

#[tokio::test]
async fn an_open_stream_is_answered_and_ends() {
    let server = TestServer::start().await;
    let item = v1::AnalyzeArticlesRequest { request: Some(request("Two towns argue.")) };
    let requests = tokio_stream::iter([item]).chain(tokio_stream::pending());
    let mut replies =
        server.client().await.analyze_articles(requests).await.expect("stream").into_inner();
    assert!(replies.message().await.expect("reply").is_some());
    let drain = tokio::spawn(server.shut_down());
    assert!(replies.message().await.expect("end").is_none());
    assert_eq!(drain.await.expect("task"), Drain::Clean);
}

#[tokio::test]
async fn in_the_grace_health_says_not_serving_and_calls_are_still_answered() {
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_check_response::ServingStatus;
    use tonic_health::pb::health_client::HealthClient;
    // Longer than the test, which does not wait for its end.
    let server = TestServer::with(&[("server.shutdown_grace_ms", "600000".into())]).await;
    let mut health = HealthClient::new(server.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.expect("watch").into_inner();
    let mut next = async || watch.message().await.expect("stream").expect("status").status();
    assert_eq!(next().await, ServingStatus::Serving);
    let mut client = server.client().await;
    let address = server.address;
    let _ending = tokio::spawn(server.shut_down());
    assert_eq!(next().await, ServingStatus::NotServing);
    client.analyze_article(request("Two towns argue.")).await.expect("answer");
    // New connections too: a balancer needs time to see it.
    tokio::net::TcpStream::connect(address).await.expect("connection");
}
