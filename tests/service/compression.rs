//! Messages may be compressed, and are bounded all the same.

use parallax::grpc::proto::v1;
use tonic::Code;
use tonic::codec::CompressionEncoding::{self, Gzip, Zstd};

use crate::support::{TestServer, request};

/// A request that goes over the wire compressed, to a server that takes messages of so many bytes.
async fn compressed(
    encoding: CompressionEncoding,
    max_message_bytes: usize,
    text: String,
) -> Result<tonic::Response<v1::AnalyzeArticleResponse>, tonic::Status> {
    let limit = ("server.max_message_bytes", max_message_bytes.to_string());
    let server = TestServer::with(&[limit]).await;
    let client = server.client().await.send_compressed(encoding).accept_compressed(encoding);
    client.clone().analyze_article(request(text)).await
}

#[tokio::test]
async fn a_compressed_request_gets_a_compressed_reply() {
    for (encoding, name) in [(Gzip, "gzip"), (Zstd, "zstd")] {
        let text = "The bridge on the river is closed. ".repeat(100);
        let reply = compressed(encoding, 4 << 20, text.clone()).await.expect("answer");
        assert_eq!(reply.metadata().get("grpc-encoding").expect("compressed"), name);
        assert_eq!(reply.get_ref().coverage.as_ref().expect("coverage").code_points, 3_500);
    }
}

#[tokio::test]
async fn a_caller_who_takes_no_compression_gets_none() {
    let server = TestServer::start().await;
    let reply = server.client().await.analyze_article(request("A bridge fell.")).await;
    assert!(reply.expect("answer").metadata().get("grpc-encoding").is_none());
}

#[tokio::test]
async fn what_unpacks_to_more_than_the_limit_is_given_up_there() {
    for encoding in [Gzip, Zstd] {
        // Some ten thousand bytes on the wire.
        let bomb = compressed(encoding, 1 << 20, "word ".repeat(13 << 20)).await;
        let status = bomb.expect_err("too large");
        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
        assert!(status.message().contains("limit, of 1048576 bytes"), "{status:?}");
    }
}

#[tokio::test]
async fn a_message_of_the_limit_is_taken_compressed() {
    let status = compressed(Gzip, 1 << 20, "word ".repeat(200_000)).await.expect_err("too long");
    assert_eq!(status.code(), Code::InvalidArgument, "read, and found too long: {status:?}");
}
