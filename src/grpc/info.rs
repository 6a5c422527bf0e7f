//! What GetServerInfo tells.

use std::time::Duration;

use super::analyzer::Analyzer;
use super::auth::{CallerLimits, Visitor};
use super::proto::v1;
use super::reply::count;
use super::setup::AnalyzerSetup;
use crate::contest::{Contest, Party};
use crate::engine::Checkpoints;
use crate::model::{Checkpoint, Task};

/// Version of the server.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Revision of the source.
pub(super) const REVISION: &str = env!("PARALLAX_REVISION");

/// Models, contests, build, limits, and the one who asks.
pub(super) fn server_info(analyzer: &Analyzer, visitor: &Visitor) -> v1::GetServerInfoResponse {
    let (setup, config) = (analyzer.setup(), analyzer.config());
    let checkpoint = |one: &Checkpoint| checkpoint(one, analyzer.checkpoints());
    v1::GetServerInfoResponse {
        models: std::iter::once(model(setup))
            .chain(setup.checkpoints.iter().map(checkpoint))
            .collect(),
        contests: setup
            .catalog
            .iter()
            .map(|entry| v1::ContestInfo {
                contest: Some(contest(&entry.contest)),
                sha256: entry.sha256.clone(),
                trained: setup.is_trained_for(entry),
            })
            .collect(),
        default_contest_id: config.analysis.default_contest.clone(),
        build: Some(build()),
        limits: Some(v1::Limits {
            max_message_bytes: count(config.server.max_message_bytes),
            max_article_code_points: count(config.limits.max_article_code_points),
            max_article_sentences: count(config.limits.max_article_sentences),
            max_summary_sentences: count(config.limits.max_summary_sentences),
            default_summary_sentences: count(config.analysis.default_summary_sentences),
            max_party_entries: count(config.limits.max_party_entries),
            max_third_parties: count(config.limits.max_third_parties),
            max_requests_in_flight: count(config.limits.max_requests_in_flight),
            max_stream_in_flight: count(config.limits.max_stream_in_flight),
            max_compared_articles: count(config.limits.max_compared_articles),
            max_labels: count(config.limits.max_labels),
            max_entailment_pairs: count(config.limits.max_entailment_pairs),
            max_incoming_bytes: config.server.max_incoming_bytes as u64,
            message_timeout: duration(Some(config.server.message_timeout())),
            max_metadata_bytes: config.server.max_metadata_bytes,
            max_connections: count(config.server.max_connections),
            max_connection_calls: config.server.max_connection_calls,
            max_pending_resets: count(config.server.max_pending_resets),
            handshake_timeout: duration(Some(config.server.handshake_timeout())),
            keepalive_interval: duration(config.server.keepalive_interval()),
            keepalive_timeout: duration(Some(config.server.keepalive_timeout())),
            max_connection_age: duration(config.server.max_connection_age()),
            max_connection_age_grace: duration(config.server.max_connection_age_grace()),
        }),
        caller: visitor.name().map(|name| caller(name, visitor.limits())),
    }
}

/// None where there is no limit.
fn duration(limit: Option<Duration>) -> Option<prost_types::Duration> {
    // In range: the configuration bounds it.
    prost_types::Duration::try_from(limit?).ok()
}

fn caller(name: &str, limits: CallerLimits) -> v1::CallerInfo {
    let (requests_per_second, burst) = limits.rate.unwrap_or_default();
    v1::CallerInfo {
        name: name.to_owned(),
        requests_per_second,
        burst,
        max_in_flight: limits.in_flight.unwrap_or_default(),
    }
}

/// The build and the models, as JSON for people and scripts.
pub fn version_json(setup: &AnalyzerSetup) -> String {
    let v1::BuildInfo { version, revision, rustc, libtorch } = build();
    let model = model(setup);
    serde_json::json!({
        "version": version,
        "revision": revision,
        "rustc": rustc,
        "libtorch": libtorch,
        "models": [{
            "id": model.id,
            "version": model.version,
            "sha256": model.sha256,
            "precision": model.precision,
        }],
    })
    .to_string()
}

/// What was built with what.
pub(super) fn build() -> v1::BuildInfo {
    v1::BuildInfo {
        version: VERSION.into(),
        revision: REVISION.into(),
        rustc: env!("PARALLAX_RUSTC").into(),
        libtorch: env!("PARALLAX_LIBTORCH").into(),
    }
}

/// The model of a setup.
pub(super) fn model(setup: &AnalyzerSetup) -> v1::ModelInfo {
    let manifest = setup.bundle.manifest();
    let trained = setup.catalog.iter().filter(|entry| setup.is_trained_for(entry));
    let mut tasks = vec!["summary.extractive".to_owned(), "stance.any".to_owned()];
    tasks.extend(trained.map(|entry| format!("stance.{}", entry.contest.id)));
    v1::ModelInfo {
        id: manifest.id.clone(),
        version: manifest.version.clone(),
        sha256: setup.bundle.sha256().into(),
        licence: manifest.licence.clone(),
        summary: manifest.summary.clone(),
        tasks,
        languages: manifest.languages.clone(),
        max_window_tokens: count(manifest.limits.max_window_tokens),
        precision: setup.config.engine.precision.name().into(),
    }
}

fn checkpoint(checkpoint: &Checkpoint, loaded: &Checkpoints) -> v1::ModelInfo {
    let task = match checkpoint.task {
        Task::Summary => "summary.abstractive",
        Task::Entailment => "entailment",
    };
    v1::ModelInfo {
        id: checkpoint.id.clone(),
        version: checkpoint.version.clone(),
        sha256: checkpoint.sha256.clone(),
        licence: checkpoint.licence.clone(),
        summary: checkpoint.summary.clone(),
        tasks: vec![task.to_owned()],
        languages: checkpoint.languages.clone(),
        max_window_tokens: count(loaded.window_tokens(&checkpoint.id).unwrap_or_default()),
        precision: checkpoint.numbers.name().to_owned(),
    }
}

fn contest(contest: &Contest) -> v1::Contest {
    v1::Contest {
        id: contest.id.clone(),
        version: contest.version.clone(),
        name: contest.name.clone(),
        sides: contest.sides.iter().map(party).collect(),
        third_parties: contest.third_parties.iter().map(party).collect(),
        topic: contest.topic.clone(),
        entailment: contest.entailment.iter().cloned().map(Into::into).collect(),
    }
}

fn party(party: &Party) -> v1::Party {
    v1::Party {
        id: party.id.clone(),
        name: party.name.clone(),
        aliases: party.aliases.clone(),
        people: party.people.clone(),
        claims: party.claims.clone(),
        affiliations: party.affiliations.clone(),
        guards: party
            .guards
            .iter()
            .map(|(alias, guard)| v1::AliasGuard {
                alias: alias.clone(),
                not_before: guard.not_before.clone(),
                not_after: guard.not_after.clone(),
            })
            .collect(),
    }
}
