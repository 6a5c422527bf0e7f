//! Labels and claims, tested by an entailment model. Its weights are random: only the way is under test.

use std::collections::BTreeSet;

use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analyze_article_request::ContestChoice;

use crate::support::{TestServer, checkpoints, fixture, request, violated_fields};

const STATEMENTS: [(&str, &str); 3] = [
    ("safe", "The dam is safe."),
    ("closed", "The road is closed."),
    ("rain", "It rains a lot in the valley."),
];

fn labelled(labels: &[(&str, &str)]) -> v1::AnalyzeArticleRequest {
    let mut asked = request(fixture("dam_karsova"));
    let label =
        |&(id, statement): &(&str, &str)| v1::Label { id: id.into(), statement: statement.into() };
    asked.entailment = Some(v1::EntailmentOptions {
        labels: labels.iter().map(label).collect(),
        model: "bart-nli".into(),
        ..Default::default()
    });
    asked
}

fn side(id: &str, claim: &str) -> v1::Party {
    v1::Party {
        id: id.into(),
        aliases: vec![id.into()],
        claims: vec![claim.into()],
        ..Default::default()
    }
}

/// A contest that says how to read the model: so sharply that everything is decided.
fn calibrated_contest() -> v1::Contest {
    let calibration = v1::EntailmentCalibration {
        model: "bart-nli".into(),
        temperature: 0.05,
        decide_above: 0.5,
    };
    v1::Contest {
        id: "dam".into(),
        sides: vec![side("karsova", "The dam is safe."), side("deshar", "The dam will break.")],
        entailment: vec![calibration],
        ..Default::default()
    }
}

#[tokio::test]
async fn the_order_of_labels_changes_nothing() {
    let server = TestServer::with(&[checkpoints()]).await;
    let mut backwards = STATEMENTS;
    backwards.reverse();
    let forth = server.analyze(labelled(&STATEMENTS)).await.expect("reply").labels;
    let mut back = server.analyze(labelled(&backwards)).await.expect("reply").labels;
    back.reverse();
    assert_eq!(forth, back);
    let alone = server.analyze(labelled(&STATEMENTS[..1])).await.expect("reply").labels;
    assert_eq!(alone[0].status, forth[0].status);
    assert!((alone[0].entailed - forth[0].entailed).abs() < 1e-4);
}

#[tokio::test]
async fn uncalibrated_probabilities_are_marked() {
    let server = TestServer::with(&[checkpoints()]).await;
    let reply = server.analyze(labelled(&STATEMENTS)).await.expect("reply");
    let warned = |reply: &v1::AnalyzeArticleResponse| {
        reply.warnings.iter().any(|warning| warning.code() == v1::WarningCode::LabelsNotCalibrated)
    };
    assert!(warned(&reply) && reply.labels.iter().all(|finding| !finding.calibrated), "{reply:?}");
    let mut calibrated = labelled(&STATEMENTS);
    calibrated.contest_choice = Some(ContestChoice::Contest(calibrated_contest()));
    let reply = server.analyze(calibrated).await.expect("reply");
    assert!(!warned(&reply) && reply.labels.iter().all(|finding| finding.calibrated), "{reply:?}");
}

#[tokio::test]
async fn claims_come_with_the_sentences_that_carry_them() {
    let server = TestServer::with(&[checkpoints()]).await;
    let mut asked = labelled(&[]);
    asked.contest_choice = Some(ContestChoice::Contest(calibrated_contest()));
    asked.entailment.as_mut().expect("entailment").contest_claims = true;
    asked.output = Some(v1::OutputOptions { include_sentences: true, ..Default::default() });
    let reply = server.analyze(asked).await.expect("reply");
    let sentences = reply.document.expect("document").sentences;
    let claims = reply.stance.expect("stance").claims;
    assert!(!claims.is_empty());
    let mut seen = BTreeSet::new();
    for claim in &claims {
        let expected =
            if claim.side == "karsova" { "The dam is safe." } else { "The dam will break." };
        assert_eq!(claim.text, expected);
        assert!(seen.insert((claim.side.clone(), claim.stance)), "twice: {claim:?}");
        assert!(sentences.iter().any(|sentence| sentence.span == claim.span), "{claim:?}");
        assert!(claim.score.abs() <= 1.0 && claim.attribution.is_some());
    }
}

#[tokio::test]
async fn too_many_pairs_are_an_error_that_names_the_limit() {
    let server =
        TestServer::with(&[checkpoints(), ("limits.max_entailment_pairs", "4".into())]).await;
    let status = server.analyze(labelled(&STATEMENTS)).await.expect_err("too many");
    assert_eq!(violated_fields(&status), ["entailment"]);
    assert!(status.message().contains("at most 4 pairs"), "{status:?}");
}

#[tokio::test]
async fn an_unreadable_article_leaves_labels_undecided() {
    let server = TestServer::with(&[checkpoints()]).await;
    let mut asked = labelled(&STATEMENTS);
    asked.article.as_mut().expect("article").text =
        "Der Damm ist sicher, sagte die Ministerin am Montag. Die Straße bleibt bis auf Weiteres gesperrt.".into();
    let labels = server.analyze(asked).await.expect("reply").labels;
    assert_eq!(labels.len(), 3);
    assert!(labels.iter().all(|finding| finding.status() == v1::LabelStatus::Undecided));
}
