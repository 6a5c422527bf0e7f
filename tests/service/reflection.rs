//! A stock client finds its way by reflection, old protocol and new.

use tonic_reflection::pb::{v1, v1alpha};

use crate::support::TestServer;

const SERVICE: &str = "parallax.v1.AnalysisService";

macro_rules! list_services {
    ($version:ident, $server:expr) => {{
        use $version::server_reflection_client::ServerReflectionClient;
        use $version::server_reflection_request::MessageRequest;
        use $version::server_reflection_response::MessageResponse;
        let request = $version::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut client = ServerReflectionClient::new($server.channel().await);
        let requests = tokio_stream::once(request);
        let mut replies = client.server_reflection_info(requests).await.expect("call").into_inner();
        match replies.message().await.expect("reply").expect("reply").message_response {
            Some(MessageResponse::ListServicesResponse(list)) => {
                list.service.into_iter().map(|service| service.name).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    }};
}

#[tokio::test]
async fn both_versions_list_the_services() {
    let server = TestServer::start().await;
    for services in [list_services!(v1, server), list_services!(v1alpha, server)] {
        assert!(services.iter().any(|name| name == SERVICE), "{services:?}");
        assert!(services.iter().any(|name| name == "grpc.health.v1.Health"), "{services:?}");
    }
}

#[tokio::test]
async fn reflection_can_be_switched_off() {
    let server = TestServer::with(&[("server.reflection", "false".into())]).await;
    let channel = server.channel().await;
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(channel);
    let outcome = client.server_reflection_info(tokio_stream::empty()).await;
    assert_eq!(outcome.expect_err("off").code(), tonic::Code::Unimplemented);
}
