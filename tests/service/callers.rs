//! Callers show API keys.

use parallax::grpc::ApiKey;
use parallax::grpc::proto::v1::GetServerInfoRequest;
use tonic::{Code, Request};
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

use crate::certificates::Files;
use crate::support::TestServer;

/// A file with one caller.
fn one_caller(keys: &[&ApiKey]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("\"{}\"", key.sha256())).collect();
    format!("[[callers]]\nname = \"newsroom\"\nkey_sha256 = [{}]\n", keys.join(", "))
}

/// The name under which a call with this header is let in.
async fn name(server: &TestServer, header: Option<(&'static str, &str)>) -> Result<String, Code> {
    let mut request = Request::new(GetServerInfoRequest {});
    if let Some((header, value)) = header {
        request.metadata_mut().insert(header, value.parse().expect("value"));
    }
    let info = server.client().await.get_server_info(request).await;
    let info = info.map_err(|status| status.code())?.into_inner();
    Ok(info.caller.expect("caller").name)
}

#[tokio::test]
async fn a_key_is_asked_for_and_names_the_caller() {
    let (key, files) = (ApiKey::generate().expect("key"), Files::new());
    let server = TestServer::with(&files.callers(&one_caller(&[&key]))).await;
    let bearer = format!("Bearer {}", key.reveal());
    for header in [("authorization", bearer.as_str()), ("x-api-key", key.reveal())] {
        assert_eq!(name(&server, Some(header)).await.as_deref(), Ok("newsroom"), "{}", header.0);
    }
}

#[tokio::test]
async fn without_a_known_key_nobody_is_let_in() {
    let (key, files) = (ApiKey::generate().expect("key"), Files::new());
    let server = TestServer::with(&files.callers(&one_caller(&[&key]))).await;
    let other = ApiKey::generate().expect("key");
    let digest = key.sha256();
    for header in [
        None,
        Some(("x-api-key", "")),
        Some(("x-api-key", other.reveal())),
        // What the server keeps of a key is no key.
        Some(("x-api-key", digest.as_str())),
        Some(("authorization", "Bearer ")),
        Some(("authorization", "Basic bmV3c3Jvb206bm9uZQ==")),
    ] {
        assert_eq!(name(&server, header).await, Err(Code::Unauthenticated), "{header:?}");
    }
}

#[tokio::test]
async fn health_is_open_and_reflection_is_not() {
    let (key, files) = (ApiKey::generate().expect("key"), Files::new());
    // Starting waits for the health, without a key.
    let server = TestServer::with(&files.callers(&one_caller(&[&key]))).await;
    let mut reflection = ServerReflectionClient::new(server.channel().await);
    let refused = reflection.server_reflection_info(tokio_stream::empty()).await;
    assert_eq!(refused.expect_err("no key").code(), Code::Unauthenticated);
    let mut request = Request::new(tokio_stream::empty());
    request.metadata_mut().insert("x-api-key", key.reveal().parse().expect("value"));
    reflection.server_reflection_info(request).await.expect("let in");
}

#[tokio::test]
async fn keys_change_without_a_restart_and_a_bad_file_changes_nothing() {
    let files = Files::new();
    let [old, new] = [(); 2].map(|()| ApiKey::generate().expect("key"));
    let mut overrides = files.callers(&one_caller(&[&old]));
    overrides.push(("server.reload_interval_ms", "1".into()));
    let server = TestServer::with(&overrides).await;
    let with = async |key: &ApiKey| name(&server, Some(("x-api-key", key.reveal()))).await;
    assert_eq!(with(&new).await, Err(Code::Unauthenticated));
    files.callers(&one_caller(&[&old, &new]));
    while with(&new).await.is_err() {}
    with(&old).await.expect("both hold");
    // Read or not: the callers stay.
    files.callers("callers = 3");
    with(&old).await.expect("as before");
    files.callers(&one_caller(&[&new]));
    while with(&old).await.is_ok() {}
    with(&new).await.expect("the new one stays");
}
