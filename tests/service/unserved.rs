//! Parts of the contract that this server does not serve say so.

use parallax::grpc::proto::v1;
use tonic::Code;

use crate::support::{TestServer, request};

#[tokio::test]
async fn html_and_abstractive_summaries_are_unimplemented() {
    let server = TestServer::start().await;
    let mut html = request("<p>Some text.</p>");
    html.article.as_mut().expect("article").format = v1::TextFormat::Html.into();
    let mut abstractive = request("Some text.");
    let style = v1::SummaryStyle::Abstractive.into();
    abstractive.summary = Some(v1::SummaryOptions { style, ..v1::SummaryOptions::default() });
    for request in [html, abstractive] {
        let status = server.analyze(request).await.expect_err("unserved");
        assert_eq!(status.code(), Code::Unimplemented, "{status:?}");
    }
}

#[tokio::test]
async fn comparison_is_unimplemented() {
    let server = TestServer::start().await;
    let request = v1::CompareArticlesRequest::default();
    let status = server.client().await.compare_articles(request).await.expect_err("unserved");
    assert_eq!(status.code(), Code::Unimplemented);
}
