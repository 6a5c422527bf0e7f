//! The admin port says how the server is, and is not to be kept busy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parallax::grpc::Drain;
use parallax::ops::{Admin, AdminPages, Metrics};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tonic::Code;

use crate::brittle;
use crate::support::{TestServer, http, long_text, request};

/// Asks until the page has this code.
async fn wait_for(server: &TestServer, path: &str, code: u16) {
    while server.page(path).await.0 != code {}
}

#[tokio::test]
async fn it_is_alive_before_it_is_ready() {
    let (load, loaded) = oneshot::channel();
    let server = TestServer::loading(&[], loaded).await;
    assert_eq!(server.page("/livez").await, (200, "alive\n".into()));
    assert_eq!(server.page("/readyz").await, (503, "not ready\n".into()));
    assert!(server.page("/metrics").await.1.contains("parallax_ready 0\n"));
    load.send(()).expect("waiting");
    server.wait_until_serving().await;
    assert_eq!(server.page("/readyz").await, (200, "ready\n".into()));
    assert!(server.page("/metrics").await.1.contains("parallax_ready 1\n"));
}

#[tokio::test]
async fn it_is_not_ready_while_the_model_recovers_from_a_panic() {
    let broken = Arc::new(AtomicBool::new(true));
    let (load, loaded) = oneshot::channel();
    let of_model = Arc::clone(&broken);
    let server = TestServer::reading(&[], loaded, |precision| {
        brittle::engine(precision, move || of_model.load(Ordering::Relaxed))
    })
    .await;
    load.send(()).expect("waiting");
    wait_for(&server, "/readyz", 200).await;
    let failed = server.analyze(request("Two towns argue.")).await.expect_err("broken");
    assert_eq!(failed.code(), Code::Internal);
    wait_for(&server, "/readyz", 503).await;
    let (_, metrics) = server.page("/metrics").await;
    assert!(metrics.contains("parallax_engine_workers_recovering 1\n"), "{metrics}");
    assert!(metrics.contains("parallax_unanswered_total{reason=\"model\"} 1\n"), "{metrics}");
    assert_eq!(server.page("/livez").await.0, 200);
    broken.store(false, Ordering::Relaxed);
    wait_for(&server, "/readyz", 200).await;
    server.analyze(request("Two towns argue.")).await.expect("answer");
}

#[tokio::test]
async fn it_is_not_ready_while_it_drains_and_there_until_the_end() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let call = tokio::spawn(async move { client.analyze_article(request(long_text(8_000))).await });
    while !server.page("/metrics").await.1.contains("parallax_requests_in_flight 1\n") {}
    let admin = server.admin.address();
    let drain = tokio::spawn(server.shut_down());
    let ask = "GET /readyz HTTP/1.1\r\nhost: test\r\n\r\n";
    while http(admin, ask).await.0 != 503 {}
    call.await.expect("task").expect("answer");
    assert_eq!(drain.await.expect("task"), Drain::Clean);
    assert!(TcpStream::connect(admin).await.is_err());
}

#[tokio::test]
async fn the_version_tells_the_build_and_the_models() {
    let server = TestServer::start().await;
    let (code, version) = server.page("/version").await;
    let version: serde_json::Value = serde_json::from_str(&version).expect("JSON");
    assert_eq!(code, 200);
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(version["models"][0]["id"], "parallax-minilm");
    for key in ["revision", "rustc", "libtorch"] {
        assert!(version[key].as_str().is_some_and(|value| !value.is_empty()), "{key}");
    }
}

#[tokio::test]
async fn what_is_no_page_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin.address();
    for path in ["/", "/metrics/", "/debug/pprof", "/readyz/../metrics"] {
        assert_eq!(server.page(path).await.0, 404, "{path}");
    }
    let (code, head, _) = http(admin, "POST /metrics HTTP/1.1\r\nhost: test\r\n\r\n").await;
    assert_eq!(code, 405);
    assert!(head.contains("allow: GET"), "{head}");
    let body = "GET /metrics HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\nhi";
    assert_eq!(http(admin, body).await.0, 413);
    let long = format!("GET /{} HTTP/1.1\r\nhost: test\r\n\r\n", "x".repeat(10_000));
    assert!(matches!(http(admin, &long).await.0, 414 | 431));
    assert_eq!(http(admin, "nonsense\r\n\r\n").await.0, 400);
}

/// With the clock stopped, time passes when nothing else happens.
#[tokio::test(start_paused = true)]
async fn those_who_say_nothing_make_room() {
    let is_ready = Box::new(|| true);
    let pages = AdminPages { metrics: Metrics::default(), is_ready, version: String::new() };
    let admin = Admin::start(([127, 0, 0, 1], 0).into(), pages).await.expect("port");
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(admin.address()).await.expect("connection"));
    }
    let ask = "GET /livez HTTP/1.1\r\nhost: test\r\n\r\n";
    assert_eq!(http(admin.address(), ask).await.0, 200);
    assert_eq!(silent.len(), 40);
}
