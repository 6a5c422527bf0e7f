//! Calls travel encrypted, and certificates change while the server runs.

use std::sync::Arc;

use parallax::grpc::proto::v1::GetServerInfoRequest;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
};

use crate::certificates::{Authority, Files};
use crate::support::{TestServer, request};

#[tokio::test]
async fn a_call_over_tls_is_answered() {
    let (authority, files) = (Authority::new(), Files::new());
    let tls = files.server(&authority.server());
    let server = TestServer::encrypted(&tls, authority.trusted()).await;
    server.analyze(request("Two towns argue about a bridge.")).await.expect("answer");
}

#[tokio::test]
async fn plaintext_and_those_who_do_not_trust_the_authority_get_no_answer() {
    let (authority, files) = (Authority::new(), Files::new());
    let tls = files.server(&authority.server());
    let server = TestServer::encrypted(&tls, authority.trusted()).await;
    let stranger = Authority::new().trusted();
    assert!(server.try_channel(Some(stranger)).await.is_err());
    if let Ok(plain) = server.try_channel(None).await {
        let call = AnalysisServiceClient::new(plain).get_server_info(GetServerInfoRequest {}).await;
        call.expect_err("plaintext");
    }
}

/// What is agreed with a client that speaks these versions.
async fn agreed(
    server: &TestServer,
    authority: &Authority,
    versions: &[&'static SupportedProtocolVersion],
) -> (Option<ProtocolVersion>, Option<Vec<u8>>) {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).expect("PEM")).expect("CA");
    let provider = tokio_rustls::rustls::crypto::ring::default_provider();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = tokio::net::TcpStream::connect(server.address).await.expect("connection");
    let name = ServerName::try_from("localhost").expect("name");
    let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.expect("handshake");
    let (_, session) = tls.get_ref();
    (session.protocol_version(), session.alpn_protocol().map(<[u8]>::to_vec))
}

#[tokio::test]
async fn tls_1_3_is_preferred_and_1_2_is_spoken_both_with_http_2() {
    let (authority, files) = (Authority::new(), Files::new());
    let tls = files.server(&authority.server());
    let server = TestServer::encrypted(&tls, authority.trusted()).await;
    let h2 = Some(b"h2".to_vec());
    let newest = agreed(&server, &authority, &[&TLS12, &TLS13]).await;
    assert_eq!(newest, (Some(ProtocolVersion::TLSv1_3), h2.clone()));
    let older = agreed(&server, &authority, &[&TLS12]).await;
    assert_eq!(older, (Some(ProtocolVersion::TLSv1_2), h2));
}

#[tokio::test]
async fn a_new_certificate_is_taken_without_a_restart() {
    let (old, new, files) = (Authority::new(), Authority::new(), Files::new());
    let mut overrides = files.server(&old.server());
    overrides.push(("server.reload_interval_ms", "1".into()));
    let server = TestServer::encrypted(&overrides, old.trusted()).await;
    let before = server.client().await;
    assert!(server.try_channel(Some(new.trusted())).await.is_err());
    files.server(&new.server());
    while server.try_channel(Some(new.trusted())).await.is_err() {}
    assert!(server.try_channel(Some(old.trusted())).await.is_err());
    // Connections from before go on.
    before.clone().get_server_info(GetServerInfoRequest {}).await.expect("answer");
}
