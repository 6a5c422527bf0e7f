//! Callers show certificates.

use parallax::config::Override;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use parallax::grpc::proto::v1::{CallerInfo, GetServerInfoRequest};
use tonic::Code;
use tonic::transport::ClientTlsConfig;

use crate::certificates::{Authority, Files};
use crate::support::TestServer;

/// Who the server says calls. With TLS 1.3 a refused certificate shows at the first call.
async fn caller(server: &TestServer, tls: ClientTlsConfig) -> Result<Option<CallerInfo>, Code> {
    let channel = server.try_channel(Some(tls)).await.map_err(|_| Code::Unavailable)?;
    let info = AnalysisServiceClient::new(channel).get_server_info(GetServerInfoRequest {}).await;
    info.map(|info| info.into_inner().caller).map_err(|status| status.code())
}

async fn server(files: &Files, authority: &Authority, overrides: &[Override]) -> TestServer {
    let member = authority.caller("probe").identity();
    let overrides = [files.server(&authority.server()), overrides.to_vec()].concat();
    TestServer::encrypted(&overrides, authority.trusted().identity(member)).await
}

#[tokio::test]
async fn a_required_certificate_names_the_caller() {
    let (authority, files) = (Authority::new(), Files::new());
    let server = server(&files, &authority, &files.client_ca(&authority, "required")).await;
    let shown = authority.trusted().identity(authority.caller("newsroom").identity());
    let named = caller(&server, shown).await.expect("call").expect("caller");
    assert_eq!(named.name, "newsroom");
}

#[tokio::test]
async fn without_a_required_certificate_or_with_one_that_does_not_hold_nobody_is_answered() {
    let (authority, files) = (Authority::new(), Files::new());
    let server = server(&files, &authority, &files.client_ca(&authority, "required")).await;
    let expired = authority.expired_caller("newsroom").identity();
    let foreign = Authority::new().caller("newsroom").identity();
    for tls in [
        authority.trusted(),
        authority.trusted().identity(expired),
        authority.trusted().identity(foreign),
    ] {
        caller(&server, tls).await.expect_err("no certificate that holds");
    }
}

#[tokio::test]
async fn an_optional_certificate_may_be_left_out_but_must_hold() {
    let (authority, files) = (Authority::new(), Files::new());
    let server = server(&files, &authority, &files.client_ca(&authority, "optional")).await;
    assert_eq!(caller(&server, authority.trusted()).await, Ok(None));
    let named = authority.trusted().identity(authority.caller("newsroom").identity());
    let named = caller(&server, named).await.expect("call").expect("caller");
    assert_eq!(named.name, "newsroom");
    let foreign = authority.trusted().identity(Authority::new().caller("newsroom").identity());
    caller(&server, foreign).await.expect_err("of another authority");
}

#[tokio::test]
async fn a_listed_certificate_stands_for_a_key_and_another_is_denied() {
    let (authority, files) = (Authority::new(), Files::new());
    let callers =
        "[[callers]]\nname = \"news\"\ncertificates = [\"newsroom\"]\nmax_in_flight = 3\n";
    let overrides = [files.client_ca(&authority, "optional"), files.callers(callers)].concat();
    let server = server(&files, &authority, &overrides).await;
    let listed = authority.trusted().identity(authority.caller("newsroom").identity());
    let info = caller(&server, listed).await.expect("call").expect("caller");
    assert_eq!((info.name.as_str(), info.max_in_flight), ("news", 3));
    let unlisted = authority.trusted().identity(authority.caller("stranger").identity());
    assert_eq!(caller(&server, unlisted).await, Err(Code::PermissionDenied));
    assert_eq!(caller(&server, authority.trusted()).await, Err(Code::Unauthenticated));
}
