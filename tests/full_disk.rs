//! A server whose log cannot be written serves on.

#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::fs::File;
use std::net::TcpListener;
use std::process::{Child, Command};

use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analysis_service_client::AnalysisServiceClient;
use tonic::Code;

/// Ends with the test, however that ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _code = self.0.wait();
    }
}

/// A port that was free just now: the log that would name it is lost.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("port");
    listener.local_addr().expect("address").port()
}

#[tokio::test]
async fn a_full_disk_takes_the_log_and_nothing_else() {
    let address = format!("127.0.0.1:{}", free_port());
    let full = File::options().write(true).open("/dev/full").expect("device");
    let process = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(["serve", "--listen", &address])
        .env("PARALLAX__TELEMETRY__LOG_LEVEL", "debug")
        .env_remove("PARALLAX_CONFIG")
        .stderr(full)
        .spawn();
    let mut server = Server(process.expect("start"));

    let article = v1::Article { text: "A bridge fell on Monday.".into(), ..Default::default() };
    let request = v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
    // Refused until the port is bound, UNAVAILABLE until the model is loaded.
    let reply = loop {
        assert!(server.0.try_wait().expect("status").is_none(), "the server ended");
        let Ok(mut client) = AnalysisServiceClient::connect(format!("http://{address}")).await
        else {
            continue;
        };
        match client.analyze_article(request.clone()).await {
            Err(status) if status.code() == Code::Unavailable => {}
            outcome => break outcome.expect("answer").into_inner(),
        }
    };
    assert_eq!(reply.summary.expect("summary").text, "A bridge fell on Monday.");

    let id = server.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    // The connection is closed by a task of this thread, so that it must not be blocked.
    let code = tokio::task::spawn_blocking(move || server.0.wait()).await.expect("task");
    assert!(code.expect("code").success(), "a clean drain");
}
