//! A panic in the model reaches the callers of its batch alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parallax::model::Precision;
use tonic::Code;

use crate::brittle;
use crate::support::{TestServer, request};

#[tokio::test]
async fn its_caller_is_told_internal_and_the_next_is_answered() {
    let panics = Arc::new(AtomicBool::new(false));
    let of_model = Arc::clone(&panics);
    let once = move || of_model.swap(false, Ordering::Relaxed);
    let server = TestServer::with_engine(brittle::engine(Precision::Int8, once)).await;
    for text in ["A bridge fell.", "A bridge fell on Monday."] {
        panics.store(true, Ordering::Relaxed);
        let status = server.analyze(request(text)).await.expect_err("panic");
        assert_eq!(status.code(), Code::Internal, "{status:?}");
        assert!(!status.message().contains("bridge"), "{status:?}");
        server.analyze(request(text)).await.expect("the same text, read by the same worker");
    }
}
