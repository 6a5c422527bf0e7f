//! The same text gives the same answer, whatever it is read with.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, fixture, long_text, request};

/// An answer alone, and an answer to the same among others.
async fn alone_and_among(server: &TestServer) -> [v1::AnalyzeArticleResponse; 2] {
    let asked = || {
        let mut request = request(fixture("us_nato"));
        request.output = Some(v1::OutputOptions { include_sentences: true, ..Default::default() });
        request
    };
    let alone = server.analyze(asked()).await.expect("answer");
    let others = (1..8).map(|n| server.analyze(request(long_text(n * 150))));
    let (among, _) =
        futures::future::join(server.analyze(asked()), futures::future::join_all(others)).await;
    [alone, among.expect("answer")].map(|mut reply| {
        reply.timing = None;
        reply
    })
}

const NO_CACHE: (&str, &str) = ("cache.max_bytes", "0");

#[tokio::test]
async fn on_integers_an_answer_does_not_depend_on_the_company() {
    let int8 = ("engine.precision", "int8");
    let server = TestServer::with(&[NO_CACHE, int8].map(|(k, v)| (k, v.to_owned()))).await;
    let [alone, among] = alone_and_among(&server).await;
    assert_eq!(alone, among);
}

#[tokio::test]
async fn on_floats_an_answer_depends_on_the_company_by_its_last_bits_only() {
    let server = TestServer::with(&[NO_CACHE].map(|(k, v)| (k, v.to_owned()))).await;
    let [alone, among] = alone_and_among(&server).await;
    let summary = |reply: &v1::AnalyzeArticleResponse| reply.summary.clone().expect("summary");
    assert_eq!(summary(&alone).text, summary(&among).text);
    let sentences = |reply: &v1::AnalyzeArticleResponse| {
        let document = reply.document.clone().expect("document");
        document.sentences.into_iter().map(|s| (s.salience, s.framing)).collect::<Vec<_>>()
    };
    for (a, b) in sentences(&alone).into_iter().zip(sentences(&among)) {
        assert!((a.0 - b.0).abs() < 1e-4 && (a.1 - b.1).abs() < 1e-4, "{a:?} {b:?}");
    }
}
