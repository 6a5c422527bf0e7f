//! Certificates, made for one test.

use std::path::PathBuf;

use parallax::config::Override;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

/// An authority that signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

/// A certificate and its key, in PEM.
pub(crate) struct Signed {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("key");
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).expect("certificate").pem();
        Self { issuer: Issuer::new(parameters, key), pem }
    }

    /// A certificate for the server under test.
    pub(crate) fn server(&self) -> Signed {
        self.sign(CertificateParams::new(["localhost".to_owned()]).expect("name"))
    }

    /// A certificate for a caller of this name.
    pub(crate) fn caller(&self, name: &str) -> Signed {
        self.sign(named(name))
    }

    /// One whose time is over.
    pub(crate) fn expired_caller(&self, name: &str) -> Signed {
        let mut parameters = named(name);
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(2021, 1, 1);
        self.sign(parameters)
    }

    fn sign(&self, parameters: CertificateParams) -> Signed {
        let key = KeyPair::generate().expect("key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("certificate").pem();
        Signed { certificate, key: key.serialize_pem() }
    }

    /// What a client trusts that trusts this authority.
    pub(crate) fn trusted(&self) -> ClientTlsConfig {
        let trust = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&self.pem));
        trust.domain_name("localhost")
    }
}

fn named(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters
}

impl Signed {
    /// What a client shows that shows this certificate.
    pub(crate) fn identity(&self) -> Identity {
        Identity::from_pem(&self.certificate, &self.key)
    }
}

/// A folder with the files of a configuration.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file; returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("write");
        self.path(name).to_str().expect("UTF-8").to_owned()
    }

    /// Writes certificate and key of a server; returns what the configuration says of them.
    pub(crate) fn server(&self, signed: &Signed) -> Vec<Override> {
        let certificate = self.write("server.pem", &signed.certificate);
        let key = self.write("server.key", &signed.key);
        vec![("tls.certificate", certificate), ("tls.key", key)]
    }

    /// Writes the authority of callers; returns what the configuration says of it.
    pub(crate) fn client_ca(&self, authority: &Authority, asked: &str) -> Vec<Override> {
        let file = self.write("clients.pem", &authority.pem);
        vec![("tls.client_ca", file), ("tls.client_certificates", asked.to_owned())]
    }

    /// Writes the file with the callers; returns what the configuration says of it.
    pub(crate) fn callers(&self, toml: &str) -> Vec<Override> {
        vec![("auth.keys_file", self.write("callers.toml", toml))]
    }
}
