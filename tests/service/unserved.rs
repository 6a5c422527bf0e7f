//! Parts of the contract that this server does not serve say so.

use parallax::grpc::proto::v1;
use tonic::Code;

use crate::support::{TestServer, request};

#[tokio::test]
async fn abstractive_summaries_are_unimplemented() {
    let server = TestServer::start().await;
    let mut abstractive = request("Some text.");
    let style = v1::SummaryStyle::Abstractive.into();
    abstractive.summary = Some(v1::SummaryOptions { style, ..v1::SummaryOptions::default() });
    let status = server.analyze(abstractive).await.expect_err("unserved");
    assert_eq!(status.code(), Code::Unimplemented, "{status:?}");
}

#[tokio::test]
async fn labels_are_unimplemented() {
    let server = TestServer::start().await;
    let mut labelled = request("Some text.");
    let label = v1::Label { id: "rain".into(), statement: "It rains.".into() };
    labelled.entailment = Some(v1::EntailmentOptions { labels: vec![label], ..Default::default() });
    let status = server.analyze(labelled).await.expect_err("unserved");
    assert_eq!(status.code(), Code::Unimplemented, "{status:?}");
    assert!(status.message().contains("entailment"), "{status:?}");
}
