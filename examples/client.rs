//! Analyses files: one call, then all of them on one stream.
//!
//!     cargo run --example client -- http://127.0.0.1:50051 FILE...
//!
//! The stubs are those of this crate; a caller elsewhere makes them from `proto/` with `tonic-prost-build`. tonic reads
//! no service config: what `examples/clients/service_config.json` says is done here by hand, for one address.
//! `PARALLAX_API_KEY` comes from the environment.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use parallax::grpc::proto::v1::analyze_articles_response::Outcome;
use parallax::grpc::proto::v1::{
    AnalyzeArticleRequest, AnalyzeArticleResponse, AnalyzeArticlesRequest, Article,
};
use tokio_stream::StreamExt;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

/// A deadline on every call: the server drops what nobody waits for.
const CALL: Duration = Duration::from_secs(30);
const STREAM: Duration = Duration::from_secs(300);
/// Calls before a failure that may pass is taken for an answer, and the first wait between them.
const ATTEMPTS: u32 = 5;
const BACKOFF: Duration = Duration::from_millis(200);
/// A long article's quotations and sentences add up; the default is 4 MiB.
const MAX_REPLY_BYTES: usize = 64 << 20;

type Client = AnalysisServiceClient<Channel>;

fn connect(url: String) -> Result<Client, tonic::transport::Error> {
    let channel = Endpoint::from_shared(url)?
        // Is the other side still there? The interval is the server's own.
        .http2_keep_alive_interval(Duration::from_secs(60))
        .keep_alive_timeout(Duration::from_secs(20))
        .connect_timeout(Duration::from_secs(10))
        // A server that is just starting, or gone for a moment, is one more attempt.
        .connect_lazy();
    Ok(AnalysisServiceClient::new(channel).max_decoding_message_size(MAX_REPLY_BYTES))
}

/// A message with its deadline and key.
fn within<T>(message: T, limit: Duration) -> Result<Request<T>, Box<dyn Error>> {
    let mut request = Request::new(message);
    request.set_timeout(limit);
    if let Ok(key) = std::env::var("PARALLAX_API_KEY") {
        request.metadata_mut().insert("authorization", format!("Bearer {key}").parse()?);
    }
    Ok(request)
}

/// Failures that pass: the server is full, starts, or goes. Every call may be made again, none changes anything.
fn may_pass(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::ResourceExhausted)
}

async fn analyze(
    client: &mut Client,
    message: AnalyzeArticleRequest,
) -> Result<AnalyzeArticleResponse, Box<dyn Error>> {
    let mut wait = BACKOFF;
    for _ in 1..ATTEMPTS {
        match client.analyze_article(within(message.clone(), CALL)?).await {
            Err(status) if may_pass(&status) => tokio::time::sleep(wait).await,
            outcome => return Ok(outcome?.into_inner()),
        }
        wait *= 2;
    }
    Ok(client.analyze_article(within(message, CALL)?).await?.into_inner())
}

async fn analyze_all(client: &mut Client, files: Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    // The transport asks for the next request only when there is room for it. A file that cannot be read ends the stream.
    let requests = tokio_stream::iter(files).map_while(|file| {
        let request = request(&file).inspect_err(|error| eprintln!("{}: {error}", file.display()));
        Some(AnalyzeArticlesRequest { request: Some(request.ok()?) })
    });
    let mut replies = client.analyze_articles(within(requests, STREAM)?).await?.into_inner();
    while let Some(reply) = replies.try_next().await? {
        match reply.outcome {
            Some(Outcome::Response(answer)) => println!("{}: {}", reply.index, describe(&answer)),
            Some(Outcome::Error(status)) => println!("{}: {}", reply.index, status.message),
            None => {}
        }
    }
    Ok(())
}

fn request(file: &PathBuf) -> std::io::Result<AnalyzeArticleRequest> {
    let article = Article {
        id: file.display().to_string(),
        text: std::fs::read_to_string(file)?,
        ..Article::default()
    };
    Ok(AnalyzeArticleRequest { article: Some(article), ..AnalyzeArticleRequest::default() })
}

fn describe(answer: &AnalyzeArticleResponse) -> String {
    let stance = answer.stance.as_ref();
    let status = stance.map_or("", |stance| stance.status().as_str_name());
    let label =
        stance.and_then(|stance| stance.framing.as_ref()).map_or("", |framing| &framing.label);
    let summary = answer.summary.as_ref().map_or("", |summary| &summary.text);
    format!("{}: {status} {label}: {summary}", answer.article_id)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("client URL FILE...")?;
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let first = files.first().ok_or("client URL FILE...")?;
    let mut client = connect(url)?;
    let answer = analyze(&mut client, request(first)?).await?;
    println!("{}", describe(&answer));
    analyze_all(&mut client, files).await
}
