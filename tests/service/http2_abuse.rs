//! Abuse of HTTP/2 costs the connection that it comes by, and nobody else.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::frames::{
    ACK, CONTINUATION, END_HEADERS, ENHANCE_YOUR_CALM, HEADERS, PING, PREFACE, RST_STREAM,
    SETTINGS, call, connect, end, frame, header, next,
};
use crate::support::TestServer;

const PATH: &str = "/grpc.health.v1.Health/Check";
/// Bytes that the buffers of two sockets may take before a peer that does not read is felt.
const SOCKET_BUFFERS: usize = 64 << 20;

/// A server that needs no model for what is tested here. It waits for it as long as the sender lives.
async fn server() -> (TestServer, tokio::sync::oneshot::Sender<()>) {
    let (load, loaded) = tokio::sync::oneshot::channel();
    (TestServer::loading(&[], loaded).await, load)
}

/// Another caller is answered.
async fn others_are_answered(server: &TestServer) {
    let mut health = HealthClient::new(server.channel().await);
    health.check(HealthCheckRequest::default()).await.expect("answer");
}

/// Sends until the server has closed the connection, which it has to; the error code that it gave.
async fn send_until_closed(
    connection: TcpStream,
    mut next: impl FnMut() -> Vec<u8>,
) -> Option<u32> {
    let (mut read, mut write) = connection.into_split();
    let send = async {
        while write.write_all(&next()).await.is_ok() {}
        // The reader learns the end by itself.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        code = end(&mut read) => code,
        () = send => None,
    }
}

/// Sends without reading until the server takes no more; how many bytes it took. It has taken what it will when a
/// number of other callers were answered since the last byte.
async fn send_unread(server: &TestServer, connection: &TcpStream, burst: &[u8]) -> usize {
    let mut health = HealthClient::new(server.channel().await);
    let (mut taken, mut answered) = (0, 0);
    while answered < 50 && taken < SOCKET_BUFFERS {
        // Frames are cut anywhere: what is left of one goes first in the next burst.
        match connection.try_write(&burst[taken % burst.len()..]) {
            Ok(bytes) => (taken, answered) = (taken + bytes, 0),
            Err(_) => {
                health.check(HealthCheckRequest::default()).await.expect("answer");
                answered += 1;
            }
        }
    }
    taken
}

#[tokio::test]
async fn calls_that_are_reset_at_once_end_the_connection() {
    let (server, _load) = server().await;
    let mut stream = 1;
    let burst = || {
        let mut bytes = Vec::new();
        for _ in 0..500 {
            bytes.extend(frame(HEADERS, END_HEADERS, stream, &call(PATH)));
            bytes.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
            stream += 2;
        }
        bytes
    };
    let code = send_until_closed(connect(server.address).await, burst).await;
    assert_eq!(code, Some(ENHANCE_YOUR_CALM));
    others_are_answered(&server).await;
}

#[tokio::test]
async fn every_ping_is_answered_to_a_peer_who_reads() {
    let (server, _load) = server().await;
    let (mut read, mut write) = connect(server.address).await.into_split();
    let send = async {
        for number in 0..10_000_u64 {
            write.write_all(&frame(PING, 0, 0, &number.to_be_bytes())).await.expect("ping");
        }
    };
    let receive = async {
        let mut answered = 0_u64;
        while answered < 10_000 {
            let frame = next(&mut read).await.expect("open");
            if frame.kind == PING {
                assert_eq!(frame.flags & ACK, ACK);
                assert_eq!(frame.payload, answered.to_be_bytes());
                answered += 1;
            }
        }
    };
    tokio::join!(send, receive);
    others_are_answered(&server).await;
}

#[tokio::test]
async fn a_flood_whose_answers_are_not_read_is_not_read_either() {
    let (server, _load) = server().await;
    for flood in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[])] {
        let connection = connect(server.address).await;
        let taken = send_unread(&server, &connection, &flood.repeat(5_000)).await;
        assert!(taken < SOCKET_BUFFERS, "{taken} bytes taken");
    }
}

#[tokio::test]
async fn a_head_without_end_ends_the_connection() {
    let (server, _load) = server().await;
    let mut connection = connect(server.address).await;
    connection.write_all(&frame(HEADERS, 0, 1, &call(PATH))).await.expect("head");
    let more = frame(CONTINUATION, 0, 1, &header("x-more", &"y".repeat(100)).repeat(100));
    let mut sent = 0;
    let code = send_until_closed(connection, || {
        sent += more.len();
        more.clone()
    });
    assert_eq!(code.await, Some(ENHANCE_YOUR_CALM));
    assert!(sent < SOCKET_BUFFERS, "{sent} bytes taken");
    others_are_answered(&server).await;
}

#[tokio::test]
async fn bytes_that_are_no_http_end_the_connection() {
    let (server, _load) = server().await;
    for garbage in
        [&[0xff; 4096][..], b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00"]
    {
        let mut connection = TcpStream::connect(server.address).await.expect("connection");
        connection.write_all(garbage).await.expect("open");
        connection.shutdown().await.expect("open");
        end(&mut connection).await;
    }
    others_are_answered(&server).await;
}

#[tokio::test]
async fn frames_that_break_the_protocol_end_the_connection() {
    let (server, _load) = server().await;
    let settings_of_a_stream = frame(SETTINGS, 0, 1, &[]);
    let short_ping = frame(PING, 0, 0, &[0; 7]);
    let continuation_of_nothing = frame(CONTINUATION, END_HEADERS, 1, &[]);
    let even_stream = frame(HEADERS, END_HEADERS, 2, &call(PATH));
    for wrong in [settings_of_a_stream, short_ping, continuation_of_nothing, even_stream] {
        let mut connection = connect(server.address).await;
        connection.write_all(&wrong).await.expect("open");
        assert!(end(&mut connection).await.is_some_and(|code| code != 0), "{wrong:?}");
    }
    others_are_answered(&server).await;
}

#[tokio::test]
async fn connections_that_say_nothing_hold_nobody_up() {
    let (server, _load) = server().await;
    let mut silent = Vec::new();
    for sent in (0..PREFACE.len()).cycle().take(200) {
        let mut connection = TcpStream::connect(server.address).await.expect("connection");
        connection.write_all(&PREFACE[..sent]).await.expect("open");
        silent.push(connection);
    }
    others_are_answered(&server).await;
    for mut connection in silent {
        connection.shutdown().await.expect("open");
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).await.expect("closed");
    }
    others_are_answered(&server).await;
}
