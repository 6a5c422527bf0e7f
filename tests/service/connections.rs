//! Connections are counted, and those that say nothing end.

use tokio::io::AsyncReadExt;

use crate::frames::SETTINGS;
use crate::raw::Raw;
use crate::support::{TestServer, request};

#[tokio::test]
async fn one_connection_too_many_is_closed_and_the_place_is_free_again() {
    let server = TestServer::with(&[("server.max_connections", "1".into())]).await;
    // The connection that waited for the start gives its place back in its own time.
    let first = loop {
        let mut raw = Raw::connect(server.address).await;
        if let Some(frame) = raw.next().await {
            assert_eq!(frame.kind, SETTINGS);
            break raw;
        }
    };
    assert!(Raw::connect(server.address).await.next().await.is_none());
    drop(first);
    while Raw::connect(server.address).await.next().await.is_none() {}
}

#[tokio::test]
async fn a_connection_that_never_greets_is_closed_and_holds_up_nobody() {
    let server = TestServer::with(&[("server.handshake_timeout_ms", "100".into())]).await;
    let mut silent = tokio::net::TcpStream::connect(server.address).await.expect("connection");
    let greeted = server.client().await;
    // The server says its part; then comes the end, whichever way it shows.
    let _end = silent.read_to_end(&mut Vec::new()).await;
    // Whoever has greeted stays.
    greeted.clone().analyze_article(request("Two towns argue.")).await.expect("answer");
}
