//! The program itself, serving in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;

/// `parallax serve` on free ports, with its admin port.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    head: String,
    rest: JoinHandle<String>,
}

impl Program {
    /// Starts it with these variables and waits until it serves.
    pub(crate) fn serve(variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parallax"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .env_remove("PARALLAX_CONFIG")
            .env("PARALLAX__ADMIN__LISTEN", "127.0.0.1:0")
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr"));
        let (mut head, mut addresses) = (String::new(), Vec::new());
        loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).expect("line") > 0, "it ended: {head}");
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            head.push_str(&line);
            match event["message"].as_str() {
                Some("listening; loading the model" | "the admin port listens") => {
                    let address = event["address"].as_str().expect("address");
                    addresses.push(address.parse().expect("address"));
                }
                Some("serving") => break,
                _ => {}
            }
        }
        let rest = std::thread::spawn(move || {
            let lines = lines.lines().map(|line| line.expect("line") + "\n");
            lines.collect()
        });
        let [address, admin] = addresses.try_into().expect("two ports");
        Self { child, address, admin, head, rest }
    }

    /// Ends it as an orchestrator does; returns how it ended and what it logged.
    pub(crate) fn terminate(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
        let status = self.child.wait().expect("end");
        (status, self.head + &self.rest.join().expect("log"))
    }
}
