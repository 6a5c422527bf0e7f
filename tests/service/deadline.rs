//! The caller's deadline is kept, and says what it is.

use std::time::Duration;

use tonic::Code;

use crate::support::{TestServer, long_text, request};

#[tokio::test]
async fn a_deadline_that_passes_is_answered_as_such() {
    let server = TestServer::start().await;
    let mut request = tonic::Request::new(request(long_text(50_000)));
    request.set_timeout(Duration::from_secs(1));
    let status = server.client().await.analyze_article(request).await.expect_err("too short");
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
}
