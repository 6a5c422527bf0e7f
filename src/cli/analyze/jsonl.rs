//! One request a line in, one reply a line out, in order.

use std::path::{Path, PathBuf};

use futures::{Stream, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};

use super::input::{RequestTemplate, is_standard_input, or_standard_input};
use super::{failure_json, reply_json, write_out};
use crate::cli::exit::{Exit, Failure};
use crate::grpc::proto::{from_json, v1};
use crate::grpc::{Caller, WireStatus};

/// Full name of the request, for JSON.
const REQUEST: &str = "parallax.v1.AnalyzeArticleRequest";
/// `google.rpc.Code.INVALID_ARGUMENT`.
const INVALID_ARGUMENT: i32 = 3;

/// The short form of a line. Other keys, such as a source or a date, are the caller's own.
#[derive(Debug, Deserialize)]
struct ShortLine {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

/// Analyses every line of the files, `in_flight` at once.
pub(super) async fn run(
    caller: &Caller,
    template: &RequestTemplate,
    files: &[PathBuf],
    in_flight: usize,
) -> Result<Exit, Failure> {
    let progress = progress_bar();
    let mut exit = Exit::Success;
    for file in or_standard_input(files) {
        let lines = lines(open(&file).await?, &file);
        let mut replies = std::pin::pin!(
            lines.map(|line| async { answer(caller, template, &line?).await }).buffered(in_flight)
        );
        while let Some(reply) = replies.next().await {
            let (json, answered) = reply?;
            if !answered {
                exit = Exit::SomeFailed;
            }
            write_out(format!("{json}\n").as_bytes())?;
            progress.inc(1);
        }
    }
    progress.finish();
    Ok(exit)
}

/// The reply to a line, and whether it is an answer.
async fn answer(
    caller: &Caller,
    template: &RequestTemplate,
    line: &[u8],
) -> Result<(Value, bool), Failure> {
    let line = std::str::from_utf8(line).map_err(|error| error.to_string());
    let (id, outcome) = match line.and_then(parse) {
        Ok(request) => {
            let id = request.article.as_ref().map(|article| article.id.clone()).unwrap_or_default();
            (id, caller.analyze(template.complete(request)).await)
        }
        Err(problem) => {
            let message = format!("not a request: {problem}");
            let status = WireStatus { code: INVALID_ARGUMENT, message, ..WireStatus::default() };
            (String::new(), Err(status))
        }
    };
    match outcome {
        Ok(reply) => Ok((reply_json(&reply)?, true)),
        Err(status) => Ok((failure_json(&id, &status)?, false)),
    }
}

/// A line in either form.
fn parse(line: &str) -> Result<v1::AnalyzeArticleRequest, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if value.get("article").is_some() {
        return from_json(REQUEST, value).map_err(|error| error.to_string());
    }
    let line: ShortLine = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let article = v1::Article { id: line.id, title: line.title, text: line.text, format: 0 };
    Ok(v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() })
}

type Input = Box<dyn AsyncBufRead + Unpin>;

async fn open(file: &Path) -> Result<Input, Failure> {
    if is_standard_input(file) {
        return Ok(Box::new(BufReader::new(tokio::io::stdin())));
    }
    let opened = tokio::fs::File::open(file).await;
    let opened = opened.map_err(|error| Failure::Run(format!("{}: {error}", file.display())))?;
    Ok(Box::new(BufReader::new(opened)))
}

/// The lines that are not blank. They need not be UTF-8: a line that is not fails alone.
fn lines(input: Input, file: &Path) -> impl Stream<Item = Result<Vec<u8>, Failure>> {
    let name = file.display().to_string();
    let lines = tokio_stream::wrappers::SplitStream::new(input.split(b'\n'));
    lines.map(move |line| line.map_err(|error| Failure::Run(format!("{name}: {error}")))).filter(
        |line| {
            let blank = line.as_ref().is_ok_and(|line| line.trim_ascii().is_empty());
            std::future::ready(!blank)
        },
    )
}

/// A count and a rate on the terminal; nothing where standard error is none.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {pos} articles, {per_sec}, {elapsed}");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
