//! Bad input gets a clear error that names the field, the limit and the value.

use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analyze_article_request::ContestChoice;
use tonic::Code;

use crate::support::{TestServer, request, violated_fields};

#[tokio::test]
async fn all_violations_come_at_once() {
    let server = TestServer::start().await;
    let mut bad = request("");
    bad.article.as_mut().expect("article").id = "x".repeat(257);
    bad.article.as_mut().expect("article").title = "x".repeat(1001);
    bad.article.as_mut().expect("article").format = 99;
    bad.parts = vec![0, 1, 42];
    bad.summary = Some(v1::SummaryOptions {
        style: 77,
        max_sentences: 21,
        max_words: 9,
        model: "gpt".into(),
        min_words: 10,
        beams: 9,
    });
    bad.contest_choice = Some(ContestChoice::ContestId("cats-dogs".into()));
    let label =
        |id: &str, statement: &str| v1::Label { id: id.into(), statement: statement.into() };
    bad.entailment = Some(v1::EntailmentOptions {
        labels: vec![label("", "…"), label("a", "It rains."), label("a", &"x".repeat(501))],
        contest_claims: true,
        model: String::new(),
    });
    bad.output = Some(v1::OutputOptions { max_evidence: 101, ..Default::default() });
    let status = server.analyze(bad).await.expect_err("invalid");
    let fields = [
        "article.id",
        "article.title",
        "article.text",
        "article.format",
        "parts[0]",
        "parts[2]",
        "summary.style",
        "summary.max_sentences",
        "summary.max_words",
        "summary.min_words",
        "summary.beams",
        "summary.model",
        "contest_id",
        "entailment.contest_claims",
        "entailment.labels[0].id",
        "entailment.labels[0].statement",
        "entailment.labels[2].id",
        "entailment.labels[2].statement",
        "output.max_evidence",
    ];
    assert_eq!(violated_fields(&status), fields);
}

#[tokio::test]
async fn an_empty_request_lacks_its_article() {
    let server = TestServer::start().await;
    let status = server.analyze(v1::AnalyzeArticleRequest::default()).await.expect_err("invalid");
    assert_eq!(violated_fields(&status), ["article"]);
}

#[tokio::test]
async fn a_text_beyond_the_limit_names_limit_and_length() {
    let server = TestServer::start().await;
    let status = server.analyze(request("word ".repeat(400_000))).await.expect_err("too long");
    assert_eq!(violated_fields(&status), ["article.text"]);
    assert!(status.message().contains("at most 400000 code points"), "{status:?}");
    assert!(status.message().contains("got 2000000"), "{status:?}");
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_out_of_range() {
    let server = TestServer::start().await;
    let status = server.analyze(request("x".repeat(5 << 20))).await.expect_err("too large");
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
}

#[tokio::test]
async fn ten_thousand_sides_are_one_violation() {
    let server = TestServer::start().await;
    let mut bad = request("Some text.");
    let side = v1::Party { id: "side".into(), aliases: vec!["Side".into()], ..Default::default() };
    let contest =
        v1::Contest { id: "many".into(), sides: vec![side; 10_000], ..Default::default() };
    bad.contest_choice = Some(ContestChoice::Contest(contest));
    let status = server.analyze(bad).await.expect_err("invalid");
    assert_eq!(violated_fields(&status), ["contest.sides"]);
    assert!(status.message().contains("got 10000"), "{status:?}");
}

#[tokio::test]
async fn text_that_is_no_utf8_is_refused_by_the_codec() {
    // Tag 1 (article), length 4, within it tag 3 (text), length 2, two bytes that are no UTF-8.
    #[derive(Clone, PartialEq, prost::Message)]
    struct RawArticle {
        #[prost(bytes = "vec", tag = "3")]
        text: Vec<u8>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    struct RawRequest {
        #[prost(message, optional, tag = "1")]
        article: Option<RawArticle>,
    }
    let server = TestServer::start().await;
    let mut grpc = tonic::client::Grpc::new(server.channel().await);
    grpc.ready().await.expect("ready");
    let request = RawRequest { article: Some(RawArticle { text: vec![0xff, 0xfe] }) };
    let path = "/parallax.v1.AnalysisService/AnalyzeArticle".parse().expect("path");
    let codec = tonic_prost::ProstCodec::<RawRequest, v1::AnalyzeArticleResponse>::default();
    let status = grpc.unary(tonic::Request::new(request), path, codec).await.expect_err("invalid");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert!(status.message().contains("UTF-8"), "{status:?}");
}

#[tokio::test]
async fn odd_texts_get_an_honest_answer() {
    let server = TestServer::start().await;
    let odd = [
        "\0".to_owned(),
        "A bridge\0 fell on\0 Monday.".into(),
        "\u{feff}A bridge fell.".into(),
        "🦀🦀🦀".into(),
        "The 👩🏽‍🚒 said “👍🏽” and left.".into(),
        format!("Caf{}.", "e\u{301}".to_owned() + &"\u{301}".repeat(10_000)),
        " \n\t ".into(),
        "\u{202e}مرحبا".into(),
        "قالت العمدة: «الجسر مغلق». The mayor said “הגשר סגור” on Monday.".into(),
        "\"".into(),
        "\"".repeat(10_000),
        // One line.
        "word ".repeat(20_000),
    ];
    for text in odd {
        let code_points = text.chars().count();
        let beginning: String = text.chars().take(20).collect();
        let reply = server.analyze(request(text)).await.expect(&beginning);
        let coverage = reply.coverage.expect("coverage");
        assert_eq!(coverage.code_points as usize, code_points, "{beginning:?}");
        assert!(!coverage.truncated, "{beginning:?}");
    }
}

#[tokio::test]
async fn a_word_beyond_what_the_model_reads_is_told() {
    let server = TestServer::start().await;
    let reply = server.analyze(request("x".repeat(100_000))).await.expect("answer");
    let coverage = reply.coverage.expect("coverage");
    assert_eq!((coverage.code_points, coverage.processed), (100_000, 0));
    assert!(coverage.truncated);
}

#[tokio::test]
async fn furniture_alone_is_no_content() {
    let server = TestServer::start().await;
    let reply =
        server.analyze(request("XS\nSM\nMD\nLG\n0:00 0:03:48 0:00\n")).await.expect("answer");
    let stance = reply.stance.expect("stance");
    assert_eq!(stance.status(), v1::StanceStatus::NoContent);
    assert_eq!(reply.summary.expect("summary").text, "");
    assert_eq!(reply.warnings[0].code(), v1::WarningCode::NoContent);
    assert_eq!(reply.document.expect("document").furniture.len(), 5);
}

#[tokio::test]
async fn an_error_about_much_bad_input_stays_small() {
    let server = TestServer::start().await;
    let mut long_id = request("Some text.");
    long_id.contest_choice = Some(ContestChoice::ContestId("x".repeat(100_000)));
    let status = server.analyze(long_id).await.expect_err("invalid");
    assert_eq!(violated_fields(&status), ["contest_id"]);

    let mut many = request("Some text.");
    let side = |id: &str| v1::Party {
        id: id.into(),
        aliases: vec!["?".into(); 200],
        ..Default::default()
    };
    let contest =
        v1::Contest { id: "c".into(), sides: vec![side("a"), side("b")], ..Default::default() };
    many.contest_choice = Some(ContestChoice::Contest(contest));
    let status = server.analyze(many).await.expect_err("invalid");
    assert_eq!(violated_fields(&status).len(), 20);
    assert!(status.message().ends_with("and 397 more"), "{status:?}");
}

#[tokio::test]
async fn a_text_of_too_many_sentences_is_refused() {
    let limit = ("limits.max_article_sentences", "10".into());
    let server = TestServer::with(&[limit]).await;
    let status = server.analyze(request("It rained all day. ".repeat(11))).await;
    let status = status.expect_err("too many");
    assert_eq!(violated_fields(&status), ["article.text"]);
    assert!(status.message().contains("at most 10 sentences, got 11"), "{status:?}");
}
