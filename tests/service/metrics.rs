//! Metrics count what happened, under a bounded set of labels.

use std::collections::{BTreeMap, BTreeSet};

use parallax::grpc::proto::v1;
use tokio::sync::oneshot;
use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;

use crate::support::{TestServer, fixture, long_text, new_engine, request};

/// A server whose engine nobody else uses, on integers.
async fn alone(overrides: &[parallax::config::Override]) -> TestServer {
    let (load, loaded) = oneshot::channel();
    let integers = [("engine.precision", "int8".to_owned())];
    let overrides = [integers.as_slice(), overrides].concat();
    let server = TestServer::reading(&overrides, loaded, new_engine).await;
    load.send(()).expect("waiting");
    server.wait_until_serving().await;
    server
}

/// Every series with its value.
async fn metrics(server: &TestServer) -> BTreeMap<String, f64> {
    let (code, text) = server.page("/metrics").await;
    assert_eq!(code, 200);
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let series = lines.map(|line| {
        let (name, value) = line.rsplit_once(' ').expect("value");
        (name.to_owned(), value.parse().expect("number"))
    });
    series.collect()
}

const METHOD: &str = "service=\"parallax.v1.AnalysisService\",method=";

#[tokio::test]
async fn known_calls_give_known_counts() {
    let server = alone(&[]).await;
    for _ in 0..2 {
        server.analyze(request(fixture("us_nato"))).await.expect("answer");
    }
    server.analyze(request("")).await.expect_err("no text");
    let items = ["A bridge fell.", "", "A bridge fell again."]
        .map(|text| v1::AnalyzeArticlesRequest { request: Some(request(text)) });
    let mut client = server.client().await;
    let replies = client.analyze_articles(tokio_stream::iter(items)).await.expect("stream");
    let mut replies = replies.into_inner();
    while replies.message().await.expect("reply").is_some() {}
    let articles =
        ["us_nato", "russia"].map(|name| request(fixture(name)).article.expect("article"));
    let comparison =
        v1::CompareArticlesRequest { articles: articles.to_vec(), ..Default::default() };
    client.compare_articles(comparison).await.expect("comparison");
    client.get_server_info(v1::GetServerInfoRequest {}).await.expect("info");

    let seen = metrics(&server).await;
    let expect = |series: &str, value: f64| {
        assert_eq!(seen.get(series), Some(&value), "{series} in {seen:#?}")
    };
    for (method, code, count) in [
        ("AnalyzeArticle", "OK", 2.0),
        ("AnalyzeArticle", "INVALID_ARGUMENT", 1.0),
        ("AnalyzeArticles", "OK", 1.0),
        ("CompareArticles", "OK", 1.0),
        ("GetServerInfo", "OK", 1.0),
    ] {
        expect(&format!("parallax_requests_total{{{METHOD}\"{method}\",code=\"{code}\"}}"), count);
    }
    expect(&format!("parallax_request_duration_seconds_count{{{METHOD}\"AnalyzeArticle\"}}"), 3.0);
    expect("parallax_stream_articles_total{code=\"OK\"}", 2.0);
    expect("parallax_stream_articles_total{code=\"INVALID_ARGUMENT\"}", 1.0);
    expect("parallax_unanswered_total{reason=\"invalid\"}", 2.0);
    expect("parallax_unanswered_total{reason=\"full\"}", 0.0);
    expect("parallax_cache_lookups_total{outcome=\"hit\"}", 1.0);
    expect("parallax_cache_lookups_total{outcome=\"miss\"}", 5.0);
    expect("parallax_cache_entries", 3.0);
    // Three articles and two of the comparison.
    expect("parallax_engine_articles_total{outcome=\"read\"}", 5.0);
    expect("parallax_engine_queue_wait_seconds_count", 5.0);
    expect("parallax_engine_inference_seconds_count", 5.0);
    expect("parallax_engine_padding_tokens_total", 0.0);
    expect("parallax_engine_queue_articles", 0.0);
    expect("parallax_requests_in_flight", 0.0);
    expect("parallax_requests_in_flight_limit", 256.0);
    expect("parallax_engine_workers", 2.0);
    let sum = |prefix: &str| {
        let series = seen.iter().filter(|(name, _)| name.starts_with(prefix));
        series.map(|(_, value)| value).sum::<f64>()
    };
    assert_eq!(sum("parallax_stances_total"), 4.0, "two calls and two articles of the stream");
    assert!(seen["parallax_engine_batch_tokens_sum"] > 500.0);
    assert!(seen["parallax_engine_batch_windows_sum"] >= 5.0);
    assert!(seen["parallax_engine_encoder_seconds_sum"] > 0.0);
    assert!(seen["parallax_cache_bytes"] > 1000.0);
    assert!(seen["process_resident_memory_bytes"] > 1e6);
    for name in ["parallax_build_info", "parallax_model_info"] {
        assert_eq!(sum(name), 1.0, "{name}");
    }
}

#[tokio::test]
async fn refusals_of_a_full_house_are_counted() {
    let server = alone(&[("limits.max_requests_in_flight", "1".into())]).await;
    let calls = (0..4).map(|_| server.analyze(request(long_text(2_000))));
    let outcomes = futures::future::join_all(calls).await;
    let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!(refused > 0);
    let seen = metrics(&server).await;
    assert_eq!(seen["parallax_unanswered_total{reason=\"full\"}"], refused as f64);
    let series = format!(
        "parallax_requests_total{{{METHOD}\"AnalyzeArticle\",code=\"RESOURCE_EXHAUSTED\"}}"
    );
    assert_eq!(seen[&series], refused as f64);
}

#[tokio::test]
async fn a_caller_who_leaves_is_counted_as_such() {
    let server = alone(&[]).await;
    let mut client = server.client().await;
    let call =
        tokio::spawn(async move { client.analyze_article(request(long_text(50_000))).await });
    while metrics(&server).await["parallax_engine_queue_wait_seconds_count"] == 0.0 {}
    call.abort();
    let series =
        format!("parallax_requests_total{{{METHOD}\"AnalyzeArticle\",code=\"CANCELLED\"}}");
    while !metrics(&server).await.contains_key(&series) {}
    while metrics(&server).await["parallax_engine_articles_total{outcome=\"cancelled\"}"] == 0.0 {}
    let seen = metrics(&server).await;
    assert_eq!(seen[&series], 1.0);
    assert_eq!(seen["parallax_engine_articles_total{outcome=\"read\"}"], 0.0);
}

#[tokio::test]
async fn methods_that_callers_make_up_share_one_label() {
    let server = TestServer::start().await;
    let mut raw = tonic::client::Grpc::new(server.channel().await);
    for number in 0..50 {
        raw.ready().await.expect("ready");
        let path = format!("/made.up.Service{number}/Method{number}");
        let path = PathAndQuery::try_from(path).expect("path");
        let codec = tonic_prost::ProstCodec::<(), ()>::default();
        let status = raw.unary(tonic::Request::new(()), path, codec).await.expect_err("unknown");
        assert_eq!(status.code(), Code::Unimplemented);
    }
    let seen = metrics(&server).await;
    let other =
        "parallax_requests_total{service=\"other\",method=\"other\",code=\"UNIMPLEMENTED\"}";
    assert_eq!(seen[other], 50.0);
    let services: BTreeSet<&str> = seen
        .keys()
        .filter_map(|series| series.split_once("service=\"")?.1.split('"').next())
        .collect();
    assert!(services.iter().all(|service| !service.starts_with("made.up")), "{services:?}");
}
