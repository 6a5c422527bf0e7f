//! Whatever bytes come over a connection, it ends when its caller ends it, and another caller is answered. The first
//! byte decides whether the server speaks gRPC-Web, and whether what HTTP/2 begins with goes before the bytes.

#![no_main]

use std::future::pending;
use std::net::SocketAddr;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use parallax::config::Config;
use parallax::contest::Catalog;
use parallax::grpc::{Access, Analyzer, AnalyzerSetup, Monitor, bind, serve};
use parallax::model::Bundle;
use parallax::ops::Metrics;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// The preface, and settings that change nothing.
const OPENING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A server whose model never comes, and a caller of it.
struct Server {
    address: SocketAddr,
    other: HealthClient<Channel>,
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("runtime"));
static SERVERS: LazyLock<[Server; 2]> =
    LazyLock::new(|| ["false", "true"].map(|grpc_web| RUNTIME.block_on(start(grpc_web))));

async fn start(grpc_web: &str) -> Server {
    let overrides = [("server.grpc_web", grpc_web.to_owned())];
    let config = Config::load(None, Some(Default::default()), &overrides).expect("config");
    let server = config.server.clone();
    let access = Access::open(&config).expect("callers");
    let catalog = Catalog::built_in().expect("contests");
    let bundle = Bundle::embedded().expect("bundle");
    let setup = AnalyzerSetup::new(config, catalog, bundle).expect("setup");
    let monitor = Monitor::new(Metrics::default().server(), &setup);
    let listener = bind(([127, 0, 0, 1], 0).into()).await.expect("port");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async {
        let load = pending::<Result<Analyzer, std::convert::Infallible>>();
        serve(listener, server, access, load, pending(), monitor).await.expect("it never ends")
    });
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("url");
    Server { address, other: HealthClient::new(endpoint.connect().await.expect("connection")) }
}

async fn send(address: SocketAddr, opening: &[u8], bytes: &[u8]) {
    let mut connection = TcpStream::connect(address).await.expect("connection");
    // Thousands of connections a second would use up the ports if each were remembered for a minute.
    connection.set_zero_linger().expect("option");
    let (mut read, mut write) = connection.split();
    let write = async {
        // The server may have ended the connection already.
        let _closed = write.write_all(opening).await;
        let _closed = write.write_all(bytes).await;
        let _closed = write.shutdown().await;
    };
    let mut replies = Vec::new();
    let (_end, ()) = tokio::join!(read.read_to_end(&mut replies), write);
}

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let server = &SERVERS[usize::from(first & 1)];
    let opening = if first & 2 == 0 { OPENING } else { &[] };
    RUNTIME.block_on(async {
        send(server.address, opening, bytes).await;
        server.other.clone().check(HealthCheckRequest::default()).await.expect("answer");
    });
});
