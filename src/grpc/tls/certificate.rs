//! What a certificate says.

use std::time::SystemTime;

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{DirectoryString, GeneralName};

/// The name a certificate gives its owner: the subject's common name, else the first DNS name or
/// URI. None when it has none that is text.
pub(in crate::grpc) fn name_of(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let body = certificate.tbs_certificate();
    let common = body.subject().common_name().ok().flatten().and_then(text);
    common.filter(|name| !name.is_empty()).or_else(|| {
        let (_critical, names) = body.get_extension::<SubjectAltName>().ok().flatten()?;
        names.0.iter().find_map(|name| match name {
            GeneralName::DnsName(name) | GeneralName::UniformResourceIdentifier(name) => {
                Some(name.as_str().to_owned())
            }
            _ => None,
        })
    })
}

fn text(name: DirectoryString) -> Option<String> {
    match name {
        DirectoryString::Utf8String(name) => Some(name),
        DirectoryString::PrintableString(name) => Some(name.as_str().to_owned()),
        // Encodings of the last century: the alternative names are tried.
        _ => None,
    }
}

/// When a certificate expired, in UTC; None while it holds, or when it cannot be read: the TLS library
/// then has the last word.
pub(super) fn expired_at(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let end = certificate.tbs_certificate().validity().not_after;
    (end.to_system_time() < SystemTime::now()).then(|| end.to_date_time().to_string())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    fn named(common: Option<&str>, alternatives: Vec<SanType>) -> Option<String> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        if let Some(name) = common {
            parameters.distinguished_name.push(DnType::CommonName, name);
        }
        parameters.subject_alt_names = alternatives;
        let key = KeyPair::generate().expect("key");
        name_of(parameters.self_signed(&key).expect("certificate").der())
    }

    #[test]
    fn the_common_name_comes_first_then_dns_and_uri() {
        let dns = || SanType::DnsName("archive.example".try_into().expect("name"));
        let uri = || SanType::URI("spiffe://example/monitor".try_into().expect("URI"));
        assert_eq!(named(Some("newsroom"), vec![dns()]).as_deref(), Some("newsroom"));
        assert_eq!(named(None, vec![dns(), uri()]).as_deref(), Some("archive.example"));
        assert_eq!(named(Some(""), vec![uri()]).as_deref(), Some("spiffe://example/monitor"));
        assert_eq!(named(None, Vec::new()), None);
    }

    #[test]
    fn what_is_no_certificate_has_no_name() {
        assert_eq!(name_of(&CertificateDer::from(b"words".to_vec())), None);
    }
}
