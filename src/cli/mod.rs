//! The command line: `serve`, `analyze`, `check-config`, `models`, `keys`.

mod analyze;
mod exit;
mod keys;
mod models;
mod serve;
mod setup;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, LogFormat, Override};
use crate::ops::{self, Tracing};
use exit::{Exit, Failure};

/// Reads news articles: what they say, and from whose vantage point they say it.
#[derive(Debug, Parser)]
#[command(name = "parallax", version, after_help = exit::HELP)]
struct CommandLine {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
struct GlobalOptions {
    /// Configuration file (TOML); what it leaves out has its default
    #[arg(long, global = true, value_name = "FILE", env = "PARALLAX_CONFIG")]
    config: Option<PathBuf>,
    /// What is logged to standard error: error, warn, info, debug, trace, or a filter
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// How it is logged
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the gRPC server
    Serve(serve::ServeOptions),
    /// Analyse articles from files or standard input, in this process or on a server
    Analyze(analyze::AnalyzeOptions),
    /// Check the configuration and print it as it is in force
    CheckConfig,
    /// List, verify, import or fetch models
    Models(models::ModelsOptions),
    /// Make API keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
}

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let command_line = CommandLine::parse();
    match dispatch(command_line) {
        Ok(exit) => exit.code(),
        Err(failure) => {
            eprintln!("parallax: {failure}");
            failure.code()
        }
    }
}

fn dispatch(command_line: CommandLine) -> Result<Exit, Failure> {
    let overrides = overrides(&command_line);
    let config = Config::load(command_line.global.config.as_deref(), None, &overrides)?;
    let tracing = match command_line.command {
        Command::Serve(_) => Tracing::AsConfigured,
        _ => Tracing::Off,
    };
    let _telemetry = ops::init(&config.telemetry, tracing)
        .map_err(|error| Failure::Run(format!("logs and traces: {error}")))?;
    match command_line.command {
        Command::Serve(_) => serve::run(config),
        Command::Analyze(options) => analyze::run(config, options),
        Command::CheckConfig => check_config(config),
        Command::Models(options) => models::run(&config, options),
        Command::Keys(command) => keys::run(command),
    }
}

/// What the flags say, under the keys of the configuration.
fn overrides(command_line: &CommandLine) -> Vec<Override> {
    let mut overrides = Vec::new();
    let global = &command_line.global;
    if let Some(level) = &global.log_level {
        overrides.push(("telemetry.log_level", level.clone()));
    }
    if let Some(format) = global.log_format {
        let name = match format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        };
        overrides.push(("telemetry.log_format", name.into()));
    }
    match &command_line.command {
        Command::Serve(options) => overrides.extend(options.overrides()),
        Command::Models(options) => overrides.extend(options.overrides()),
        Command::Analyze(_) | Command::CheckConfig | Command::Keys(_) => {}
    }
    overrides
}

/// Checks what `serve` would check before it binds its port, and prints the outcome as TOML.
fn check_config(config: Config) -> Result<Exit, Failure> {
    setup::access(&config)?;
    let setup = setup::prepare(config)?;
    let toml =
        toml::to_string(setup.config()).map_err(|error| Failure::Setup(error.to_string()))?;
    print!("{toml}");
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        CommandLine::command().debug_assert();
    }
}
