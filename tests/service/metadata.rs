//! Metadata of a call: kept when it is large, refused when it is too large.

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
async fn a_call_with_more_is_refused_and_the_next_is_answered() {
    let server = TestServer::start().await;
    for bytes in [20 << 10, 1 << 20] {
        let mut health = HealthClient::new(server.channel().await);
        assert!(health.check(with_metadata(bytes)).await.is_err(), "{bytes} bytes");
        health.check(with_metadata(0)).await.expect("answer");
    }
}
