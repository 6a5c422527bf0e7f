//! Configuration: compiled-in default, then a file, then the environment, then flags.
//!
//! Values out of range are reported all at once, and everything before a port is bound.

mod admin;
mod auth;
mod models;
mod origin;
mod range;
mod server;
mod telemetry;
mod tls;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use admin::AdminConfig;
pub use models::ModelsConfig;
pub use telemetry::{LogFormat, TelemetryConfig};

use crate::contest::ContestLimits;
use crate::model::Precision;
use crate::violation::{Violation, join};
use range::out_of_range;

pub use auth::AuthConfig;
pub use server::ServerConfig;
pub use tls::{ClientCertificates, TlsConfig};

/// The documented defaults.
pub const DEFAULT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/default.toml"));

/// Prefix of environment variables; levels are separated by two underscores.
const ENVIRONMENT_PREFIX: &str = "PARALLAX";

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source cannot be read, or has an unknown key or a value of the wrong type.
    #[error("configuration: {0}")]
    Source(#[from] config::ConfigError),
    /// Values are out of range.
    #[error("configuration: {}", join(.0))]
    Invalid(Vec<Violation>),
}

/// Everything an operator can set. The keys are documented in `config/default.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The gRPC server.
    pub server: ServerConfig,
    /// Encryption, and certificates of callers.
    pub tls: TlsConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// What requests may ask for.
    pub limits: LimitsConfig,
    /// Defaults of an analysis.
    pub analysis: AnalysisConfig,
    /// The model's share of the machine.
    pub engine: EngineConfig,
    /// Replies that are kept.
    pub cache: CacheConfig,
    /// Public checkpoints.
    pub models: ModelsConfig,
    /// The admin port.
    pub admin: AdminConfig,
    /// Logs and traces.
    pub telemetry: TelemetryConfig,
}

/// What requests may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Code points of a text.
    pub max_article_code_points: usize,
    /// Sentences of a text.
    pub max_article_sentences: usize,
    /// Requests in the house at once.
    pub max_requests_in_flight: usize,
    /// Articles of one stream in flight at once.
    pub max_stream_in_flight: usize,
    /// Articles of one comparison.
    pub max_compared_articles: usize,
    /// Aliases, people and claims of one party, each.
    pub max_party_entries: usize,
    /// Third parties of a contest.
    pub max_third_parties: usize,
    /// Sentences of a summary.
    pub max_summary_sentences: usize,
    /// Labels of one request.
    pub max_labels: usize,
    /// Sentences of an article times the statements that are tested against them.
    pub max_entailment_pairs: usize,
}

/// Defaults of an analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisConfig {
    /// Contest of requests that name none.
    pub default_contest: String,
    /// Sentences of a summary when the request does not say.
    pub default_summary_sentences: usize,
    /// Directory of contest files; empty for none.
    pub contests_directory: PathBuf,
}

/// The model's share of the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineConfig {
    /// Threads; 0 for all cores that the process may use.
    pub threads: usize,
    /// Most tokens of a batch; with floats padding counts too.
    pub batch_tokens: usize,
    /// Number format of the encoder's matrix products.
    pub precision: Precision,
}

/// Replies that are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheConfig {
    /// Bytes of all replies together; 0 for none.
    pub max_bytes: usize,
}

/// A value set by a flag: key and value, for example `server.listen`.
pub type Override = (&'static str, String);

impl Config {
    /// Reads all layers and checks the outcome. `environment` replaces the process's variables in
    /// tests.
    ///
    /// # Errors
    /// The first source that cannot be read, or all values that are out of range.
    pub fn load(
        file: Option<&Path>,
        environment: Option<config::Map<String, String>>,
        overrides: &[Override],
    ) -> Result<Self, ConfigError> {
        let environment = config::Environment::with_prefix(ENVIRONMENT_PREFIX)
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("server.grpc_web_origins")
            .source(environment);
        let mut layers = config::Config::builder()
            .add_source(config::File::from_str(DEFAULT, config::FileFormat::Toml));
        if let Some(file) = file {
            layers = layers.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        layers = layers.add_source(environment);
        for (key, value) in overrides {
            layers = layers.set_override(*key, value.as_str())?;
        }
        let config: Self = layers.build()?.try_deserialize()?;
        let violations = config.violations();
        if violations.is_empty() { Ok(config) } else { Err(ConfigError::Invalid(violations)) }
    }

    fn violations(&self) -> Vec<Violation> {
        let limits = &self.limits;
        let ranges = [
            ("limits.max_article_code_points", limits.max_article_code_points, 1, 100_000_000),
            ("limits.max_article_sentences", limits.max_article_sentences, 1, 10_000_000),
            ("limits.max_requests_in_flight", limits.max_requests_in_flight, 1, 100_000),
            ("limits.max_stream_in_flight", limits.max_stream_in_flight, 1, 100_000),
            ("limits.max_compared_articles", limits.max_compared_articles, 2, 64),
            ("limits.max_party_entries", limits.max_party_entries, 1, 10_000),
            ("limits.max_third_parties", limits.max_third_parties, 0, 1_000),
            ("limits.max_summary_sentences", limits.max_summary_sentences, 1, 1_000),
            ("limits.max_labels", limits.max_labels, 1, 10_000),
            ("limits.max_entailment_pairs", limits.max_entailment_pairs, 1, 10_000_000),
            (
                "analysis.default_summary_sentences",
                self.analysis.default_summary_sentences,
                1,
                limits.max_summary_sentences,
            ),
            ("engine.threads", self.engine.threads, 0, 1_024),
            ("engine.batch_tokens", self.engine.batch_tokens, 1, 1 << 20),
            ("models.batch_tokens", self.models.batch_tokens, 1, 1 << 20),
            ("cache.max_bytes", self.cache.max_bytes, 0, 1 << 40),
        ];
        let ranges = ranges
            .into_iter()
            .filter_map(|(key, value, least, most)| out_of_range(key, value, least, most));
        let mut violations = self.server.violations(self.tls.is_on());
        violations.extend(self.tls.violations());
        violations.extend(ranges);
        violations.extend(self.models.violations());
        violations.extend(self.telemetry.violations());
        violations
    }

    /// How large a contest that a request brings may be.
    pub fn contest_limits(&self) -> ContestLimits {
        ContestLimits {
            party_entries: self.limits.max_party_entries,
            third_parties: self.limits.max_third_parties,
        }
    }

    /// Threads for the model: as set, else the cores that the process may use, cgroup quotas and
    /// CPU affinity respected.
    pub fn engine_threads(&self) -> usize {
        match self.engine.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Option<config::Map<String, String>> {
        Some(pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn the_default_is_valid() {
        let config = Config::load(None, variables(&[]), &[]).expect("valid");
        assert_eq!(config.analysis.default_contest, "us-russia");
    }

    #[test]
    fn later_layers_win() {
        let mut file = tempfile::NamedTempFile::new().expect("file");
        write!(
            file,
            "[server]\nlisten = \"127.0.0.1:1\"\ndrain_timeout_ms = 5\n[engine]\nthreads = 3\n"
        )
        .expect("write");
        let environment = variables(&[
            ("PARALLAX__SERVER__LISTEN", "127.0.0.1:2"),
            ("PARALLAX__ENGINE__THREADS", "7"),
        ]);
        let flags = [("server.listen", "127.0.0.1:3".to_owned())];
        let config = Config::load(Some(file.path()), environment, &flags).expect("valid");
        assert_eq!(config.server.listen.port(), 3);
        assert_eq!(config.engine.threads, 7);
        assert_eq!(config.server.drain_timeout_ms, 5);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let environment = variables(&[("PARALLAX__SERVER__COLOUR", "red")]);
        let error = Config::load(None, environment, &[]).expect_err("unknown").to_string();
        assert!(error.contains("colour"), "{error}");
    }

    #[test]
    fn plaintext_stays_on_loopback_unless_it_is_allowed() {
        let listen = ("PARALLAX__SERVER__LISTEN", "0.0.0.0:50051");
        let error = Config::load(None, variables(&[listen]), &[]).expect_err("exposed").to_string();
        assert!(error.contains("server.listen: 0.0.0.0:50051 is not loopback"), "{error}");
        let allowed = ("PARALLAX__SERVER__ALLOW_PLAINTEXT", "true");
        Config::load(None, variables(&[listen, allowed]), &[]).expect("allowed");
        let certificate = ("PARALLAX__TLS__CERTIFICATE", "server.pem");
        let key = ("PARALLAX__TLS__KEY", "server.key");
        Config::load(None, variables(&[listen, certificate, key]), &[]).expect("encrypted");
    }

    #[test]
    fn parts_of_tls_do_not_stand_alone() {
        let refused = |pairs: &[(&str, &str)], field: &str| {
            let error = Config::load(None, variables(pairs), &[]).expect_err(field).to_string();
            assert!(error.contains(&format!("{field}: ")), "{error}");
        };
        refused(&[("PARALLAX__TLS__CERTIFICATE", "server.pem")], "tls.key");
        refused(&[("PARALLAX__TLS__KEY", "server.key")], "tls.certificate");
        refused(&[("PARALLAX__TLS__CLIENT_CERTIFICATES", "optional")], "tls.client_ca");
        refused(&[("PARALLAX__TLS__CLIENT_CA", "ca.pem")], "tls.client_certificates");
    }

    #[test]
    fn all_values_out_of_range_are_reported() {
        let environment = variables(&[
            ("PARALLAX__LIMITS__MAX_REQUESTS_IN_FLIGHT", "0"),
            ("PARALLAX__TELEMETRY__LOG_LEVEL", "parallax=loud"),
            ("PARALLAX__TELEMETRY__OTLP_ENDPOINT", "https://collector:4317"),
            ("PARALLAX__TELEMETRY__TRACE_RATIO", "1.5"),
            ("PARALLAX__SERVER__GRPC_WEB_ORIGINS", "https://a.example,*"),
        ]);
        let error = Config::load(None, environment, &[]).expect_err("invalid").to_string();
        assert!(error.contains("limits.max_requests_in_flight: is between 1"), "{error}");
        assert!(error.contains("server.grpc_web_origins[1]: is like"), "{error}");
        for key in ["telemetry.log_level", "telemetry.otlp_endpoint", "telemetry.trace_ratio"] {
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn the_admin_port_is_off_unless_it_has_an_address() {
        let listen = |value: &str| {
            let environment = variables(&[("PARALLAX__ADMIN__LISTEN", value)]);
            Config::load(None, environment, &[]).map(|config| config.admin.listen)
        };
        assert_eq!(listen("").expect("valid"), None);
        assert_eq!(
            listen("[::1]:9464").expect("valid"),
            Some(([0, 0, 0, 0, 0, 0, 0, 1], 9464).into())
        );
        let error = listen("localhost").expect_err("no port").to_string();
        assert!(error.contains("admin.listen"), "{error}");
    }
}
