//! The server says what it holds.

use parallax::grpc::proto::v1;

use crate::support::TestServer;

#[tokio::test]
async fn models_contests_build_and_limits_are_told() {
    let server = TestServer::with(&[("limits.max_summary_sentences", "7".into())]).await;
    let info = server.client().await.get_server_info(v1::GetServerInfoRequest {}).await;
    let info = info.expect("info").into_inner();
    let model = &info.models[0];
    assert_eq!((model.id.as_str(), model.licence.as_str()), ("parallax-minilm", "Apache-2.0"));
    assert_eq!(model.tasks, ["summary.extractive", "stance.any", "stance.us-russia"]);
    assert_eq!(model.sha256.len(), 64);
    let contest = info.contests[0].contest.as_ref().expect("contest");
    assert_eq!(contest.id, "us-russia");
    assert!(info.contests[0].trained);
    let build = info.build.expect("build");
    assert_eq!(build.version, env!("CARGO_PKG_VERSION"));
    assert!(build.libtorch.starts_with("2.4.0") || build.libtorch == "unknown", "{build:?}");
    assert_eq!(info.limits.expect("limits").max_summary_sentences, 7);
}
