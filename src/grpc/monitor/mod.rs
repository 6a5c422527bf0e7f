//! What an operator sees of a server: whether it is ready, what it does, and what became of calls.

mod answers;
mod calls;
mod scrape;

use std::sync::{Arc, OnceLock};

use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use super::analyzer::Analyzer;
use super::info;
use super::setup::AnalyzerSetup;
use answers::AnswerMetrics;
pub(super) use calls::CountCalls;

/// Shared by the services, the health and the admin port; clones are the same monitor.
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    pub(super) analyzer: Arc<OnceLock<Analyzer>>,
    /// Cancelled when the server was told to end: nobody new is to come.
    pub(super) leaving: CancellationToken,
    /// Cancelled when the server begins to drain, which is after the grace for load balancers.
    pub(super) draining: CancellationToken,
    pub(super) calls: CountCalls,
    answers: AnswerMetrics,
}

impl Monitor {
    /// A monitor whose metrics are read through a registry. The labels are bounded: methods of the
    /// services, codes, and the outcomes that the code knows.
    pub fn new(registry: &mut Registry, setup: &AnalyzerSetup) -> Self {
        let monitor = Self::default();
        let build = info::build();
        registry.register(
            "build",
            "What was built with what",
            Info::new(vec![
                ("version", build.version),
                ("revision", build.revision),
                ("rustc", build.rustc),
                ("libtorch", build.libtorch),
            ]),
        );
        let model = info::model(setup);
        registry.register(
            "model",
            "The model that reads",
            Info::new(vec![
                ("id", model.id),
                ("version", model.version),
                ("sha256", model.sha256),
                ("precision", model.precision),
            ]),
        );
        monitor.calls.register(registry);
        monitor.answers.register(registry);
        registry.register_collector(Box::new(scrape::State(monitor.clone())));
        monitor
    }

    /// Whether a request would be taken: the model is warm, no worker waits for it to recover from a
    /// panic, and the server was not told to end.
    pub fn is_ready(&self) -> bool {
        let recovered = |analyzer: &Analyzer| *analyzer.recovering().borrow() == 0;
        !self.leaving.is_cancelled() && self.analyzer.get().is_some_and(recovered)
    }
}
