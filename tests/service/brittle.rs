//! An engine whose model can be made to panic.

use parallax::analysis::{Reading, ReadingRequest};
use parallax::engine::{BertModel, Engine, EngineOptions, Model, Plan, TokenVectors, WindowSums};
use parallax::model::{Bundle, Precision};

/// The bundle's model, which panics when it is to encode and `panics` says so.
struct Brittle<F> {
    model: BertModel,
    panics: F,
}

/// An engine with this model, in one thread.
pub(crate) fn engine(
    precision: Precision,
    panics: impl Fn() -> bool + Send + Sync + 'static,
) -> Engine {
    let options = EngineOptions { threads: 1, batch_tokens: 1024, precision };
    let model = BertModel::load(&Bundle::embedded().expect("bundle"), Precision::Int8, 1);
    Engine::start(options, Brittle { model: model.expect("model"), panics }).expect("engine")
}

impl<F: Fn() -> bool + Send + Sync + 'static> Model for Brittle<F> {
    fn plan(&self, request: ReadingRequest) -> Result<Plan, String> {
        self.model.plan(request)
    }

    fn encode(&self, windows: &[&[i64]]) -> Result<TokenVectors, String> {
        assert!(!(self.panics)(), "brittle");
        self.model.encode(windows)
    }

    fn judge(&self, plan: &Plan, sums: &[WindowSums]) -> Result<Reading, String> {
        self.model.judge(plan, sums)
    }
}
