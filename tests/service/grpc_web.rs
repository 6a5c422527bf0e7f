//! Browsers call by gRPC-Web, from pages that may.

use std::net::SocketAddr;

use parallax::grpc::proto::v1;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestServer, request};

const PATH: &str = "/parallax.v1.AnalysisService/AnalyzeArticle";
const PAGE: &str = "https://news.example";

async fn server() -> TestServer {
    let origins = format!("{PAGE},http://localhost:8080");
    TestServer::with(&[("server.grpc_web", "true".into()), ("server.grpc_web_origins", origins)])
        .await
}

/// A reply over HTTP/1.1.
struct Reply {
    /// Status line and headers in small letters.
    head: String,
    body: Vec<u8>,
}

/// Asks as browsers do.
async fn ask(address: SocketAddr, method: &str, headers: &str, body: &[u8]) -> Reply {
    let mut connection = TcpStream::connect(address).await.expect("connection");
    let length = body.len();
    let head = format!(
        "{method} {PATH} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.expect("head");
    connection.write_all(body).await.expect("body");
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes).await.expect("reply");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let body = &bytes[end + 4..];
    let body = if head.contains("chunked") { unchunked(body) } else { body.to_vec() };
    Reply { head, body }
}

/// The body of a reply that came in chunks: its length in hexadecimal digits goes before each.
fn unchunked(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.iter().position(|&byte| byte == b'\r') {
        let digits = std::str::from_utf8(&chunks[..end]).expect("digits");
        let length = usize::from_str_radix(digits, 16).expect("a length");
        body.extend(&chunks[end + 2..][..length]);
        chunks = &chunks[end + 2 + length + 2..];
    }
    body
}

/// A message of gRPC-Web: a flag, the length, the bytes.
fn framed(message: &impl Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len()).expect("short").to_be_bytes();
    [&[0], length.as_slice(), &bytes].concat()
}

/// The first message of a body, and the trailers behind it.
fn unframed(body: &[u8]) -> (v1::AnalyzeArticleResponse, String) {
    let length =
        |at: usize| u32::from_be_bytes(body[at + 1..at + 5].try_into().expect("four")) as usize;
    let (message, trailers) = body[5..].split_at(length(0));
    assert_eq!((body[0], trailers[0]), (0, 0x80), "a message, then trailers");
    let trailers = String::from_utf8_lossy(&trailers[5..]).into_owned();
    (Message::decode(message).expect("a reply"), trailers)
}

#[tokio::test]
async fn a_page_gets_an_answer() {
    let server = server().await;
    let headers =
        format!("content-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\norigin: {PAGE}\r\n");
    let body = framed(&request("The bridge on the river is closed."));
    let reply = ask(server.address, "POST", &headers, &body).await;
    assert!(reply.head.starts_with("http/1.1 200"), "{}", reply.head);
    assert!(reply.head.contains(&format!("access-control-allow-origin: {PAGE}")), "{}", reply.head);
    let (answer, trailers) = unframed(&reply.body);
    assert_eq!(answer.summary.expect("summary").text, "The bridge on the river is closed.");
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn an_error_reaches_the_page() {
    let server = server().await;
    let headers = format!("content-type: application/grpc-web+proto\r\norigin: {PAGE}\r\n");
    let reply = ask(server.address, "POST", &headers, &framed(&request(""))).await;
    assert!(reply.head.contains("grpc-status: 3"), "{}", reply.head);
    let readable =
        reply.head.lines().find(|line| line.starts_with("access-control-expose-headers"));
    let readable = readable.expect("names of headers");
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
        assert!(readable.contains(name), "{readable}");
    }
}

#[tokio::test]
async fn a_page_may_ask_beforehand_and_others_may_not() {
    let server = server().await;
    let preflight = async |origin: &str| {
        let headers = format!(
            "origin: {origin}\r\naccess-control-request-method: POST\r\naccess-control-request-headers: content-type,x-grpc-web\r\n"
        );
        ask(server.address, "OPTIONS", &headers, &[]).await.head
    };
    let allowed = preflight(PAGE).await;
    assert!(allowed.contains(&format!("access-control-allow-origin: {PAGE}")), "{allowed}");
    for name in ["content-type", "x-grpc-web", "grpc-timeout", "authorization"] {
        assert!(allowed.contains(name), "{allowed}");
    }
    for stranger in ["https://evil.example", "http://news.example", "null"] {
        let refused = preflight(stranger).await;
        assert!(!refused.contains("access-control-allow-origin"), "{refused}");
    }
}

#[tokio::test]
async fn what_else_comes_over_http_1_is_refused() {
    let server = server().await;
    let reply = ask(server.address, "POST", "content-type: application/grpc\r\n", &[]).await;
    assert!(reply.head.starts_with("http/1.1 400"), "{}", reply.head);
    let reply = ask(server.address, "GET", "", &[]).await;
    assert!(reply.head.starts_with("http/1.1 400"), "{}", reply.head);
}

#[tokio::test]
async fn it_is_off_unless_it_is_configured() {
    let server = TestServer::start().await;
    let mut connection = TcpStream::connect(server.address).await.expect("connection");
    connection.write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("head");
    let mut reply = Vec::new();
    // Closed, with bytes unread or without.
    let _reset = connection.read_to_end(&mut reply).await;
    assert!(!reply.starts_with(b"HTTP/1.1"), "{}", String::from_utf8_lossy(&reply));
}

#[tokio::test]
async fn other_callers_use_the_same_port() {
    let server = server().await;
    server.analyze(request("The bridge on the river is closed.")).await.expect("answer");
}
