//! `parallax analyze`: the same answers as the server's, for files and pipes.

mod bulk;
mod input;
mod render;
mod server;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::exit::{Exit, Failure};
use super::setup;
use crate::config::Config;
use crate::grpc::proto::{to_json, v1};
use crate::grpc::{AnalyzerSetup, CallError, Caller, WireStatus};
use bulk::{Bulk, BulkOptions, Prepared};
use input::RequestTemplate;
use server::{NamedServer, ServerOptions};

/// How long a full server is asked again about one article.
const ONE_ARTICLE: Duration = Duration::from_secs(100);
/// Full name of the request, for JSON.
const REQUEST: &str = "parallax.v1.AnalyzeArticleRequest";
/// Full name of the reply, for JSON.
const REPLY: &str = "parallax.v1.AnalyzeArticleResponse";
/// Full name of a status, for JSON.
const STATUS: &str = "google.rpc.Status";

/// Options of `analyze`.
#[derive(Debug, clap::Args)]
pub(super) struct AnalyzeOptions {
    /// Files with one article each, or with one request a line (--jsonl); `-` or none: standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    server: ServerOptions,
    /// Contest: the id of a known one, or a contest file (*.toml)
    #[arg(long, value_name = "ID|FILE")]
    contest: Option<String>,
    /// `text` for people, `json` for programs (canonical protobuf JSON of AnalyzeArticleResponse)
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Read one request a line: {"id","title","text"} or a whole AnalyzeArticleRequest in canonical
    /// protobuf JSON; or a row of a *.parquet file with such columns. *.gz and *.zst are unpacked,
    /// blank lines are passed over. Writes one JSON reply a line in the order of the input; a line
    /// that failed gives {"articleId", "error": google.rpc.Status}
    #[arg(long)]
    jsonl: bool,
    #[command(flatten)]
    bulk: BulkOptions,
    /// Headline of the article, when the text does not begin with it
    #[arg(long, value_name = "TEXT", conflicts_with = "jsonl")]
    title: Option<String>,
    /// Most sentences of the summary
    #[arg(long, value_name = "COUNT")]
    max_sentences: Option<u32>,
    /// Most words of the summary
    #[arg(long, value_name = "COUNT")]
    max_words: Option<u32>,
    /// Generate the summary with a public checkpoint (models.directory)
    #[arg(long)]
    abstractive: bool,
    /// Checkpoint that generates it, when there are several
    #[arg(long, value_name = "ID", requires = "abstractive")]
    summary_model: Option<String>,
    /// Fewest words of the generated summary
    #[arg(long, value_name = "COUNT", requires = "abstractive")]
    min_words: Option<u32>,
    /// Beams of the search; 1 is fastest
    #[arg(long, value_name = "COUNT", requires = "abstractive")]
    beams: Option<u32>,
    /// Test a statement against every sentence, with a public checkpoint; may be given several times
    #[arg(long = "label", value_name = "STATEMENT")]
    labels: Vec<String>,
    /// Test the claims of the contest as well
    #[arg(long)]
    claims: bool,
    /// Checkpoint that tests them, when there are several
    #[arg(long, value_name = "ID")]
    entailment_model: Option<String>,
    /// Add every sentence with what the model read in it (JSON only)
    #[arg(long)]
    sentences: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Analyses what the options name.
pub(super) fn run(config: Config, options: AnalyzeOptions) -> Result<Exit, Failure> {
    let template = RequestTemplate::new(&options)?;
    let runtime = setup::runtime(&config)?;
    let in_flight = config.limits.max_stream_in_flight;
    let max_message_bytes = config.server.max_message_bytes;
    // Before an output is made: a command that is wrong leaves nothing behind.
    let chosen = Chosen::new(config, &options.server)?;
    if !options.jsonl {
        return runtime.block_on(async {
            let caller = chosen.start(Duration::ZERO, ONE_ARTICLE).await?;
            articles(&caller, &template, &options).await
        });
    }
    let (files, bulk) = (&options.files, &options.bulk);
    let bulk = Bulk { template, files, options: bulk, in_flight, max_message_bytes };
    let run = match bulk.prepare()? {
        Prepared::Complete(exit) => return Ok(exit),
        Prepared::Run(run) => run,
    };
    let patience = options.bulk.retry_for();
    runtime.block_on(async { run.run(chosen.start(patience, patience).await?).await })
}

/// Who analyses, when all that is said about it holds.
enum Chosen {
    InProcess(Box<AnalyzerSetup>),
    Server(NamedServer),
}

impl Chosen {
    fn new(config: Config, options: &ServerOptions) -> Result<Self, Failure> {
        Ok(match options.address()? {
            Some(server) => Self::Server(server),
            None => Self::InProcess(Box::new(setup::prepare(config)?)),
        })
    }

    /// Loads the model; or connects to the server. One that is not there is awaited for `wait`, one
    /// that goes away for `retry_for`.
    async fn start(self, wait: Duration, retry_for: Duration) -> Result<Caller, Failure> {
        match self {
            Self::Server(server) => server.connect(wait, retry_for).await.map(Caller::Remote),
            Self::InProcess(setup) => {
                let analyzer = setup::start(*setup).await;
                analyzer.map(Caller::InProcess).map_err(|error| Failure::Run(error.to_string()))
            }
        }
    }
}

/// Analyses whole files, one article each.
async fn articles(
    caller: &Caller,
    template: &RequestTemplate,
    options: &AnalyzeOptions,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Success;
    for file in input::or_standard_input(&options.files) {
        let text = input::read_article(&file)?;
        let id = file.display().to_string();
        let title = options.title.clone().unwrap_or_default();
        let request = template.request(v1::Article { id: id.clone(), title, text, format: 0 });
        let outcome = caller.analyze(request.clone()).await.map_err(CallError::into_status);
        let output = match (outcome, options.format) {
            (Ok(reply), Format::Json) => format!("{:#}\n", reply_json(&reply)?),
            (Ok(reply), Format::Text) => render::reply(&reply, &request),
            (Err(status), format) => {
                exit = Exit::SomeFailed;
                match format {
                    Format::Json => format!("{:#}\n", failure_json(&id, &status)?),
                    Format::Text => {
                        eprintln!("parallax: {id}: {}", status.message);
                        continue;
                    }
                }
            }
        };
        write_out(output.as_bytes())?;
    }
    Ok(exit)
}

fn reply_json(reply: &v1::AnalyzeArticleResponse) -> Result<serde_json::Value, Failure> {
    to_json(REPLY, reply).map_err(|error| Failure::Run(error.to_string()))
}

fn failure_json(article_id: &str, status: &WireStatus) -> Result<serde_json::Value, Failure> {
    let status = to_json(STATUS, status).map_err(|error| Failure::Run(error.to_string()))?;
    Ok(serde_json::json!({ "articleId": article_id, "error": status }))
}

fn write_out(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| Failure::Run(format!("standard output: {error}")))
}
