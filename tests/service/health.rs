//! Health says NOT_SERVING until the model is warm.

use tokio::sync::oneshot;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::{TestServer, request};

#[tokio::test]
async fn not_serving_until_the_model_is_loaded() {
    let (load, loaded) = oneshot::channel();
    let server = TestServer::loading(&[], loaded).await;
    for service in ["", "parallax.v1.AnalysisService"] {
        let mut health = HealthClient::new(server.channel().await);
        let asked = HealthCheckRequest { service: service.into() };
        let status = health.check(asked).await.expect("health").into_inner();
        assert_eq!(status.status(), ServingStatus::NotServing, "{service:?}");
    }
    let early = server.analyze(request("Some text.")).await.expect_err("not ready");
    assert_eq!(early.code(), Code::Unavailable);

    let mut health = HealthClient::new(server.channel().await);
    let asked = HealthCheckRequest { service: "parallax.v1.AnalysisService".into() };
    let mut statuses = health.watch(asked).await.expect("watch").into_inner();
    let mut next = async || statuses.message().await.expect("stream").expect("status").status();
    assert_eq!(next().await, ServingStatus::NotServing);
    load.send(()).expect("waiting");
    assert_eq!(next().await, ServingStatus::Serving);
    server.analyze(request("Some text.")).await.expect("answer");
}
