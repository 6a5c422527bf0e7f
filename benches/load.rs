//! Load on a running server: `cargo bench --bench load -- --articles DIR`.
//!
//! Closed loop (`--in-flight N`): N callers, each asks again when it is answered. Open loop (`--rate R`): R calls a second,
//! whether or not earlier ones were answered; a call's time counts from when it was due, so that a
//! server that stalls cannot hide what it made others wait. Prints a line of JSON.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

mod articles;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::Parser;
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use tokio::task::JoinSet;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt;

/// Measures a server under load.
#[derive(Parser, Clone)]
struct Options {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:50051")]
    url: String,
    /// Folder of articles, one text file each; they are sent in turn.
    #[arg(long, default_value = "tests/fixtures/articles")]
    articles: PathBuf,
    /// Connections; a server takes so many calls at once over each.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Callers of the closed loop.
    #[arg(long, default_value_t = 32)]
    in_flight: usize,
    /// Calls a second; opens the loop.
    #[arg(long)]
    rate: Option<f64>,
    /// How long calls are made.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Calls before the clock starts.
    #[arg(long, default_value_t = 32)]
    warm_up: usize,
    /// The callers' deadline.
    #[arg(long)]
    timeout_ms: Option<u64>,
    /// Callers of every second call leave after so long.
    #[arg(long)]
    leave_after_ms: Option<u64>,
    /// Ends each text with a line of its own, so that none was asked before.
    #[arg(long)]
    vary: bool,
    /// What cargo passes on.
    #[arg(long)]
    bench: bool,
}

/// What came of the calls.
#[derive(Default)]
struct Outcome {
    /// Seconds of each answered call.
    answered: Vec<f64>,
    /// Tokens that the model read for them.
    tokens: u64,
    /// Seconds of each call that was refused and told when to come again.
    refused: Vec<f64>,
    expired: usize,
    unavailable: usize,
    left: usize,
    /// Calls that ended in any other way.
    failed: usize,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.refused.extend(other.refused);
        self.tokens += other.tokens;
        self.expired += other.expired;
        self.unavailable += other.unavailable;
        self.left += other.left;
        self.failed += other.failed;
    }

    fn of_status(status: &tonic::Status, seconds: f64) -> Self {
        let retry = status.get_details_retry_info().and_then(|info| info.retry_delay);
        match status.code() {
            Code::ResourceExhausted if retry.is_some() => {
                Self { refused: vec![seconds], ..Self::default() }
            }
            // Which of two timers fires first is chance.
            Code::DeadlineExceeded | Code::Cancelled => Self { expired: 1, ..Self::default() },
            Code::Unavailable => Self { unavailable: 1, ..Self::default() },
            _ => Self { failed: 1, ..Self::default() },
        }
    }
}

#[derive(Clone)]
struct Caller {
    /// Of each connection one.
    clients: Arc<Vec<AnalysisServiceClient<Channel>>>,
    articles: Arc<Vec<String>>,
    options: Arc<Options>,
    /// When this process began, in nanoseconds: no other has the same.
    began: u128,
}

impl Caller {
    async fn call(self, number: usize, due: Instant) -> Outcome {
        let mut text = self.articles[number % self.articles.len()].clone();
        if self.options.vary {
            let (copy, began) = (number, self.began);
            text.push_str(&format!("\n\nThis is copy {copy} of {began}."));
        }
        let article = v1::Article { id: number.to_string(), text, ..Default::default() };
        let request = v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
        let mut request = tonic::Request::new(request);
        if let Some(timeout) = self.options.timeout_ms {
            request.set_timeout(Duration::from_millis(timeout));
        }
        let leaves = self.options.leave_after_ms.filter(|_| number % 2 == 1);
        let patience = Duration::from_millis(leaves.unwrap_or(3_600_000));
        let mut client = self.clients[number % self.clients.len()].clone();
        match tokio::time::timeout(patience, client.analyze_article(request)).await {
            Ok(Ok(reply)) => Outcome {
                answered: vec![due.elapsed().as_secs_f64()],
                tokens: reply.get_ref().coverage.map_or(0, |coverage| coverage.tokens.into()),
                ..Outcome::default()
            },
            Ok(Err(status)) => Outcome::of_status(&status, due.elapsed().as_secs_f64()),
            Err(_) => Outcome { left: 1, ..Outcome::default() },
        }
    }
}

async fn closed_loop(caller: &Caller, options: &Options, end: Instant) -> Outcome {
    let mut callers = JoinSet::new();
    for first in 0..options.in_flight {
        let (caller, step) = (caller.clone(), options.in_flight);
        callers.spawn(async move {
            let mut outcome = Outcome::default();
            let mut number = first;
            while Instant::now() < end {
                outcome.add(caller.clone().call(number, Instant::now()).await);
                number += step;
            }
            outcome
        });
    }
    all(callers).await
}

async fn open_loop(caller: &Caller, rate: f64, end: Instant) -> Outcome {
    let mut calls = JoinSet::new();
    let began = Instant::now();
    for number in 0.. {
        let due = began + Duration::from_secs_f64(number as f64 / rate);
        if due >= end {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        calls.spawn(caller.clone().call(number, due));
    }
    all(calls).await
}

async fn all(mut tasks: JoinSet<Outcome>) -> Outcome {
    let mut outcome = Outcome::default();
    while let Some(part) = tasks.join_next().await {
        outcome.add(part.expect("a call does not panic"));
    }
    outcome
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::parse();
    let endpoint = Endpoint::from_shared(options.url.clone()).expect("url");
    let mut clients = Vec::new();
    for _ in 0..options.connections {
        let channel = endpoint.connect().await.expect("connection");
        clients.push(AnalysisServiceClient::new(channel).max_decoding_message_size(64 << 20));
    }
    let clients = Arc::new(clients);
    let (articles, options) = (Arc::new(articles::texts(&options.articles)), Arc::new(options));
    let began = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("clock");
    let began = began.as_nanos();
    let caller = Caller { clients, articles, options: Arc::clone(&options), began };
    for number in 0..options.warm_up {
        // Not those of the load.
        caller.clone().call(usize::MAX - number, Instant::now()).await;
    }
    let began = Instant::now();
    let end = began + Duration::from_secs_f64(options.seconds);
    let mut outcome = match options.rate {
        Some(rate) => open_loop(&caller, rate, end).await,
        None => closed_loop(&caller, &options, end).await,
    };
    let elapsed = began.elapsed().as_secs_f64();
    outcome.answered.sort_by(f64::total_cmp);
    outcome.refused.sort_by(f64::total_cmp);
    let answered = |share| milliseconds(&outcome.answered, share);
    let report = serde_json::json!({
        "articles_per_second": outcome.answered.len() as f64 / elapsed,
        "answered": outcome.answered.len(),
        "tokens": outcome.tokens,
        "p50_ms": answered(0.5),
        "p95_ms": answered(0.95),
        "p99_ms": answered(0.99),
        "max_ms": answered(1.0),
        "refused": outcome.refused.len(),
        "refused_p99_ms": milliseconds(&outcome.refused, 0.99),
        "expired": outcome.expired,
        "unavailable": outcome.unavailable,
        "left": outcome.left,
        "failed": outcome.failed,
    });
    println!("{report}");
}

/// The time below which a share of the sorted ones lie.
fn milliseconds(seconds: &[f64], share: f64) -> f64 {
    let last = seconds.len().saturating_sub(1);
    let place = (last as f64 * share).round() as usize;
    (1e4 * seconds.get(place).copied().unwrap_or_default()).round() / 10.0
}
