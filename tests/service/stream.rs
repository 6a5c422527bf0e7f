//! Many articles over one call.

use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analyze_articles_response::Outcome;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::support::{TestServer, fixture, request};

fn item(id: &str, text: &str) -> v1::AnalyzeArticlesRequest {
    let mut request = request(text);
    request.article.as_mut().expect("article").id = id.into();
    v1::AnalyzeArticlesRequest { request: Some(request) }
}

#[tokio::test]
async fn a_failed_article_carries_its_status_and_the_stream_goes_on() {
    let server = TestServer::start().await;
    let items = vec![
        item("first", &fixture("us_nato")),
        item("empty", ""),
        v1::AnalyzeArticlesRequest { request: None },
        item("last", &fixture("fell_race")),
    ];
    let requests = tokio_stream::iter(items);
    let mut replies =
        server.client().await.analyze_articles(requests).await.expect("stream").into_inner();
    let mut outcomes = Vec::new();
    while let Some(reply) = replies.message().await.expect("reply") {
        let code = match reply.outcome.expect("outcome") {
            Outcome::Response(response) => {
                assert_eq!(response.article_id, reply.article_id);
                Code::Ok
            }
            Outcome::Error(status) => Code::from(status.code),
        };
        outcomes.push((reply.index, reply.article_id, code));
    }
    outcomes.sort_by_key(|(index, ..)| *index);
    let expected = [
        (0, "first", Code::Ok),
        (1, "empty", Code::InvalidArgument),
        (2, "", Code::InvalidArgument),
        (3, "last", Code::Ok),
    ];
    assert_eq!(outcomes, expected.map(|(index, id, code)| (index, id.to_owned(), code)));
}

#[tokio::test]
async fn a_stream_waits_where_single_calls_are_refused() {
    let server = TestServer::with(&[("limits.max_requests_in_flight", "1".into())]).await;
    let requests = (0..20).map(|n| item(&n.to_string(), "Two towns argue about a bridge."));
    let requests = tokio_stream::iter(requests.collect::<Vec<_>>());
    let mut replies =
        server.client().await.analyze_articles(requests).await.expect("stream").into_inner();
    let mut answered = 0;
    while let Some(reply) = replies.message().await.expect("reply") {
        assert!(matches!(reply.outcome, Some(Outcome::Response(_))), "{reply:?}");
        answered += 1;
    }
    assert_eq!(answered, 20);
}

#[tokio::test]
async fn a_caller_who_does_not_read_takes_no_place_from_others() {
    let places = [("limits.max_requests_in_flight", "1".into())];
    let server = TestServer::with(&places).await;
    // Replies that add up to more than the window of the transport.
    let article = "The two towns argue about “the old bridge on the river” again. ".repeat(400);
    let items = (0..6).map(|n| item(&n.to_string(), &article)).collect::<Vec<_>>();
    let requests = tokio_stream::iter(items).chain(tokio_stream::pending());
    let unread = server.client().await.analyze_articles(requests).await.expect("stream");
    let mut single = server.client().await;
    loop {
        match single.analyze_article(request("Two towns argue about a bridge.")).await {
            Ok(_) => break,
            Err(status) => assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}"),
        }
    }
    drop(unread);
}
