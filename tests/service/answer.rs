//! A whole answer, and that everything in it points at the text.

use parallax::grpc::proto::{to_json, v1};

use crate::support::{TestServer, fixture, request};

/// What changes from run to run, or with the last bits of the model's arithmetic.
fn settled(reply: &v1::AnalyzeArticleResponse) -> serde_json::Value {
    let mut json = to_json("parallax.v1.AnalyzeArticleResponse", reply).expect("json");
    json["timing"] = "[timing]".into();
    json["provenance"]["build"] = "[build]".into();
    round(&mut json);
    json
}

/// Rounds every number to two decimals.
fn round(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Number(number) if number.is_f64() => {
            let value = number.as_f64().expect("number");
            *json = ((value * 100.0).round() / 100.0).into();
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(round),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(round),
        _ => {}
    }
}

#[tokio::test]
async fn an_article_with_the_western_account() {
    let server = TestServer::start().await;
    let reply = server.analyze(request(fixture("us_nato"))).await.expect("answer");
    insta::assert_json_snapshot!(settled(&reply));
}

#[tokio::test]
async fn an_article_with_the_russian_account() {
    let server = TestServer::start().await;
    let reply = server.analyze(request(fixture("russia"))).await.expect("answer");
    insta::assert_json_snapshot!(settled(&reply));
}

#[tokio::test]
async fn an_article_about_something_else() {
    let server = TestServer::start().await;
    let mut request = request(fixture("fell_race"));
    request.output = Some(v1::OutputOptions { include_sentences: true, ..Default::default() });
    let reply = server.analyze(request).await.expect("answer");
    let sentences = reply.document.expect("document").sentences;
    assert!(sentences.iter().all(|sentence| sentence.framing == 0.0));
    let stance = reply.stance.expect("stance");
    assert_eq!(stance.status(), v1::StanceStatus::NotApplicable, "{}", stance.status_reason);
    assert_eq!(stance.framing, None);
    assert_eq!(reply.summary.expect("summary").sentences.len(), 3);
}

/// The part of the text that a span covers, by bytes; panics unless its code points agree.
fn slice(text: &str, span: Option<v1::Span>) -> &str {
    let span = span.expect("span");
    let by_bytes = &text[span.start_byte as usize..span.end_byte as usize];
    let length = (span.end_code_point - span.start_code_point) as usize;
    let by_code_points: String =
        text.chars().skip(span.start_code_point as usize).take(length).collect();
    assert_eq!(by_bytes, by_code_points);
    by_bytes
}

#[tokio::test]
async fn every_span_slices_the_raw_text() {
    let server = TestServer::start().await;
    let text = format!("Émigré café 🦀\r\n\r\n{}", fixture("us_nato").replace('"', "“"));
    let mut request = request(text.clone());
    request.output = Some(v1::OutputOptions { include_sentences: true, ..Default::default() });
    let reply = server.analyze(request).await.expect("answer");
    let stance = reply.stance.expect("stance");
    let document = reply.document.expect("document");
    assert!(!stance.evidence.is_empty() && !stance.quotations.is_empty());
    for evidence in stance.evidence {
        assert_eq!(slice(&text, evidence.span), evidence.text);
    }
    for sentence in reply.summary.expect("summary").sentences {
        assert_eq!(slice(&text, sentence.span), sentence.text);
    }
    for quotation in stance.quotations {
        let words = slice(&text, quotation.span).split_whitespace().count();
        assert_eq!(words, quotation.words as usize);
    }
    assert_eq!(document.sentences.len(), document.sentence_count as usize);
    for sentence in document.sentences {
        assert!(!slice(&text, sentence.span).trim().is_empty());
    }
}

#[tokio::test]
async fn only_the_wanted_parts_are_answered() {
    let server = TestServer::start().await;
    let mut request = request(fixture("us_nato"));
    request.parts = vec![v1::AnalysisPart::Summary.into()];
    request.summary =
        Some(v1::SummaryOptions { max_sentences: 1, ..v1::SummaryOptions::default() });
    let reply = server.analyze(request).await.expect("answer");
    assert_eq!(reply.stance, None);
    assert_eq!(reply.summary.expect("summary").sentences.len(), 1);
}

#[tokio::test]
async fn the_callers_request_id_comes_back() {
    let server = TestServer::start().await;
    let mut request = tonic::Request::new(request("A short text about a bridge."));
    request.metadata_mut().insert("x-request-id", "call-17".parse().expect("value"));
    let reply = server.client().await.analyze_article(request).await.expect("answer");
    assert_eq!(reply.metadata().get("x-request-id").expect("header"), "call-17");
}
