//! A real server on a free port, sharing one engine per test process.

use std::net::SocketAddr;
use std::sync::OnceLock;

use parallax::config::{Config, Override};
use parallax::contest::Catalog;
use parallax::engine::{BertModel, Engine, EngineOptions, LoadError};
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use parallax::grpc::{AnalyzerSetup, Drain, bind, serve};
use parallax::model::{Bundle, Precision};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

/// An article of the fixtures.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/articles/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("fixture")
}

/// A request for the whole answer about a text.
pub(crate) fn request(text: impl Into<String>) -> v1::AnalyzeArticleRequest {
    let article = v1::Article { id: "test".into(), text: text.into(), ..Default::default() };
    v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() }
}

/// Article text that keeps the model busy for a while.
pub(crate) fn long_text(words: usize) -> String {
    let sentence =
        "The delegations of Norland and Sudland met again in the old town hall on Monday. ";
    sentence.repeat(words / 15 + 1)
}

/// The violated fields of an INVALID_ARGUMENT status.
pub(crate) fn violated_fields(status: &tonic::Status) -> Vec<String> {
    use tonic_types::StatusExt;
    assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}");
    let bad_request = status.get_details_bad_request().expect("details");
    bad_request.field_violations.into_iter().map(|violation| violation.field).collect()
}

/// One engine of each precision for all tests of the process: its threads belong to no test's runtime.
fn engine(precision: Precision) -> Engine {
    static F32: OnceLock<Engine> = OnceLock::new();
    static INT8: OnceLock<Engine> = OnceLock::new();
    let start = || {
        let options = EngineOptions { threads: 2, batch_tokens: 4096, precision };
        let model = BertModel::load(&Bundle::embedded().expect("bundle"), precision, 2);
        Engine::start(options, model.expect("model")).expect("engine")
    };
    let engine = match precision {
        Precision::F32 => &F32,
        Precision::Int8 => &INT8,
    };
    engine.get_or_init(start).clone()
}

/// The default configuration with some values changed; as variables, so that those of a list are separated by commas.
fn config(overrides: &[Override]) -> Config {
    let variable = |(key, value): &Override| {
        (format!("PARALLAX__{}", key.to_uppercase().replace('.', "__")), value.clone())
    };
    // Replies are compared with snapshots, whatever the processor can do.
    let exact = [("engine.precision", "f32".to_owned())];
    let variables = exact.iter().chain(overrides).map(variable).collect();
    Config::load(None, Some(variables), &[]).expect("config")
}

/// Connects the services of a server under test.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Drain>,
}

impl TestServer {
    /// A server with the default configuration, ready to serve.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server on integers, the default: an answer is the same to the last bit, whatever else is read. With floats
    /// it may share a padded batch, which changes the last bits.
    pub(crate) async fn on_integers() -> Self {
        Self::with(&[("engine.precision", "int8".into())]).await
    }

    /// A server with some values of the configuration changed, ready to serve.
    pub(crate) async fn with(overrides: &[Override]) -> Self {
        let (load, loaded) = oneshot::channel();
        let server = Self::loading(overrides, loaded).await;
        load.send(()).expect("the server waits for it");
        server.wait_until_serving().await;
        server
    }

    /// A server that gets its model when `loaded` says so.
    pub(crate) async fn loading(overrides: &[Override], loaded: oneshot::Receiver<()>) -> Self {
        let config = config(overrides);
        let precision = config.engine.precision;
        let load = async move {
            loaded.await.expect("the test loads or ends");
            engine(precision)
        };
        Self::run(config, load).await
    }

    /// A server with an engine of its own, ready to serve.
    pub(crate) async fn with_engine(engine: Engine) -> Self {
        let server = Self::run(config(&[]), std::future::ready(engine)).await;
        server.wait_until_serving().await;
        server
    }

    async fn run(config: Config, engine: impl Future<Output = Engine> + Send + 'static) -> Self {
        let server = config.server.clone();
        let catalog = Catalog::built_in(config.contest_limits()).expect("contests");
        let bundle = Bundle::embedded().expect("bundle");
        let setup = AnalyzerSetup::new(config, catalog, bundle).expect("setup");
        let listener = bind(([127, 0, 0, 1], 0).into()).await.expect("port");
        let address = listener.local_addr().expect("address");
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(async move {
            let load = async { Ok::<_, LoadError>(setup.with_engine(engine.await)) };
            let shutdown = async { stopped.await.expect("stopped by the test") };
            serve(listener, server, load, shutdown).await.expect("server")
        });
        Self { address, stop, ended }
    }

    /// A connection of its own.
    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).expect("url");
        endpoint.connect().await.expect("connection")
    }

    /// A client with a connection of its own.
    pub(crate) async fn client(&self) -> AnalysisServiceClient<Channel> {
        AnalysisServiceClient::new(self.channel().await).max_decoding_message_size(64 << 20)
    }

    /// Asks for an analysis.
    pub(crate) async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<v1::AnalyzeArticleResponse, tonic::Status> {
        let reply = self.client().await.analyze_article(request).await;
        reply.map(tonic::Response::into_inner)
    }

    async fn wait_until_serving(&self) {
        let mut health = tonic_health::pb::health_client::HealthClient::new(self.channel().await);
        let request = tonic_health::pb::HealthCheckRequest::default();
        let mut statuses = health.watch(request).await.expect("watch").into_inner();
        while let Some(status) = statuses.message().await.expect("status") {
            if status.status() == tonic_health::pb::health_check_response::ServingStatus::Serving {
                return;
            }
        }
    }

    /// Tells the server to end; returns how it ended.
    pub(crate) async fn shut_down(self) -> Drain {
        self.stop.send(()).expect("running");
        self.ended.await.expect("ended")
    }
}
