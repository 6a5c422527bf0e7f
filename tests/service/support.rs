//! A real server on a free port, sharing one engine per test process.

use std::net::SocketAddr;
use std::sync::OnceLock;

use parallax::config::{Config, Override};
use parallax::contest::Catalog;
use parallax::engine::{
    BertModel, CheckpointOptions, Checkpoints, Engine, EngineOptions, LoadError,
};
use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use parallax::grpc::{Access, AnalyzerSetup, Drain, Monitor, bind, serve, version_json};
use parallax::model::{Bundle, Checkpoint, ModelStore, Precision};
use parallax::ops::{Admin, AdminPages, Metrics};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

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
    let engine = match precision {
        Precision::F32 => &F32,
        Precision::Int8 => &INT8,
    };
    engine.get_or_init(|| new_engine(precision)).clone()
}

/// An engine that nobody else uses.
pub(crate) fn new_engine(precision: Precision) -> Engine {
    let options = EngineOptions { threads: 2, batch_tokens: 4096, precision };
    let model = BertModel::load(&Bundle::embedded().expect("bundle"), precision, 2);
    Engine::start(options, model.expect("model")).expect("engine")
}

/// What an admin port answers to these bytes: the code, the head, and the body.
pub(crate) async fn http(admin: SocketAddr, request: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(admin).await.expect("connection");
    stream.write_all(request.as_bytes()).await.expect("request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("head");
    let code = head.split(' ').nth(1).expect("code").parse().expect("number");
    (code, head.to_owned(), body.to_owned())
}

/// Where small checkpoints of every architecture are; their weights are random.
pub(crate) fn checkpoints() -> Override {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/checkpoints");
    ("models.directory", directory.to_owned())
}

fn stored_checkpoints(config: &Config) -> Vec<Checkpoint> {
    let directory = &config.models.directory;
    if directory.as_os_str().is_empty() {
        return Vec::new();
    }
    let stored = ModelStore::open(directory).expect("store").checkpoints.into_values();
    stored.map(|stored| stored.checkpoint).collect()
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
    pub(crate) admin: Admin,
    tls: Option<ClientTlsConfig>,
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
        Self::reached(overrides, None).await
    }

    /// The same; its clients speak TLS.
    pub(crate) async fn encrypted(overrides: &[Override], tls: ClientTlsConfig) -> Self {
        Self::reached(overrides, Some(tls)).await
    }

    async fn reached(overrides: &[Override], tls: Option<ClientTlsConfig>) -> Self {
        let (load, loaded) = oneshot::channel();
        let server = Self { tls, ..Self::loading(overrides, loaded).await };
        load.send(()).expect("the server waits for it");
        server.wait_until_serving().await;
        server
    }

    /// A server that gets its model when `loaded` says so.
    pub(crate) async fn loading(overrides: &[Override], loaded: oneshot::Receiver<()>) -> Self {
        Self::reading(overrides, loaded, engine).await
    }

    /// A server with an engine of its own, ready to serve.
    pub(crate) async fn with_engine(engine: Engine) -> Self {
        let (load, loaded) = oneshot::channel();
        let server = Self::reading(&[], loaded, |_| engine).await;
        load.send(()).expect("the server waits for it");
        server.wait_until_serving().await;
        server
    }

    /// A server that gets this engine when `loaded` says so.
    pub(crate) async fn reading(
        overrides: &[Override],
        loaded: oneshot::Receiver<()>,
        engine: impl FnOnce(Precision) -> Engine + Send + 'static,
    ) -> Self {
        let config = config(overrides);
        let (server, precision) = (config.server.clone(), config.engine.precision);
        let access = Access::open(&config).expect("certificates and callers");
        let catalog = Catalog::built_in().expect("contests");
        let bundle = Bundle::embedded().expect("bundle");
        let checkpoints = stored_checkpoints(&config);
        let setup = AnalyzerSetup::new(config, catalog, bundle).expect("setup");
        let setup = setup.with_checkpoints(checkpoints).expect("defaults");
        let mut metrics = Metrics::default();
        let monitor = Monitor::new(metrics.server(), &setup);
        let watched = monitor.clone();
        let is_ready = Box::new(move || watched.is_ready());
        let pages = AdminPages { metrics, is_ready, version: version_json(&setup) };
        let admin = Admin::start(([127, 0, 0, 1], 0).into(), pages).await.expect("admin port");
        let listener = bind(([127, 0, 0, 1], 0).into()).await.expect("port");
        let address = listener.local_addr().expect("address");
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(async move {
            let load = async {
                loaded.await.expect("the test loads or ends");
                let options = CheckpointOptions { threads: 1, batch_tokens: 512, capacity: 256 };
                let checkpoints = Checkpoints::load(setup.checkpoints(), options)?;
                let analyzer = setup.with_engine(engine(precision));
                Ok::<_, LoadError>(analyzer.with_checkpoints(checkpoints))
            };
            let shutdown = async { stopped.await.expect("stopped by the test") };
            serve(listener, server, access, load, shutdown, monitor).await.expect("server")
        });
        Self { address, admin, tls: None, stop, ended }
    }

    /// A connection of its own.
    pub(crate) async fn channel(&self) -> Channel {
        self.try_channel(self.tls.clone()).await.expect("connection")
    }

    /// A connection of its own, if it comes up.
    pub(crate) async fn try_channel(
        &self,
        tls: Option<ClientTlsConfig>,
    ) -> Result<Channel, tonic::transport::Error> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{}", self.address)).expect("url");
        match tls {
            Some(tls) => endpoint.tls_config(tls)?.connect().await,
            None => endpoint.connect().await,
        }
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

    /// A page of the admin port: its code and its text.
    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
        let (code, _, body) = http(self.admin.address(), &request).await;
        (code, body)
    }

    pub(crate) async fn wait_until_serving(&self) {
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
