//! `parallax models import`.

use std::path::PathBuf;

use crate::cli::exit::Failure;
use crate::model::{ImportRequest, NumberFormat, Provenance, import};

/// Options of `models import`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportOptions {
    /// Folder in the Hugging Face layout, or the file of weights in one: model.safetensors,
    /// pytorch_model.bin or rust_model.ot
    #[arg(value_name = "FOLDER|FILE")]
    source: PathBuf,
    /// Id that requests name it by; the folder's name when it is left out
    #[arg(long)]
    id: Option<String>,
    /// Where it is from, for the manifest
    #[arg(long, value_name = "URL", default_value = "")]
    source_url: String,
    /// Commit of the source, for the manifest
    #[arg(long, value_name = "COMMIT", default_value = "")]
    revision: String,
    /// SPDX licence id of the weights, for the manifest
    #[arg(long, value_name = "SPDX", default_value = "")]
    licence: String,
    /// What it is, in a sentence, for the manifest
    #[arg(long, value_name = "TEXT", default_value = "")]
    summary: String,
    /// Numbers to compute with: f32, bf16 or int8; those of its files when it is left out
    #[arg(long, value_name = "FORMAT")]
    numbers: Option<NumberFormat>,
    /// ISO 639-1 codes of its languages, for the manifest
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    languages: Vec<String>,
}

/// Imports what the options name into a store.
pub(super) fn run(store: PathBuf, options: ImportOptions) -> Result<(), Failure> {
    let provenance = Provenance {
        source: options.source_url,
        revision: options.revision,
        licence: options.licence,
        summary: options.summary,
        languages: options.languages,
        numbers: options.numbers,
    };
    let request = ImportRequest { source: options.source, store, id: options.id, provenance };
    let stored = import(&request).map_err(|error| Failure::Run(error.to_string()))?;
    println!("{}: imported into {}", stored.checkpoint.id, stored.folder.display());
    Ok(())
}
