//! What became of an article or a comparison: counted, and told in one line of the log.

use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use tonic::{Code, Status};

use super::Monitor;
use crate::grpc::proto::v1;
use crate::grpc::status::{AnalyzeError, code_name};
use crate::grpc::trace::note_end;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabel {
    status: String,
}

/// Counts of answers. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct AnswerMetrics {
    stream_articles: Family<CodeLabel, Counter>,
    unanswered: Family<ReasonLabel, Counter>,
    stances: Family<StatusLabel, Counter>,
}

/// All reasons, so that each has a count of 0 before it occurs: a rate needs something to rise from.
const REASONS: [&str; 7] =
    ["deadline", "draining", "full", "invalid", "loading", "model", "unimplemented"];

impl AnswerMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        for reason in REASONS {
            drop(self.unanswered.get_or_create(&ReasonLabel { reason }));
        }
        for status in (1..).map_while(|number| v1::StanceStatus::try_from(number).ok()) {
            drop(self.stances.get_or_create(&status_label(status)));
        }
        drop(self.stream_articles.get_or_create(&CodeLabel { code: code_name(Code::Ok) }));
        let help = "Articles of streams, by the code of their answer";
        registry.register("stream_articles", help, self.stream_articles.clone());
        let help = "Articles, streams and comparisons that were not answered, by reason";
        registry.register("unanswered", help, self.unanswered.clone());
        let help = "Stances told, by their status";
        registry.register("stances", help, self.stances.clone());
    }
}

/// The status as the contract names it, without its prefix: `decided`.
fn status_label(status: v1::StanceStatus) -> StatusLabel {
    let name = status.as_str_name();
    let name = name.strip_prefix("STANCE_STATUS_").unwrap_or(name);
    StatusLabel { status: name.to_lowercase() }
}

impl Monitor {
    /// Notes what became of an article. `index` is its place in a stream, `bytes` its size.
    pub(in crate::grpc) fn article(
        &self,
        outcome: Result<v1::AnalyzeArticleResponse, AnalyzeError>,
        index: Option<u32>,
        bytes: usize,
        asked: Instant,
    ) -> Result<v1::AnalyzeArticleResponse, Status> {
        let outcome = outcome.map_err(|error| self.unanswered(error));
        let told = outcome.as_ref().map(Told::by);
        note_end(&outcome, told.as_ref().is_ok_and(|told| told.cached));
        log(&told, index, bytes, asked);
        if let Ok(Told { stance: Some(status), .. }) = told {
            self.answers.stances.get_or_create(&status_label(status)).inc();
        }
        if index.is_some() {
            let label = CodeLabel { code: code_name(code_of(&outcome)) };
            self.answers.stream_articles.get_or_create(&label).inc();
        }
        outcome
    }

    /// Notes what became of a comparison of so many articles.
    pub(in crate::grpc) fn comparison(
        &self,
        outcome: Result<v1::CompareArticlesResponse, AnalyzeError>,
        articles: usize,
        asked: Instant,
    ) -> Result<v1::CompareArticlesResponse, Status> {
        let outcome = outcome.map_err(|error| self.unanswered(error));
        let (code, total_ms) = (code_of(&outcome), asked.elapsed().as_millis());
        note_end(&outcome, false);
        tracing::info!(?code, articles, total_ms, "articles compared");
        outcome
    }

    /// The status of a failure, which is counted.
    pub(in crate::grpc) fn unanswered(&self, error: AnalyzeError) -> Status {
        let reason = match &error {
            AnalyzeError::Invalid(_) => "invalid",
            AnalyzeError::Unimplemented(_) => "unimplemented",
            AnalyzeError::Full { .. } | AnalyzeError::IncomingFull { .. } => "full",
            AnalyzeError::NotReady if self.draining.is_cancelled() => "draining",
            AnalyzeError::NotReady => "loading",
            AnalyzeError::DeadlineExceeded | AnalyzeError::IncomingLate { .. } => "deadline",
            AnalyzeError::Model => "model",
        };
        self.answers.unanswered.get_or_create(&ReasonLabel { reason }).inc();
        error.into()
    }
}

/// What a reply tells besides words of the article.
struct Told {
    windows: u32,
    cached: bool,
    stance: Option<v1::StanceStatus>,
}

impl Told {
    fn by(reply: &v1::AnalyzeArticleResponse) -> Self {
        Self {
            windows: reply.coverage.as_ref().map_or(0, |coverage| coverage.windows),
            cached: reply.provenance.as_ref().is_some_and(|provenance| provenance.cached),
            stance: reply.stance.as_ref().map(v1::Stance::status),
        }
    }
}

/// One line for each article, without a word of it.
fn log(told: &Result<Told, &Status>, index: Option<u32>, bytes: usize, asked: Instant) {
    let total_ms = asked.elapsed().as_millis();
    match told {
        Ok(Told { windows, cached, stance }) => {
            let stance = stance.map_or("", |status| status.as_str_name());
            tracing::info!(
                code = "Ok",
                index,
                bytes,
                windows,
                stance,
                cached,
                total_ms,
                "article analysed"
            );
        }
        Err(status) => {
            let code = status.code();
            tracing::info!(?code, index, bytes, total_ms, "article not analysed");
        }
    }
}

fn code_of<T>(outcome: &Result<T, Status>) -> Code {
    outcome.as_ref().map_or_else(Status::code, |_| Code::Ok)
}
