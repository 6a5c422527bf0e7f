//! `parallax keys`.

use std::io::Write;

use super::exit::{Exit, Failure};
use crate::grpc::ApiKey;

/// What to do with API keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum KeysCommand {
    /// Make a key: the key goes to standard output and is kept nowhere, what the server needs of it
    /// (for the file that auth.keys_file names) to standard error
    New {
        /// Name of the caller
        name: String,
    },
}

/// Runs a `keys` command.
pub(super) fn run(command: KeysCommand) -> Result<Exit, Failure> {
    let KeysCommand::New { name } = command;
    let failed = |error: String| Failure::Run(error);
    let key = ApiKey::generate().map_err(|error| failed(format!("random numbers: {error}")))?;
    let name = toml::Value::from(name);
    eprintln!("[[callers]]\nname = {name}\nkey_sha256 = [\"{}\"]", key.sha256());
    writeln!(std::io::stdout(), "{}", key.reveal())
        .map_err(|error| failed(format!("standard output: {error}")))?;
    Ok(Exit::Success)
}
