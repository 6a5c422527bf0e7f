//! A shutdown loses no accepted request, and ends.

use parallax::grpc::Drain;
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
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
