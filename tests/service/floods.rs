//! Frames that cost a caller nothing do not cost the server much.

use tokio::io::AsyncWriteExt;

use crate::frames::{END_HEADERS, ENHANCE_YOUR_CALM, HEADERS, PING, RST_STREAM, frame};
use crate::raw::Raw;
use crate::support::{TestServer, request};

/// `POST / HTTP/2` from the static table of HPACK, and an authority.
const HEAD: [u8; 6] = [0x83, 0x86, 0x84, 0x41, 0x01, b'x'];
const CANCEL: [u8; 4] = 8_u32.to_be_bytes();

#[tokio::test]
async fn a_connection_that_resets_what_it_begins_is_ended() {
    let server = TestServer::start().await;
    let mut raw = Raw::connect(server.address).await;
    let streams = (1..2_000_u32).step_by(2);
    let flood: Vec<u8> = streams
        .flat_map(|stream| {
            let begin = frame(HEADERS, END_HEADERS, stream, &HEAD);
            [begin, frame(RST_STREAM, 0, stream, &CANCEL)].concat()
        })
        .collect();
    // It may be closed before all is written.
    let _cut = raw.0.write_all(&flood).await;
    assert_eq!(raw.goodbyes().await.last(), Some(&ENHANCE_YOUR_CALM));
    server.analyze(request("Two towns argue.")).await.expect("answer");
}

#[tokio::test]
async fn pings_that_are_not_read_hold_up_nobody() {
    let server = TestServer::start().await;
    let mut raw = Raw::connect(server.address).await;
    let flood = frame(PING, 0, 0, &[7; 8]).repeat(1_000_000);
    // The server stops reading when its answers are not taken, so this may never end.
    let flood = tokio::spawn(async move { raw.0.write_all(&flood).await });
    for _ in 0..5 {
        server.analyze(request("Two towns argue.")).await.expect("answer");
    }
    flood.abort();
}
