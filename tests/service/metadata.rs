//! Metadata has a limit.

use parallax::grpc::proto::v1::GetServerInfoRequest;
use tonic::Request;

use crate::support::TestServer;

#[tokio::test]
async fn a_call_with_too_much_metadata_is_refused_and_the_next_is_answered() {
    let server = TestServer::with(&[("server.max_metadata_bytes", "2048".into())]).await;
    let mut client = server.client().await;
    let with = |bytes: usize| {
        let mut request = Request::new(GetServerInfoRequest {});
        request.metadata_mut().insert("x-note", "n".repeat(bytes).parse().expect("value"));
        request
    };
    let refused = client.get_server_info(with(2048)).await.expect_err("too much");
    assert!(refused.message().contains("431"), "{refused:?}");
    let info = client.get_server_info(with(512)).await.expect("answer").into_inner();
    assert_eq!(info.limits.expect("limits").max_metadata_bytes, 2048);
}
