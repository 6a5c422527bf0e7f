//! What a request costs beside the encoder: `cargo bench --bench share -- --articles DIR`.
//!
//! The same calls, one after the other, over gRPC on one machine, to a server with one thread for the model: with the encoder, and with one
//! that gives zeros at once. What is left then is everything else: transport and messages on both ends, reading the
//! text, tokens, pooling, heads, judgement, reply. Prints a line of JSON.

#![allow(clippy::expect_used, reason = "a benchmark may stop at the first surprise")]

mod articles;

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use parallax::analysis::{Reading, ReadingRequest};
use parallax::config::Config;
use parallax::contest::Catalog;
use parallax::engine::{BertModel, Engine, EngineOptions, Model, Plan, TokenVectors, WindowSums};
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use parallax::grpc::{Access, AnalyzerSetup, Monitor, bind, serve};
use parallax::model::Bundle;
use tonic::transport::Endpoint;

/// Measures the share of a request that is not the encoder's.
#[derive(Parser)]
struct Options {
    /// Folder of articles, one text file each.
    #[arg(long, default_value = "tests/fixtures/articles")]
    articles: PathBuf,
    /// How often each article is sent.
    #[arg(long, default_value_t = 30)]
    repeat: usize,
    /// What cargo passes on.
    #[arg(long)]
    bench: bool,
}

/// Size of the vectors of the embedded bundle.
const VECTOR_SIZE: usize = 384;

/// The model without its encoder.
struct WithoutEncoder(BertModel);

impl Model for WithoutEncoder {
    fn plan(&self, request: ReadingRequest) -> Result<Plan, String> {
        self.0.plan(request)
    }

    fn encode(&self, windows: &[&[i64]]) -> Result<TokenVectors, String> {
        let zeros = windows.iter().map(|ids| vec![0.0; ids.len() * VECTOR_SIZE]);
        Ok(TokenVectors::new(zeros.collect(), VECTOR_SIZE))
    }

    fn judge(&self, plan: &Plan, sums: &[WindowSums]) -> Result<Reading, String> {
        self.0.judge(plan, sums)
    }
}

/// Median milliseconds of a call, articles in turn, summed over the articles.
async fn milliseconds(options: &Options, with_encoder: bool) -> f64 {
    let flags = [("cache.max_bytes", "0".to_owned()), ("engine.threads", "1".to_owned())];
    let config = Config::load(None, Some(config::Map::default()), &flags).expect("config");
    let catalog = Catalog::built_in().expect("contests");
    let bundle = Bundle::embedded().expect("bundle");
    let precision = config.engine.precision;
    let batch_tokens = config.engine.batch_tokens;
    let engine = EngineOptions { threads: 1, batch_tokens, precision };
    let model = BertModel::load(&bundle, precision, 1).expect("model");
    let engine = match with_encoder {
        true => Engine::start(engine, model),
        false => Engine::start(engine, WithoutEncoder(model)),
    };
    let engine = engine.expect("engine");
    let server = config.server.clone();
    let access = Access::open(&config).expect("nothing to read");
    let setup = AnalyzerSetup::new(config, catalog, bundle).expect("setup");
    let listener = bind(([127, 0, 0, 1], 0).into()).await.expect("port");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let load = async { Ok::<_, Infallible>(setup.with_engine(engine)) };
    let serving = serve(listener, server, access, load, std::future::pending(), Monitor::default());
    let serving = tokio::spawn(serving);
    let channel = Endpoint::from_shared(url).expect("url").connect().await.expect("connection");
    let mut client = AnalysisServiceClient::new(channel);
    let mut total = 0.0;
    for text in articles::texts(&options.articles) {
        let mut times = Vec::new();
        for _ in 0..=options.repeat {
            let article = v1::Article { text: text.clone(), ..Default::default() };
            let request =
                v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
            let began = Instant::now();
            client.analyze_article(request).await.expect("answer");
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        total += times.get(times.len() / 2).copied().unwrap_or_default();
    }
    serving.abort();
    total
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let whole = milliseconds(&options, true).await;
    let rest = milliseconds(&options, false).await;
    let share = rest / whole;
    println!(r#"{{"whole_ms": {whole:.1}, "without_encoder_ms": {rest:.1}, "share": {share:.3}}}"#);
}
