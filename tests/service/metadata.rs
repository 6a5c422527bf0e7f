//! Metadata of a call: kept when it is large, refused when it is too large.

use parallax::grpc::proto::v1::GetServerInfoRequest;
use tonic::Request;
use tonic::metadata::MetadataValue;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::TestServer;

fn with_metadata(bytes: usize) -> tonic::Request<HealthCheckRequest> {
    let mut request = tonic::Request::new(HealthCheckRequest::default());
    let value = MetadataValue::try_from("y".repeat(bytes)).expect("printable");
    request.metadata_mut().insert("x-large", value);
    request
}

#[tokio::test]
async fn a_call_may_carry_what_other_servers_take_too() {
    let server = TestServer::start().await;
    let mut health = HealthClient::new(server.channel().await);
    health.check(with_metadata(8 << 10)).await.expect("answer");
}

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
