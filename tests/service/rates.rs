//! A caller gets no more than its share.

use parallax::grpc::ApiKey;
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analyze_articles_response::Outcome;
use tokio_stream::StreamExt;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::certificates::Files;
use crate::support::{TestServer, request};

/// A server that one caller may use within limits.
struct Limited {
    server: TestServer,
    key: ApiKey,
    _files: Files,
}

impl Limited {
    async fn to(limits: &str) -> Self {
        let (key, files) = (ApiKey::generate().expect("key"), Files::new());
        let digest = key.sha256();
        let callers =
            format!("[[callers]]\nname = \"newsroom\"\nkey_sha256 = [\"{digest}\"]\n{limits}\n");
        let server = TestServer::with(&files.callers(&callers)).await;
        Self { server, key, _files: files }
    }

    fn signed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("x-api-key", self.key.reveal().parse().expect("value"));
        request
    }

    async fn info(&self) -> Result<v1::GetServerInfoResponse, Status> {
        let request = self.signed(v1::GetServerInfoRequest {});
        self.server.client().await.get_server_info(request).await.map(tonic::Response::into_inner)
    }
}

fn articles(count: usize) -> Vec<v1::AnalyzeArticlesRequest> {
    let item = v1::AnalyzeArticlesRequest { request: Some(request("Two towns argue.")) };
    vec![item; count]
}

fn assert_refused(status: &Status, words: &str) {
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    assert!(status.message().contains(words), "{status:?}");
    let retry = status.get_details_retry_info().expect("retry info");
    assert!(retry.retry_delay.is_some_and(|delay| !delay.is_zero()));
}

#[tokio::test]
async fn calls_beyond_the_rate_are_refused_with_the_time_to_wait() {
    let limited = Limited::to("requests_per_second = 0.001\nburst = 2").await;
    let info = limited.info().await.expect("first").caller.expect("caller");
    assert_eq!((info.requests_per_second, info.burst), (0.001, 2));
    limited.info().await.expect("second");
    assert_refused(&limited.info().await.expect_err("third"), "newsroom makes more than 0.001");
}

#[tokio::test]
async fn articles_of_a_stream_wait_for_the_rate_and_none_is_refused() {
    let limited = Limited::to("requests_per_second = 50\nburst = 1").await;
    let requests = limited.signed(tokio_stream::iter(articles(10)));
    let mut client = limited.server.client().await;
    let mut replies = client.analyze_articles(requests).await.expect("stream").into_inner();
    let mut answered = 0;
    while let Some(reply) = replies.message().await.expect("reply") {
        assert!(matches!(reply.outcome, Some(Outcome::Response(_))), "{reply:?}");
        answered += 1;
    }
    assert_eq!(answered, 10);
}

#[tokio::test]
async fn an_article_that_waits_for_the_rate_does_not_hold_the_drain() {
    let limited = Limited::to("requests_per_second = 0.001\nburst = 1").await;
    let requests = tokio_stream::iter(articles(2)).chain(tokio_stream::pending());
    let mut client = limited.server.client().await;
    let stream = client.analyze_articles(limited.signed(requests)).await.expect("stream");
    let mut replies = stream.into_inner();
    let mut next = async || replies.message().await.expect("reply");
    assert!(matches!(next().await.expect("first").outcome, Some(Outcome::Response(_))));
    let drain = tokio::spawn(limited.server.shut_down());
    let Some(Outcome::Error(status)) = next().await.expect("second").outcome else {
        panic!("answered beyond the rate");
    };
    assert_eq!(Code::from(status.code), Code::Unavailable);
    assert!(next().await.is_none());
    assert_eq!(drain.await.expect("task"), parallax::grpc::Drain::Clean);
}

#[tokio::test]
async fn every_article_of_a_comparison_counts() {
    let limited = Limited::to("requests_per_second = 0.001\nburst = 3").await;
    let article = v1::Article { text: "Two towns argue.".into(), ..Default::default() };
    let comparison =
        v1::CompareArticlesRequest { articles: vec![article; 3], ..Default::default() };
    let mut client = limited.server.client().await;
    client.compare_articles(limited.signed(comparison)).await.expect("comparison");
    assert_refused(&limited.info().await.expect_err("used up"), "newsroom makes more than");
}

#[tokio::test]
async fn a_call_holds_its_place_until_its_end() {
    let limited = Limited::to("max_in_flight = 1").await;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let ended = async move { ended.await.expect("told") };
    let requests = tokio_stream::iter(articles(1)).chain(tokio_stream::pending());
    let requests = futures::StreamExt::take_until(requests, ended);
    let mut client = limited.server.client().await;
    let stream = client.analyze_articles(limited.signed(requests)).await.expect("stream");
    let mut replies = stream.into_inner();
    replies.message().await.expect("reply").expect("first");
    assert_refused(&limited.info().await.expect_err("taken"), "newsroom has 1 calls in flight");
    end.send(()).expect("open");
    assert!(replies.message().await.expect("end").is_none());
    // Free before the end is seen, again and again.
    for _ in 0..20 {
        limited.info().await.expect("free");
    }
}
