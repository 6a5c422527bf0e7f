use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;

/// Certificate and key in PEM, valid up to a year.
fn pem(last_year: i32) -> (String, String) {
    let mut parameters = CertificateParams::new(["localhost".to_owned()]).expect("name");
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(last_year, 1, 1);
    let key = KeyPair::generate().expect("key");
    (parameters.self_signed(&key).expect("certificate").pem(), key.serialize_pem())
}

/// A folder with `server.pem`, `server.key` and `ca.pem`.
fn folder(certificate: &str, key: &str, ca: &str) -> (TempDir, TlsConfig) {
    let folder = tempfile::tempdir().expect("folder");
    let [certificate, key, client_ca] =
        [("server.pem", certificate), ("server.key", key), ("ca.pem", ca)].map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("write");
            path
        });
    let client_certificates = ClientCertificates::Required;
    (folder, TlsConfig { certificate, key, client_ca, client_certificates })
}

fn faults(config: &TlsConfig) -> String {
    crate::violation::join(&load(config).map(drop).expect_err("faults"))
}

#[test]
fn files_that_fit_are_taken() {
    let (certificate, key) = pem(4000);
    let (_folder, config) = folder(&certificate, &key, &certificate);
    load(&config).expect("valid");
}

#[test]
fn every_file_that_is_missing_is_named_with_its_key() {
    let (certificate, key) = pem(4000);
    let (folder, config) = folder(&certificate, &key, &certificate);
    folder.close().expect("removed");
    let faults = faults(&config);
    for (key, file) in
        [("tls.certificate", "server.pem"), ("tls.key", "server.key"), ("tls.client_ca", "ca.pem")]
    {
        assert!(faults.contains(&format!("{key}: ")), "{faults}");
        assert!(faults.contains(&format!("{file} cannot be read")), "{faults}");
    }
}

#[test]
fn what_is_no_pem_is_told_and_not_quoted() {
    let (_folder, config) = folder("words", "-----BEGIN secret", "-----BEGIN CERTIFICATE-----\nä");
    let faults = faults(&config);
    assert!(faults.contains("server.pem holds no certificate in PEM"), "{faults}");
    assert!(faults.contains("server.key holds no private key in PEM"), "{faults}");
    assert!(faults.contains("ca.pem is no valid PEM"), "{faults}");
    assert!(!faults.contains("secret"), "{faults}");
}

#[test]
fn a_key_of_another_certificate_is_told_with_both_files() {
    let ((certificate, _), (_, key)) = (pem(4000), pem(4000));
    let (_folder, config) = folder(&certificate, &key, &certificate);
    let faults = faults(&config);
    assert!(faults.contains("tls.key: "), "{faults}");
    assert!(faults.contains("server.key is not the key of "), "{faults}");
}

#[test]
fn a_certificate_that_has_expired_is_told_with_the_day() {
    let (certificate, key) = pem(2021);
    let (_folder, config) = folder(&certificate, &key, &certificate);
    assert!(faults(&config).contains("server.pem expired at 2021-01-01T00:00:00Z"));
}

#[test]
fn files_that_no_longer_fit_change_nothing() {
    let (certificate, key) = pem(4000);
    let (_folder, config) = folder(&certificate, &key, &certificate);
    let (tls, _watched) = Tls::open(&config).expect("valid").expect("on");
    let current = || Arc::as_ptr(tls.acceptor().config());
    let before = current();
    std::fs::write(&config.certificate, "words").expect("write");
    tls.reload().expect_err("no certificate");
    assert_eq!(current(), before);
    std::fs::write(&config.certificate, &certificate).expect("write");
    tls.reload().expect("valid again");
    assert_ne!(current(), before);
}
