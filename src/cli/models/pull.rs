//! `parallax models pull`.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::exit::Failure;
use crate::model::{
    Backoff, FetchError, Hub, NumberFormat, PullEvent, PullRequest, Pulled, Token, pull,
};

/// Environment variable of the token: an option would show it to every process.
const TOKEN: &str = "HF_TOKEN";

/// Options of `models pull`. A private or gated repository needs a token in HF_TOKEN.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct PullOptions {
    /// Repository, with a branch, tag or commit when it is not main, for example facebook/bart-large-cnn
    #[arg(value_name = "REPOSITORY[@REVISION]")]
    repository: String,
    /// Id that requests name it by; the repository's name when it is left out
    #[arg(long)]
    id: Option<String>,
    /// Numbers to compute with: f32, bf16 or int8; those of its files when it is left out
    #[arg(long, value_name = "FORMAT")]
    numbers: Option<NumberFormat>,
    /// Address of the hub
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = "https://huggingface.co")]
    endpoint: String,
    /// Do without the network: succeeds when the checkpoint is there
    #[arg(long, env = "HF_HUB_OFFLINE", value_parser = FalseyValueParser::new())]
    offline: bool,
}

/// Pulls what the options name into a store.
pub(super) fn run(store: PathBuf, options: PullOptions) -> Result<(), Failure> {
    let wrong = |error: FetchError| Failure::Setup(error.to_string());
    let (repository, revision) = match options.repository.split_once('@') {
        Some((repository, revision)) => (repository, Some(revision.to_owned())),
        None => (options.repository.as_str(), None),
    };
    let token = std::env::var(TOKEN).ok().filter(|token| !token.trim().is_empty());
    let request = PullRequest {
        hub: Hub::new(&options.endpoint).map_err(wrong)?,
        repository: repository.to_owned(),
        revision,
        id: options.id,
        numbers: options.numbers,
        store,
        token: token.as_deref().map(Token::new).transpose().map_err(wrong)?,
        offline: options.offline,
        backoff: Backoff::default(),
    };
    let bar = bar();
    let pulled = pull(&request, &mut |event| show(&bar, event));
    bar.finish_and_clear();
    let (stored, how) = match pulled.map_err(|error| Failure::Run(error.to_string()))? {
        Pulled::New(stored) => (stored, "pulled into"),
        Pulled::Present(stored) => (stored, "is there already, verified:"),
    };
    let (id, folder) = (&stored.checkpoint.id, stored.folder.display());
    println!("{id}: {how} {folder}, revision {}", stored.revision);
    Ok(())
}

/// A bar on standard error; nothing where that is no terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = "{msg:28!} {bar:24} {bytes} of {total_bytes}, {bytes_per_sec}, {eta}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, event: PullEvent<'_>) {
    match event {
        PullEvent::Total(bytes) => bar.set_length(bytes),
        PullEvent::File(name) => bar.set_message(name.to_owned()),
        PullEvent::Done(bytes) => bar.set_position(bytes),
        PullEvent::Complete => bar.set_message("writing"),
    }
}
