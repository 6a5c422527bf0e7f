//! Summaries that a public checkpoint generates. The weights of these are random: nothing they write may stand.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, checkpoints, fixture, request, violated_fields};

fn abstractive(model: &str) -> v1::AnalyzeArticleRequest {
    let mut asked = request(fixture("dam_karsova"));
    asked.summary = Some(v1::SummaryOptions {
        style: v1::SummaryStyle::Abstractive.into(),
        model: model.into(),
        max_sentences: 2,
        ..Default::default()
    });
    asked
}

#[tokio::test]
async fn what_is_not_grounded_gives_way_to_sentences_of_the_article() {
    let server = TestServer::with(&[checkpoints()]).await;
    for model in ["bart", "t5", "pegasus", "longt5-local"] {
        let reply = server.analyze(abstractive(model)).await.expect("reply");
        let summary = reply.summary.as_ref().expect("summary");
        assert_eq!(summary.style(), v1::SummaryStyle::Extractive, "{model}");
        assert!(summary.grounded && summary.sentences.len() == 2, "{model}: {summary:?}");
        let warned =
            |code: v1::WarningCode| reply.warnings.iter().any(|warning| warning.code() == code);
        assert!(warned(v1::WarningCode::ExtractiveInstead), "{model}: {:?}", reply.warnings);
        let models = &reply.provenance.as_ref().expect("provenance").models;
        let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids, ["parallax-minilm", model]);
    }
}

#[tokio::test]
async fn an_unknown_generator_is_an_error_that_names_the_known() {
    let server = TestServer::with(&[checkpoints()]).await;
    let status = server.analyze(abstractive("gpt")).await.expect_err("unknown");
    assert_eq!(violated_fields(&status), ["summary.model"]);
    assert!(status.message().contains("bart, distilbart, flan-t5"), "{status:?}");
    assert!(!status.message().contains("roberta"), "an entailment model: {status:?}");
}

#[tokio::test]
async fn of_several_generators_one_is_named() {
    let server = TestServer::with(&[checkpoints()]).await;
    let status = server.analyze(abstractive("")).await.expect_err("several");
    assert_eq!(violated_fields(&status), ["summary.model"]);
    let server = TestServer::with(&[checkpoints(), ("models.summary", "bart".into())]).await;
    assert!(server.analyze(abstractive("")).await.is_ok());
}

#[tokio::test]
async fn the_server_tells_its_checkpoints() {
    let server = TestServer::with(&[checkpoints()]).await;
    let info = server.client().await.get_server_info(v1::GetServerInfoRequest {}).await;
    let models = info.expect("info").into_inner().models;
    let of = |id: &str| {
        let model = models.iter().find(|model| model.id == id).expect("model");
        (model.tasks.clone(), model.max_window_tokens)
    };
    assert_eq!(of("bart"), (vec!["summary.abstractive".to_owned()], 80));
    assert_eq!(of("bart-nli"), (vec!["entailment".to_owned()], 80));
}
