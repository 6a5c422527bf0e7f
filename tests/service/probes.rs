//! Texts of our own that try to lead the stance astray.
//!
//! Here are those that it withstands. All of them, with what is answered to those it does not withstand,
//! stand in the model card.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, request};

async fn stance(server: &TestServer, probe: &str) -> v1::Stance {
    let path = format!("{}/tests/fixtures/probes/{probe}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("probe");
    server.analyze(request(&text)).await.expect("answer").stance.expect("stance")
}

#[tokio::test]
async fn a_sentence_said_fifty_times_counts_once() {
    let server = TestServer::start().await;
    let once = stance(&server, "once.balanced").await.framing.expect("framing");
    let fifty = stance(&server, "fifty_times.balanced").await.framing.expect("framing");
    assert!((once.score - fifty.score).abs() < 1e-4, "{} {}", once.score, fifty.score);
}

#[tokio::test]
async fn a_text_that_gives_instructions_is_only_read() {
    let server = TestServer::start().await;
    let plain = stance(&server, "western_commentary_mirrored.russia").await;
    let instructed = stance(&server, "instructions.russia").await;
    assert_eq!(plain.framing.expect("framing").label, "russia");
    assert_eq!(instructed.framing.expect("framing").label, "russia");
}

#[tokio::test]
async fn a_symmetric_text_is_given_to_neither_side() {
    let server = TestServer::start().await;
    let framing = stance(&server, "symmetric.balanced").await.framing.expect("framing");
    assert_ne!(framing.label, "us_nato");
    assert_ne!(framing.label, "russia");
}

#[tokio::test]
async fn a_chess_match_between_the_sides_is_given_to_neither() {
    let server = TestServer::start().await;
    let label = stance(&server, "chess.unrelated").await.framing.unwrap_or_default().label;
    assert_eq!(label, "");
}
