//! Encryption: certificate and key from files, read anew when they change.

mod certificate;

use std::path::Path;
use std::sync::{Arc, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{Error, RootCertStore, ServerConfig};

use super::reload::Watched;
use crate::config::{ClientCertificates, TlsConfig};
use crate::violation::Violation;

pub(super) use certificate::name_of;

/// What is spoken over TLS.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Encryption as the files have it. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Tls {
    files: Arc<TlsConfig>,
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

impl Tls {
    /// Reads the files; None when the configuration names none.
    pub(super) fn open(config: &TlsConfig) -> Result<Option<(Self, Watched)>, Vec<Violation>> {
        if !config.is_on() {
            return Ok(None);
        }
        let files = [&config.certificate, &config.key, &config.client_ca];
        let set = files.into_iter().filter(|file| !file.as_os_str().is_empty());
        // Before they are read: what changes from now on is seen.
        let watched = Watched::new(set.cloned().collect());
        let current = Arc::new(RwLock::new(Arc::new(load(config)?)));
        Ok(Some((Self { files: Arc::new(config.clone()), current }, watched)))
    }

    /// Reads the files anew; new connections get what they hold. When they do not fit, all stays as it
    /// is.
    pub(super) fn reload(&self) -> Result<(), Vec<Violation>> {
        let new = Arc::new(load(&self.files)?);
        *self.current.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = new;
        Ok(())
    }

    /// For the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        TlsAcceptor::from(Arc::clone(&current))
    }
}

fn load(config: &TlsConfig) -> Result<ServerConfig, Vec<Violation>> {
    let chain = certificates("tls.certificate", &config.certificate).and_then(not_expired(config));
    let key = private_key(&config.key);
    let roots = match config.client_certificates {
        ClientCertificates::None => Ok(None),
        _ => authorities(&config.client_ca).map(Some),
    };
    match (chain, key, roots) {
        (Ok(chain), Ok(key), Ok(roots)) => {
            assemble(config, chain, key, roots).map_err(|violation| vec![violation])
        }
        (chain, key, roots) => {
            Err([chain.err(), key.err(), roots.err()].into_iter().flatten().collect())
        }
    }
}

/// Puts the parts together; TLS 1.3 is taken where the caller has it.
fn assemble(
    config: &TlsConfig,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    roots: Option<RootCertStore>,
) -> Result<ServerConfig, Violation> {
    let provider = Arc::new(ring::default_provider());
    let verifier = match roots {
        None => WebPkiClientVerifier::no_client_auth(),
        Some(roots) => {
            let builder =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            let builder = match config.client_certificates {
                ClientCertificates::Required => builder,
                _ => builder.allow_unauthenticated(),
            };
            let failed = |error| bad_file("tls.client_ca", &config.client_ca, error);
            builder.build().map_err(failed)?
        }
    };
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| Violation::new("tls", error.to_string()))?
        .with_client_cert_verifier(verifier);
    let mut server = builder.with_single_cert(chain, key).map_err(|error| match error {
        Error::InconsistentKeys(_) => {
            let problem = format!("is not the key of {}", config.certificate.display());
            bad_file("tls.key", &config.key, problem)
        }
        Error::InvalidCertificate(problem) => {
            let problem = format!("holds a certificate that cannot be read: {problem:?}");
            bad_file("tls.certificate", &config.certificate, problem)
        }
        other => bad_file("tls.key", &config.key, format!("cannot be used: {other}")),
    })?;
    server.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(server)
}

fn bad_file(key: &str, file: &Path, problem: impl std::fmt::Display) -> Violation {
    Violation::new(key, format!("{} {problem}", file.display()))
}

/// The text of a file.
fn read(key: &str, file: &Path) -> Result<Vec<u8>, Violation> {
    std::fs::read(file).map_err(|error| bad_file(key, file, format!("cannot be read: {error}")))
}

/// All certificates of a PEM file: at least one.
fn certificates(key: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, Violation> {
    let pem = read(key, file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(bad_file(key, file, "holds no certificate in PEM")),
        // What the parser says may quote the file.
        Err(_) => Err(bad_file(key, file, "is no valid PEM")),
    }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Violation> {
    let pem = read("tls.key", file)?;
    // What the parser says may quote the file, and this one is secret.
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| bad_file("tls.key", file, "holds no private key in PEM"))
}

fn authorities(file: &Path) -> Result<RootCertStore, Violation> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("tls.client_ca", file)? {
        roots.add(certificate).map_err(|error| {
            let problem = format!("holds a certificate that cannot be read: {error}");
            bad_file("tls.client_ca", file, problem)
        })?;
    }
    Ok(roots)
}

type Chain = Vec<CertificateDer<'static>>;

/// Passes a chain on whose first certificate holds; no caller takes one that has expired.
fn not_expired(config: &TlsConfig) -> impl Fn(Chain) -> Result<Chain, Violation> + '_ {
    |chain| match chain.first().and_then(certificate::expired_at) {
        None => Ok(chain),
        Some(time) => {
            Err(bad_file("tls.certificate", &config.certificate, format!("expired at {time}")))
        }
    }
}

#[cfg(test)]
mod tests;
