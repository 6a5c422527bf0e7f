//! `parallax models`.

use super::exit::{Exit, Failure};
use crate::model::Bundle;

/// What to do with the models.
#[derive(Debug, clap::Subcommand)]
pub(super) enum ModelsCommand {
    /// List the models with version, size and licence
    List,
    /// Compare every file of every model with the SHA-256 in its manifest
    Verify,
}

/// Runs a `models` command.
pub(super) fn run(command: ModelsCommand) -> Result<Exit, Failure> {
    let bundle = Bundle::embedded().map_err(|error| Failure::Setup(error.to_string()))?;
    let manifest = bundle.manifest();
    match command {
        ModelsCommand::List => {
            let megabytes = manifest.files.values().map(|file| file.bytes).sum::<u64>() / 1_000_000;
            println!(
                "{}  version {}  {megabytes} MB  {}  embedded\n  {}",
                manifest.id, manifest.version, manifest.licence, manifest.summary
            );
        }
        ModelsCommand::Verify => {
            bundle.verify().map_err(|error| Failure::Run(error.to_string()))?;
            for file in manifest.files.values() {
                println!("{}  {}/{}", file.sha256, manifest.id, file.path);
            }
            println!("{}: all files are what the manifest says", manifest.id);
        }
    }
    Ok(Exit::Success)
}
