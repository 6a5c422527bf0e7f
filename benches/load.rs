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

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

/// Measures a server under load.
#[derive(Parser, Clone)]
struct Options {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:50051")]
    url: String,
    /// Folder of articles, one text file each; they are sent in turn.
    #[arg(long, default_value = "tests/fixtures/articles")]
    articles: PathBuf,
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
    /// What cargo passes on.
    #[arg(long)]
    bench: bool,
}

/// What came of the calls.
#[derive(Default)]
struct Outcome {
    /// Seconds of each answered call.
    answered: Vec<f64>,
    refused: usize,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.refused += other.refused;
    }
}

#[derive(Clone)]
struct Caller {
    client: AnalysisServiceClient<Channel>,
    articles: Arc<Vec<String>>,
}

impl Caller {
    async fn call(mut self, number: usize, due: Instant) -> Outcome {
        let text = self.articles[number % self.articles.len()].clone();
        let article = v1::Article { id: number.to_string(), text, ..Default::default() };
        let request = v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
        match self.client.analyze_article(request).await {
            Ok(_) => Outcome { answered: vec![due.elapsed().as_secs_f64()], refused: 0 },
            Err(_) => Outcome { answered: Vec::new(), refused: 1 },
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

fn articles(options: &Options) -> Vec<String> {
    let entries = std::fs::read_dir(&options.articles).expect("folder of articles");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    assert!(!paths.is_empty(), "no *.txt in {}", options.articles.display());
    paths.iter().map(|path| std::fs::read_to_string(path).expect("article")).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::parse();
    let channel = Endpoint::from_shared(options.url.clone()).expect("url");
    let channel = channel.connect().await.expect("connection");
    let client = AnalysisServiceClient::new(channel).max_decoding_message_size(64 << 20);
    let caller = Caller { client, articles: Arc::new(articles(&options)) };
    for number in 0..options.warm_up {
        caller.clone().call(number, Instant::now()).await;
    }
    let began = Instant::now();
    let end = began + Duration::from_secs_f64(options.seconds);
    let mut outcome = match options.rate {
        Some(rate) => open_loop(&caller, rate, end).await,
        None => closed_loop(&caller, &options, end).await,
    };
    let elapsed = began.elapsed().as_secs_f64();
    outcome.answered.sort_by(f64::total_cmp);
    let percentile = |share: f64| {
        let last = outcome.answered.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        1e3 * outcome.answered.get(place).copied().unwrap_or_default()
    };
    println!(
        r#"{{"articles_per_second": {:.2}, "answered": {}, "refused": {}, "p50_ms": {:.0}, "p95_ms": {:.0}, "p99_ms": {:.0}, "max_ms": {:.0}}}"#,
        outcome.answered.len() as f64 / elapsed,
        outcome.answered.len(),
        outcome.refused,
        percentile(0.5),
        percentile(0.95),
        percentile(0.99),
        percentile(1.0),
    );
}
