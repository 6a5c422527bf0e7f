//! A server as a process.

#![allow(dead_code, reason = "not every test uses everything")]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

/// A server process on a port of the loopback; killed when it is dropped.
pub(crate) struct Server {
    process: Child,
    log: BufReader<ChildStderr>,
    port: Option<u16>,
}

impl Server {
    /// On a free port.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::on(0, options)
    }

    /// On this port.
    pub(crate) fn on(port: u16, options: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_parallax"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .args(options)
            .env_remove("PARALLAX_CONFIG")
            .stderr(Stdio::piped())
            .spawn()
            .expect("start");
        let log = BufReader::new(process.stderr.take().expect("stderr"));
        Self { process, log, port: None }
    }

    /// Its port, from the log.
    pub(crate) fn port(&mut self) -> u16 {
        if let Some(port) = self.port {
            return port;
        }
        let line = self.line_with("listening; loading the model");
        let (_, address) = line.split_once("address=127.0.0.1:").expect("address");
        let port = address.split(' ').next().expect("port").parse().expect("number");
        *self.port.insert(port)
    }

    /// Where it is asked without TLS.
    pub(crate) fn url(&mut self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// The first line of the log with these words.
    pub(crate) fn line_with(&mut self, words: &str) -> String {
        let lines = (&mut self.log).lines().map(|line| line.expect("log"));
        lines.into_iter().find(|line| line.contains(words)).expect("line")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("kill");
        self.process.wait().expect("ended");
    }
}
