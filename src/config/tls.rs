//! `[tls]`: encryption, and certificates of callers.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::violation::Violation;

/// Transport security; off while `certificate` is empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file with the server's certificate and those between it and its authority.
    pub certificate: PathBuf,
    /// PEM file with the certificate's private key.
    pub key: PathBuf,
    /// PEM file with the authorities whose certificates callers may show.
    pub client_ca: PathBuf,
    /// Whether callers show one.
    pub client_certificates: ClientCertificates,
}

/// Whether callers show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificates {
    /// They are not asked for one.
    None,
    /// They may; one that does not hold ends the connection.
    Optional,
    /// They must.
    Required,
}

impl TlsConfig {
    /// Whether calls come over TLS.
    pub fn is_on(&self) -> bool {
        is_set(&self.certificate)
    }

    pub(super) fn violations(&self) -> Vec<Violation> {
        let asked = self.client_certificates != ClientCertificates::None;
        let rules = [
            ("tls.key", self.is_on() && !is_set(&self.key), "is required with tls.certificate"),
            ("tls.certificate", is_set(&self.key) && !self.is_on(), "is required with tls.key"),
            (
                "tls.client_ca",
                asked && !is_set(&self.client_ca),
                "is required to check the certificates that tls.client_certificates asks for",
            ),
            (
                "tls.client_certificates",
                is_set(&self.client_ca) && !asked,
                "is \"optional\" or \"required\" where tls.client_ca is set, got \"none\"",
            ),
            (
                "tls.client_certificates",
                asked && !self.is_on(),
                "needs tls.certificate: certificates of callers come over TLS",
            ),
        ];
        let broken = rules.into_iter().filter(|(_, broken, _)| *broken);
        broken.map(|(key, _, problem)| Violation::new(key, problem)).collect()
    }
}

/// An empty path stands for none.
fn is_set(path: &Path) -> bool {
    !path.as_os_str().is_empty()
}
