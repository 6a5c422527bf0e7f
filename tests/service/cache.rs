//! The same article is analysed once.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, fixture, long_text, request};

fn is_cached(reply: &v1::AnalyzeArticleResponse) -> bool {
    reply.provenance.as_ref().expect("provenance").cached
}

/// A reply without what belongs to its call alone.
fn content(mut reply: v1::AnalyzeArticleResponse) -> v1::AnalyzeArticleResponse {
    reply.article_id.clear();
    reply.timing = None;
    reply.provenance.as_mut().expect("provenance").cached = false;
    reply
}

#[tokio::test]
async fn the_same_article_from_another_outlet_gets_the_same_reply() {
    let server = TestServer::start().await;
    let first = server.analyze(request(fixture("us_nato"))).await.expect("answer");
    let mut again = request(fixture("us_nato"));
    again.article.as_mut().expect("article").id = "another outlet".into();
    let second = server.analyze(again).await.expect("answer");
    assert_eq!((is_cached(&first), is_cached(&second)), (false, true));
    assert_eq!(second.article_id, "another outlet");
    let timing = second.timing.expect("timing");
    assert_eq!(timing.inference.expect("inference"), prost_types::Duration::default());
    assert!(timing.total.is_some());
    assert_eq!(content(first), content(second));
}

#[tokio::test]
async fn another_option_is_another_question() {
    let server = TestServer::start().await;
    server.analyze(request(fixture("russia"))).await.expect("answer");
    let mut variants = vec![request(fixture("russia")); 4];
    variants[0].output = Some(v1::OutputOptions { omit_evidence: true, ..Default::default() });
    variants[1].article.as_mut().expect("article").title = "A title".into();
    variants[2].article.as_mut().expect("article").text.push('!');
    variants[3].parts = vec![v1::AnalysisPart::Summary.into()];
    for variant in variants {
        let reply = server.analyze(variant.clone()).await.expect("answer");
        assert!(!is_cached(&reply), "{variant:?}");
    }
}

#[tokio::test]
async fn calls_that_ask_the_same_at_once_are_computed_once() {
    let server = TestServer::start().await;
    let calls = (0..8).map(|_| server.analyze(request(long_text(300))));
    let replies = futures::future::join_all(calls).await;
    let cached = replies.iter().map(|reply| is_cached(reply.as_ref().expect("answer")));
    assert_eq!(cached.filter(|cached| !cached).count(), 1);
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_take_the_answer_away_from_others() {
    let server = TestServer::start().await;
    let mut hurried = tonic::Request::new(request(long_text(8_000)));
    hurried.set_timeout(std::time::Duration::from_millis(40));
    let mut client = server.client().await;
    // Polled in this order: the hurried call is under way when the patient one comes.
    let (hurried, patient) = futures::future::join(
        client.analyze_article(hurried),
        server.analyze(request(long_text(8_000))),
    )
    .await;
    assert!(hurried.is_err());
    assert!(patient.is_ok(), "{patient:?}");
}

#[tokio::test]
async fn failures_are_not_kept() {
    let server = TestServer::start().await;
    let bad = || {
        let mut bad = request(fixture("russia"));
        bad.summary = Some(v1::SummaryOptions { max_sentences: 10_000, ..Default::default() });
        bad
    };
    for _ in 0..2 {
        assert!(server.analyze(bad()).await.is_err());
    }
    let mut long_id = request(fixture("russia"));
    server.analyze(long_id.clone()).await.expect("answer");
    long_id.article.as_mut().expect("article").id = "x".repeat(300);
    assert!(server.analyze(long_id).await.is_err(), "a known text does not excuse a bad id");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let server = TestServer::with(&[("cache.max_bytes", "0".into())]).await;
    for _ in 0..2 {
        let reply = server.analyze(request("Two towns argue about a bridge.")).await;
        assert!(!is_cached(&reply.expect("answer")));
    }
}
