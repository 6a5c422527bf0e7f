//! Messages that are not all there take a bounded share of the memory, and calls of usual length find room beside them.

use std::net::SocketAddr;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tonic::Code;

use crate::frames::{ACK, DATA, END_HEADERS, HEADERS, SETTINGS, call, connect, frame, next};
use crate::support::{TestServer, request};

const PATH: &str = "/parallax.v1.AnalysisService/AnalyzeArticle";

/// How a call with a text of so many bytes ends. Texts are refused when they are there: no model need read them.
async fn outcome(server: &TestServer, bytes: usize) -> Code {
    server.analyze(request("x".repeat(bytes))).await.expect_err("too long").code()
}

/// Sends 400,000 bytes of a message of 499,000.
async fn hoard(address: SocketAddr) -> TcpStream {
    let mut connection = connect(address).await;
    // What the server grants counts from when it is told that it was heard.
    while next(&mut connection).await.expect("open").kind != SETTINGS {}
    let mut bytes = frame(SETTINGS, ACK, 0, &[]);
    bytes.extend(frame(HEADERS, END_HEADERS, 1, &call(PATH)));
    bytes.extend(frame(DATA, 0, 1, &[&[0], 499_000_u32.to_be_bytes().as_slice()].concat()));
    bytes.extend(frame(DATA, 0, 1, &[0; 16_000]).repeat(25));
    connection.write_all(&bytes).await.expect("open");
    connection
}

/// Waits for the head of a reply.
async fn answered(mut connection: TcpStream) -> TcpStream {
    while next(&mut connection).await.expect("open").kind != HEADERS {}
    connection
}

#[tokio::test]
async fn messages_that_have_no_room_are_refused() {
    let server = TestServer::with(&[
        ("server.max_message_bytes", "500000".into()),
        ("server.max_incoming_bytes", "500000".into()),
        ("limits.max_article_code_points", "10".into()),
    ])
    .await;
    // There is room for one of them, whichever that is.
    let mut hoarders = FuturesUnordered::new();
    for _ in 0..10 {
        hoarders.push(answered(hoard(server.address).await));
    }
    let mut refused = Vec::new();
    while refused.len() < 9 {
        refused.push(hoarders.next().await.expect("a hoarder"));
    }
    assert_eq!(outcome(&server, 50_000).await, Code::InvalidArgument, "usual calls go on");

    drop(hoarders);
    while outcome(&server, 300_000).await != Code::InvalidArgument {}
}

#[tokio::test]
async fn a_message_that_does_not_come_to_its_end_is_given_up() {
    let timeout = ("server.message_timeout_ms", "10".into());
    let server = TestServer::with(&[timeout]).await;
    let mut slow = connect(server.address).await;
    slow.write_all(&frame(HEADERS, END_HEADERS, 1, &call(PATH))).await.expect("open");
    slow.write_all(&frame(DATA, 0, 1, &[0, 0, 0, 0, 9, 1])).await.expect("open");
    answered(slow).await;
}
