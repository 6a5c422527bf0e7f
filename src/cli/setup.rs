//! From configuration to an analyzer.

use std::path::Path;

use super::exit::Failure;
use crate::config::Config;
use crate::contest::Catalog;
use crate::engine::{BertModel, CheckpointOptions, Checkpoints, Engine, EngineOptions, LoadError};
use crate::grpc::{Access, Analyzer, AnalyzerSetup, SetupError};
use crate::model::{Bundle, Checkpoint, ModelStore};
use crate::violation::join;

/// Reads certificates and callers.
pub(super) fn access(config: &Config) -> Result<Access, Failure> {
    Access::open(config).map_err(|violations| Failure::Setup(join(&violations)))
}

/// Checks everything but the weights.
pub(super) fn prepare(config: Config) -> Result<AnalyzerSetup, Failure> {
    let mut catalog =
        Catalog::built_in().map_err(|violations| Failure::Setup(join(&violations)))?;
    let directory = &config.analysis.contests_directory;
    if !directory.as_os_str().is_empty() {
        add_directory(&mut catalog, directory)?;
    }
    let bundle = Bundle::embedded().map_err(SetupError::from)?;
    let checkpoints = checkpoints(&config.models.directory)?;
    Ok(AnalyzerSetup::new(config, catalog, bundle)?.with_checkpoints(checkpoints)?)
}

/// The public checkpoints of a directory, verified; none without one.
fn checkpoints(directory: &Path) -> Result<Vec<Checkpoint>, Failure> {
    if directory.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let store = ModelStore::open(directory)
        .map_err(|error| Failure::Setup(format!("models.directory: {error}")))?;
    let stored = store.checkpoints.into_values();
    Ok(stored
        .map(|stored| {
            let (id, bytes) = (&stored.checkpoint.id, stored.memory_bytes());
            let manifest = stored.has_manifest;
            tracing::info!(id, memory_bytes = bytes, manifest, "checkpoint verified");
            stored.checkpoint
        })
        .collect())
}

/// Adds every `*.toml` of a directory, in the order of their names.
fn add_directory(catalog: &mut Catalog, directory: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::Setup(format!("analysis.contests_directory: {}: {error}", directory.display()))
    };
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    for file in files {
        let toml = std::fs::read_to_string(&file).map_err(failed)?;
        catalog
            .add_toml(&file.display().to_string(), &toml)
            .map_err(|violations| Failure::Setup(join(&violations)))?;
    }
    Ok(())
}

/// Loads the model, starts the engine, and completes and warms the analyzer.
pub(super) async fn start(setup: AnalyzerSetup) -> Result<Analyzer, LoadError> {
    let config = setup.config();
    let options = EngineOptions {
        threads: config.engine_threads(),
        batch_tokens: config.engine.batch_tokens,
        precision: config.engine.precision,
    };
    let beside = CheckpointOptions {
        threads: options.threads,
        batch_tokens: config.models.batch_tokens,
        capacity: config.limits.max_requests_in_flight,
    };
    let (bundle, checkpoints) = (setup.bundle().clone(), setup.checkpoints().to_vec());
    let load = move || {
        let model = BertModel::load(&bundle, options.precision, options.threads)?;
        Ok::<_, LoadError>((model, Checkpoints::load(&checkpoints, beside)?))
    };
    let loaded = tokio::task::spawn_blocking(load).await;
    let (model, checkpoints) = loaded.map_err(|error| LoadError::Worker(error.to_string()))??;
    let analyzer = setup.with_engine(Engine::start(options, model)?).with_checkpoints(checkpoints);
    analyzer.warm_up().await.map_err(|error| LoadError::Model(format!("warm-up: {error}")))?;
    Ok(analyzer)
}

/// An async runtime that leaves the cores to the model: two threads for the network, and as many
/// for parsing as there are cores.
pub(super) fn runtime(config: &Config) -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(config.engine_threads().max(2))
        .enable_all()
        .build()
        .map_err(|error| Failure::Run(format!("async runtime: {error}")))
}
