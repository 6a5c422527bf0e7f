//! From configuration to an analyzer.

use std::path::Path;

use super::exit::Failure;
use crate::config::Config;
use crate::contest::{Catalog, ContestLimits};
use crate::engine::{BertModel, Engine, EngineOptions, LoadError};
use crate::grpc::{Access, Analyzer, AnalyzerSetup, SetupError};
use crate::model::Bundle;
use crate::violation::join;

/// Reads certificates and callers.
pub(super) fn access(config: &Config) -> Result<Access, Failure> {
    Access::open(config).map_err(|violations| Failure::Setup(join(&violations)))
}

/// Checks everything but the weights.
pub(super) fn prepare(config: Config) -> Result<AnalyzerSetup, Failure> {
    let limits = config.contest_limits();
    let mut catalog =
        Catalog::built_in(limits).map_err(|violations| Failure::Setup(join(&violations)))?;
    let directory = &config.analysis.contests_directory;
    if !directory.as_os_str().is_empty() {
        add_directory(&mut catalog, directory, limits)?;
    }
    let bundle = Bundle::embedded().map_err(SetupError::from)?;
    Ok(AnalyzerSetup::new(config, catalog, bundle)?)
}

/// Adds every `*.toml` of a directory, in the order of their names.
fn add_directory(
    catalog: &mut Catalog,
    directory: &Path,
    limits: ContestLimits,
) -> Result<(), Failure> {
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
            .add_toml(&file.display().to_string(), &toml, limits)
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
    let bundle = setup.bundle().clone();
    let load = move || BertModel::load(&bundle, options.precision, options.threads);
    let model = tokio::task::spawn_blocking(load).await;
    let model = model.map_err(|error| LoadError::Worker(error.to_string()))??;
    let analyzer = setup.with_engine(Engine::start(options, model)?);
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
