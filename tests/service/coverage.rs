//! Nothing is cut.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, long_text, request};

#[tokio::test]
async fn twenty_thousand_words_are_read_whole() {
    let server = TestServer::start().await;
    let text = long_text(20_000);
    let reply = server.analyze(request(text.as_str())).await.expect("answer");
    let coverage = reply.coverage.expect("coverage");
    assert!(!coverage.truncated);
    // All but the spaces between sentences.
    let sentences = reply.document.expect("document").sentence_count;
    assert_eq!(coverage.processed, coverage.code_points - sentences);
    assert!(coverage.tokens as usize > 20_000, "{coverage:?}");
    assert!(coverage.windows > 40, "{coverage:?}");
}

#[tokio::test]
async fn a_sentence_longer_than_a_window_is_read_whole() {
    let server = TestServer::start().await;
    let text = format!("The list names {} and the river.", "a bridge, ".repeat(700));
    let reply = server.analyze(request(text.as_str())).await.expect("answer");
    let coverage = reply.coverage.expect("coverage");
    assert_eq!(coverage.processed, coverage.code_points);
    assert!(coverage.tokens > 2100 && coverage.windows >= 5, "{coverage:?}");
}

#[tokio::test]
async fn a_word_that_the_tokenizer_gives_up_on_is_told() {
    let server = TestServer::start().await;
    let text = format!("The sign on the bridge said {} to everyone.", "x".repeat(5_000));
    let reply = server.analyze(request(text.as_str())).await.expect("answer");
    let coverage = reply.coverage.expect("coverage");
    assert!(coverage.truncated);
    assert_eq!(coverage.code_points - coverage.processed, 5_000);
    assert!(reply.warnings.iter().any(|warning| warning.code() == v1::WarningCode::Truncated));
}
