//! Traces arrive at a collector, as part of the caller's, and hold no word of an article.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use crate::program::Program;
use crate::support::{http, request};

/// A word that occurs in articles alone.
const MARKER: &str = "Quillfeather";
const CALLERS_SPAN: &str = "00f067aa0ba902b7";

/// A collector that hands on what it gets.
struct Collector(mpsc::UnboundedSender<Span>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for resource in request.into_inner().resource_spans {
            let name = resource.resource.expect("resource").attributes;
            assert!(name.iter().any(|attribute| attribute.key == "service.name"));
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                self.0.send(span).expect("the test waits");
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// Starts a collector in this process.
async fn collector() -> (SocketAddr, mpsc::UnboundedReceiver<Span>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let (sender, spans) = mpsc::unbounded_channel();
    let service = TraceServiceServer::new(Collector(sender));
    let serving = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(serving.serve_with_incoming(TcpIncoming::from(listener)));
    (address, spans)
}

/// A message in a call that belongs to the caller's trace of this number.
fn traced<M>(message: M, trace: u128) -> Request<M> {
    let mut request = Request::new(message);
    let parent = format!("00-{trace:032x}-{CALLERS_SPAN}-01").parse().expect("ASCII");
    request.metadata_mut().insert("traceparent", parent);
    request
}

/// An article of a few sentences with the marker.
fn marked(id: &str) -> v1::Article {
    let text = format!(
        "“The {MARKER} bridge is closed,” said Ada Brook, the mayor, on Monday. The towns of {id} argue about \
         it again, and {MARKER} will not pay. Nobody was hurt."
    );
    v1::Article { id: id.into(), text, ..Default::default() }
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Names of the spans of a trace with the name of their parent, sorted.
fn tree(spans: &[Span]) -> Vec<(String, String)> {
    let names: BTreeMap<&[u8], &str> =
        spans.iter().map(|span| (span.span_id.as_slice(), span.name.as_str())).collect();
    let parent = |span: &Span| match names.get(span.parent_span_id.as_slice()) {
        Some(name) => (*name).to_owned(),
        None => hex(&span.parent_span_id),
    };
    let mut tree: Vec<_> = spans.iter().map(|span| (parent(span), span.name.clone())).collect();
    tree.sort();
    tree
}

/// The tree as it is expected: a parent and its children.
fn expected(parts: &[(&str, &[&str])]) -> Vec<(String, String)> {
    let children = parts.iter().flat_map(|(parent, children)| {
        children.iter().map(|child| ((*parent).to_owned(), (*child).to_owned()))
    });
    let mut tree: Vec<_> = children.collect();
    tree.sort();
    tree
}

const STAGES: &[&str] = &["answer", "encode", "judge", "parse", "queue"];

#[tokio::test]
async fn the_spans_of_a_call_are_part_of_its_callers_trace() {
    let (address, mut arrived) = collector().await;
    let endpoint = format!("http://{address}");
    // None begins here: only what callers have sampled is sent.
    let program = Program::serve(&[
        ("PARALLAX__TELEMETRY__OTLP_ENDPOINT", &endpoint),
        ("PARALLAX__TELEMETRY__TRACE_RATIO", "0"),
        ("PARALLAX__TELEMETRY__LOG_LEVEL", "trace"),
    ]);
    let url = format!("http://{}", program.address);
    let mut client = AnalysisServiceClient::connect(url).await.expect("connection");
    let single =
        v1::AnalyzeArticleRequest { article: Some(marked("Norham")), ..Default::default() };
    client.analyze_article(traced(single.clone(), 1)).await.expect("answer");
    client.analyze_article(traced(single.clone(), 2)).await.expect("the same answer");
    let mut bad = single.clone();
    bad.summary = Some(v1::SummaryOptions { max_sentences: 10_000, ..Default::default() });
    client.analyze_article(traced(bad, 3)).await.expect_err("too many sentences");
    let items = ["Sudbrook", "Estwick"].map(|id| v1::AnalyzeArticlesRequest {
        request: Some(v1::AnalyzeArticleRequest {
            article: Some(marked(id)),
            ..Default::default()
        }),
    });
    let items = traced(tokio_stream::iter(items), 4);
    let mut replies = client.analyze_articles(items).await.expect("stream").into_inner();
    while replies.message().await.expect("reply").is_some() {}
    let articles = vec![marked("Norham"), marked("Estwick")];
    let comparison = v1::CompareArticlesRequest { articles, ..Default::default() };
    client.compare_articles(traced(comparison, 5)).await.expect("comparison");
    // Not sampled by its caller, and not by us.
    client.analyze_article(request(format!("{MARKER} again."))).await.expect("answer");
    let ask = "GET /metrics HTTP/1.1\r\nhost: test\r\n\r\n";
    let (_, _, metrics) = http(program.admin, ask).await;

    let (status, log) = tokio::task::spawn_blocking(|| program.terminate()).await.expect("end");
    assert!(status.success(), "{status:?}");
    // Everything was sent before the program ended.
    let mut traces: BTreeMap<u128, Vec<Span>> = BTreeMap::new();
    while let Ok(span) = arrived.try_recv() {
        let id = u128::from_be_bytes(span.trace_id.as_slice().try_into().expect("16 bytes"));
        traces.entry(id).or_default().push(span);
    }
    assert_eq!(traces.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let single = "parallax.v1.AnalysisService/AnalyzeArticle";
    let stream = "parallax.v1.AnalysisService/AnalyzeArticles";
    let comparison = "parallax.v1.AnalysisService/CompareArticles";
    assert_eq!(tree(&traces[&1]), expected(&[(CALLERS_SPAN, &[single]), (single, STAGES)]));
    assert_eq!(tree(&traces[&2]), expected(&[(CALLERS_SPAN, &[single])]), "from the cache");
    assert_eq!(tree(&traces[&3]), expected(&[(CALLERS_SPAN, &[single]), (single, &["parse"])]));
    let articles = [(CALLERS_SPAN, &[stream][..]), (stream, &["article", "article"])];
    let articles = [articles.as_slice(), &[("article", STAGES), ("article", STAGES)]].concat();
    assert_eq!(tree(&traces[&4]), expected(&articles));
    let both = ["encode", "judge", "queue"];
    let compared = [(comparison, STAGES), (comparison, &both), (CALLERS_SPAN, &[comparison])];
    assert_eq!(tree(&traces[&5]), expected(&compared));

    let call = traces[&1].iter().find(|span| span.name == single).expect("call");
    assert_eq!(call.kind, SpanKind::Server as i32);
    let stages = traces[&1].iter().filter(|span| span.name != single);
    for stage in stages {
        assert!(stage.start_time_unix_nano >= call.start_time_unix_nano, "{stage:?}");
        assert!(stage.end_time_unix_nano <= call.end_time_unix_nano, "{stage:?}");
    }
    // The caller's fault is no error of the server.
    let refused = traces[&3].iter().find(|span| span.name == single).expect("call");
    assert_ne!(refused.status.clone().unwrap_or_default().code, StatusCode::Error as i32);
    let code = refused.attributes.iter().find(|found| found.key == "rpc.grpc.status_code");
    assert!(format!("{code:?}").contains("IntValue(3)"), "{code:?}");

    for trace in traces.keys() {
        assert!(log.contains(&format!("\"trace_id\":\"{trace:032x}\"")), "{trace} in {log}");
    }
    assert!(log.contains("article analysed"), "{log}");
    assert!(metrics.contains("parallax_requests_total"), "{metrics}");
    for (place, text) in [("log", log), ("metrics", metrics), ("traces", format!("{traces:?}"))] {
        assert!(!text.contains(MARKER), "an article's words in the {place}");
    }
}

#[tokio::test]
async fn a_collector_that_is_not_there_costs_a_warning() {
    // A port that was free a moment ago.
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let endpoint = format!("http://{}", gone.local_addr().expect("address"));
    drop(gone);
    let program = Program::serve(&[("PARALLAX__TELEMETRY__OTLP_ENDPOINT", &endpoint)]);
    let url = format!("http://{}", program.address);
    let mut client = AnalysisServiceClient::connect(url).await.expect("connection");
    for number in 0..20 {
        let text = format!("The bridge {number} fell.");
        client.analyze_article(request(text)).await.expect("answer");
    }
    let (status, log) = tokio::task::spawn_blocking(|| program.terminate()).await.expect("end");
    assert!(status.success(), "{status:?}");
    assert_eq!(log.matches("spans are lost").count(), 1, "{log}");
}
