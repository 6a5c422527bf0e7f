//! The section `[telemetry]`.

use serde::{Deserialize, Serialize};

use crate::violation::Violation;

/// Logs and traces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Level or filter.
    pub log_level: String,
    /// For people or machines.
    pub log_format: LogFormat,
    /// Collector of traces, for example `http://127.0.0.1:4317`; empty for no traces.
    pub otlp_endpoint: String,
    /// Share of the traces beginning here that are sampled, 0 to 1.
    pub trace_ratio: f64,
}

/// For whom logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// People.
    Text,
    /// Machines: one JSON object a line.
    Json,
}

impl TelemetryConfig {
    /// Where traces are sent, if they are.
    pub fn otlp_endpoint(&self) -> Option<&str> {
        Some(self.otlp_endpoint.as_str()).filter(|endpoint| !endpoint.is_empty())
    }

    /// What is wrong with the values.
    pub(super) fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.log_level) {
            violations.push(Violation::new("telemetry.log_level", error.to_string()));
        }
        if let Some(endpoint) = self.otlp_endpoint().filter(|endpoint| !is_endpoint(endpoint)) {
            let problem = format!("is http://HOST:PORT, got \"{endpoint}\"");
            violations.push(Violation::new("telemetry.otlp_endpoint", problem));
        }
        if !(0.0..=1.0).contains(&self.trace_ratio) {
            let problem = format!("is between 0 and 1, got {}", self.trace_ratio);
            violations.push(Violation::new("telemetry.trace_ratio", problem));
        }
        violations
    }
}

/// Without TLS: a collector stands beside the server.
fn is_endpoint(endpoint: &str) -> bool {
    endpoint
        .parse::<http::Uri>()
        .is_ok_and(|uri| uri.scheme() == Some(&http::uri::Scheme::HTTP) && uri.port().is_some())
}
