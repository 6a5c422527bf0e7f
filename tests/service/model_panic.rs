//! A panic in the model reaches the callers of its batch alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parallax::analysis::{Reading, ReadingRequest};
use parallax::engine::{BertModel, Engine, EngineOptions, Model, Plan, TokenVectors, WindowSums};
use parallax::model::{Bundle, Precision};
use tonic::Code;

use crate::support::{TestServer, request};

/// The model of the server; panics once when it is told to.
struct Brittle {
    model: BertModel,
    panics: Arc<AtomicBool>,
}

impl Model for Brittle {
    fn plan(&self, request: ReadingRequest) -> Result<Plan, String> {
        self.model.plan(request)
    }

    fn encode(&self, windows: &[&[i64]]) -> Result<TokenVectors, String> {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "brittle");
        self.model.encode(windows)
    }

    fn judge(&self, plan: &Plan, sums: &[WindowSums]) -> Result<Reading, String> {
        self.model.judge(plan, sums)
    }
}

#[tokio::test]
async fn its_caller_is_told_internal_and_the_next_is_answered() {
    let options = EngineOptions { threads: 1, batch_tokens: 1024, precision: Precision::Int8 };
    let model = BertModel::load(&Bundle::embedded().expect("bundle"), Precision::Int8, 1);
    let panics = Arc::new(AtomicBool::new(false));
    let model = Brittle { model: model.expect("model"), panics: Arc::clone(&panics) };
    let server = TestServer::with_engine(Engine::start(options, model).expect("engine")).await;
    for text in ["A bridge fell.", "A bridge fell on Monday."] {
        panics.store(true, Ordering::Relaxed);
        let status = server.analyze(request(text)).await.expect_err("panic");
        assert_eq!(status.code(), Code::Internal, "{status:?}");
        assert!(!status.message().contains("bridge"), "{status:?}");
        server.analyze(request(text)).await.expect("the same text, read by the same worker");
    }
}
