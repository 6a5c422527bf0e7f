//! What a client of a server shows and trusts.

use std::fmt;
use std::path::{Path, PathBuf};

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};
use tonic::{Request, Status};

use crate::violation::Violation;

/// What a client of a server shows and trusts. The default shows nothing and trusts the authorities
/// of the system.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// PEM file with the authorities to trust in place of the system's.
    pub ca_certificate: Option<PathBuf>,
    /// PEM files with a certificate to show and its private key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The API key.
    pub api_key: Option<SecretKey>,
}

/// An API key that was given.
#[derive(Clone)]
pub struct SecretKey(String);

impl SecretKey {
    /// A key without the white space around it.
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey")
    }
}

impl Credentials {
    /// Whom to trust and what to show when the connection is encrypted.
    pub(super) fn tls(&self) -> Result<ClientTlsConfig, Violation> {
        let trust = match &self.ca_certificate {
            Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(file)?)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        Ok(match &self.identity {
            Some((certificate, key)) => {
                trust.identity(Identity::from_pem(read(certificate)?, read(key)?))
            }
            None => trust,
        })
    }

    /// What adds the key to calls.
    pub(super) fn show_key(&self) -> Result<ShowKey, Violation> {
        let header = |key: &SecretKey| {
            if key.0.is_empty() {
                return Err(Violation::new("API key", "is empty"));
            }
            let value = MetadataValue::try_from(format!("Bearer {}", key.0));
            let mut value =
                value.map_err(|_| Violation::new("API key", "is not printable ASCII"))?;
            value.set_sensitive(true);
            Ok(value)
        };
        self.api_key.as_ref().map(header).transpose().map(ShowKey)
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Violation> {
    std::fs::read(file)
        .map_err(|error| Violation::new(file.display().to_string(), error.to_string()))
}

/// Adds the API key, if there is one, to every call.
#[derive(Debug, Clone)]
pub(super) struct ShowKey(Option<MetadataValue<Ascii>>);

impl Interceptor for ShowKey {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(key) = &self.0 {
            request.metadata_mut().insert("authorization", key.clone());
        }
        Ok(request)
    }
}
