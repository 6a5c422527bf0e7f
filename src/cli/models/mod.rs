//! `parallax models`.

mod import;
mod list;
mod pull;

use std::path::PathBuf;

use super::exit::{Exit, Failure};
use crate::config::{Config, Override};
use crate::model::{Bundle, ModelStore};

/// What to do with the models.
#[derive(Debug, clap::Args)]
pub(super) struct ModelsOptions {
    /// Directory of the public checkpoints, instead of models.directory
    #[arg(long, global = true, value_name = "DIRECTORY")]
    directory: Option<PathBuf>,
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ModelsCommand {
    /// List the models with version, size and licence; verifies public checkpoints
    List,
    /// Compare every file of every model with the SHA-256 in its manifest
    Verify,
    /// Copy a checkpoint into the directory, its weights as safetensors
    Import(import::ImportOptions),
    /// Fetch a checkpoint from a Hugging Face hub into the directory
    Pull(pull::PullOptions),
}

impl ModelsOptions {
    /// What the options say, under the keys of the configuration.
    pub(super) fn overrides(&self) -> Vec<Override> {
        let directory = self.directory.as_ref();
        directory.map(|path| ("models.directory", path.display().to_string())).into_iter().collect()
    }
}

/// Runs a `models` command.
pub(super) fn run(config: &Config, options: ModelsOptions) -> Result<Exit, Failure> {
    match options.command {
        ModelsCommand::List => list::run(&embedded()?, &public(config)?),
        ModelsCommand::Verify => verify(&embedded()?, &public(config)?)?,
        ModelsCommand::Import(options) => import::run(directory(config)?, options)?,
        ModelsCommand::Pull(options) => pull::run(directory(config)?, options)?,
    }
    Ok(Exit::Success)
}

fn embedded() -> Result<Bundle, Failure> {
    Bundle::embedded().map_err(|error| Failure::Setup(error.to_string()))
}

/// The public checkpoints, verified; none without a directory.
fn public(config: &Config) -> Result<ModelStore, Failure> {
    if config.models.directory.as_os_str().is_empty() {
        return Ok(ModelStore::default());
    }
    ModelStore::open(&config.models.directory).map_err(|error| Failure::Run(error.to_string()))
}

/// The directory that a command writes to.
fn directory(config: &Config) -> Result<PathBuf, Failure> {
    let directory = config.models.directory.clone();
    if directory.as_os_str().is_empty() {
        return Err(Failure::Setup(
            "no directory: set models.directory, or give --directory".into(),
        ));
    }
    Ok(directory)
}

fn verify(bundle: &Bundle, store: &ModelStore) -> Result<(), Failure> {
    bundle.verify().map_err(|error| Failure::Run(error.to_string()))?;
    let manifest = bundle.manifest();
    for file in manifest.files.values() {
        println!("{}  {}/{}", file.sha256, manifest.id, file.path);
    }
    println!("{}: all files are what the manifest says", manifest.id);
    for (id, stored) in &store.checkpoints {
        let sha256 = &stored.checkpoint.sha256;
        if stored.has_manifest {
            println!("{id}: all files are what the manifest says; together {sha256}");
        } else {
            println!("{id}: no manifest; together {sha256}");
        }
    }
    Ok(())
}
