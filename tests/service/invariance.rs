//! The same text gives the same answer, whatever it is read with.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, fixture, long_text, request};

#[tokio::test]
async fn an_answer_does_not_depend_on_the_company() {
    let server = TestServer::start().await;
    let asked = || {
        let mut request = request(fixture("us_nato"));
        request.output = Some(v1::OutputOptions { include_sentences: true, ..Default::default() });
        request
    };
    let alone = server.analyze(asked()).await.expect("answer");
    let others = (1..8).map(|n| server.analyze(request(long_text(n * 150))));
    let (among, _) =
        futures::future::join(server.analyze(asked()), futures::future::join_all(others)).await;
    let among = among.expect("answer");
    assert_eq!(alone.summary, among.summary);
    let sentences = |reply: &v1::AnalyzeArticleResponse| {
        let document = reply.document.clone().expect("document");
        document.sentences.into_iter().map(|s| (s.salience, s.framing)).collect::<Vec<_>>()
    };
    for (a, b) in sentences(&alone).into_iter().zip(sentences(&among)) {
        assert!((a.0 - b.0).abs() < 1e-4 && (a.1 - b.1).abs() < 1e-4, "{a:?} {b:?}");
    }
}
