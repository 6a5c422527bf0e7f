//! What a hub says about a repository and its files.

use std::collections::BTreeSet;

use serde::Deserialize;
use ureq::http::Method;
use url::Url;

use super::client::{Client, Failure, protocol, text};
use super::error::FetchError;
use crate::model::Provenance;

/// Longest description of a repository, in bytes.
const DESCRIPTION: u64 = 32 << 20;

/// Where a hub is.
#[derive(Debug, Clone)]
pub struct Hub(pub(super) Url);

impl Hub {
    /// A hub by its address, such as `https://huggingface.co`.
    ///
    /// # Errors
    /// When it is no address of http or https.
    pub fn new(address: &str) -> Result<Self, FetchError> {
        let wrong = || FetchError::Request(format!("\"{address}\" is no http(s) address of a hub"));
        let url = Url::parse(address).map_err(|_| wrong())?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(Self(url))
        } else {
            Err(wrong())
        }
    }

    /// An address within the hub.
    pub(super) fn at<'p>(&self, parts: impl IntoIterator<Item = &'p str>) -> Url {
        let mut url = self.0.clone();
        // An http address has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }
}

/// A repository at a commit.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    /// Commit, 40 hex digits.
    pub(super) commit: String,
    /// Names of the files at its root.
    pub(super) names: BTreeSet<String>,
    /// SPDX licence id; empty when nobody said.
    pub(super) licence: String,
    /// ISO 639-1 codes.
    pub(super) languages: Vec<String>,
}

impl Repository {
    /// What a manifest says about a checkpoint of it.
    pub(super) fn provenance(self, source: String) -> Provenance {
        let (revision, licence, languages) = (self.commit, self.licence, self.languages);
        Provenance { source, revision, licence, languages, ..Provenance::default() }
    }
}

/// The parts of the hub's description that are used.
#[derive(Debug, Deserialize)]
struct Description {
    sha: Option<String>,
    #[serde(default)]
    siblings: Vec<Sibling>,
    #[serde(rename = "cardData")]
    card: Option<Card>,
}

#[derive(Debug, Deserialize)]
struct Sibling {
    rfilename: String,
}

#[derive(Debug, Deserialize)]
struct Card {
    license: Option<OneOrMore>,
    language: Option<OneOrMore>,
}

/// Cards have one name, or a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::More(names) => names,
        }
    }
}

/// Asks which commit a revision is, and what it holds.
pub(super) fn repository(client: &Client, url: &Url) -> Result<Repository, FetchError> {
    let description: Description = client.persist(url, |_| {
        let mut answer = client.ask(&Method::GET, url, 0)?;
        let body = answer.last.body_mut().with_config().limit(DESCRIPTION).read_to_vec();
        let body = body.map_err(Failure::passing)?;
        Ok(serde_json::from_slice(&body).map_err(|error| protocol(url, &error.to_string()))?)
    })?;
    let commit = description.sha.filter(|sha| is_hex(sha, 40));
    let commit = commit.ok_or_else(|| protocol(url, "the answer names no commit"))?;
    let (licence, language) = description.card.map(|card| (card.license, card.language)).unzip();
    let list = |names: Option<Option<OneOrMore>>| {
        names.flatten().map(OneOrMore::into_vec).unwrap_or_default()
    };
    Ok(Repository {
        commit,
        names: description.siblings.into_iter().map(|sibling| sibling.rfilename).collect(),
        licence: list(licence).iter().map(|id| spdx(id)).collect::<Vec<_>>().join(" AND "),
        languages: list(language),
    })
}

/// A hub's licence id as an SPDX id.
fn spdx(id: &str) -> String {
    const KNOWN: [&str; 14] = [
        "AFL-3.0",
        "AGPL-3.0",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC-BY-4.0",
        "CC-BY-NC-4.0",
        "CC-BY-NC-SA-4.0",
        "CC-BY-SA-4.0",
        "CC0-1.0",
        "GPL-3.0",
        "LGPL-3.0",
        "MIT",
        "MPL-2.0",
    ];
    let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(id));
    known.map_or_else(|| format!("LicenseRef-{id}"), |&known| known.to_owned())
}

/// What the hub says about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RemoteFile {
    /// Its name.
    pub(super) name: String,
    /// Its address, at the commit.
    pub(super) url: Url,
    /// Size in bytes.
    pub(super) bytes: u64,
    /// The mark of its content.
    pub(super) etag: String,
}

/// Asks for size and mark of a file.
pub(super) fn remote_file(client: &Client, name: &str, url: Url) -> Result<RemoteFile, FetchError> {
    let answer = client.persist(&url, |_| client.ask(&Method::HEAD, &url, 0))?;
    let header = |linked: &str, plain: &str| match text(&answer.hub, linked) {
        "" => text(&answer.hub, plain).to_owned(),
        value => value.to_owned(),
    };
    let bytes = header("x-linked-size", "content-length").parse();
    let bytes = bytes.map_err(|_| protocol(&url, "the answer gives no size"))?;
    let etag = header("x-linked-etag", "etag");
    let etag = etag.trim_start_matches("W/").trim_matches('"').to_owned();
    if !is_hex(&etag, 40) && !is_hex(&etag, 64) {
        return Err(protocol(
            &url,
            "the answer gives no sha256 (x-linked-etag) and no git sha1 (etag)",
        ));
    }
    Ok(RemoteFile { name: name.to_owned(), url, bytes, etag })
}

/// Whether a text is a hash of so many hex digits.
fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_hubs_path_and_encode_parts() {
        let hub = Hub::new("https://mirror.example/hf/").expect("address");
        let url = hub.at(["api", "models", "a", "b", "revision", "refs/pr/1"]);
        let expected = "https://mirror.example/hf/api/models/a/b/revision/refs%2Fpr%2F1";
        assert_eq!(url.as_str(), expected);
    }

    #[test]
    fn other_addresses_are_no_hub() {
        for address in ["huggingface.co", "ftp://hub.example", "file:///etc", ""] {
            assert!(Hub::new(address).is_err(), "{address}");
        }
    }

    #[test]
    fn licences_have_their_spdx_names() {
        assert_eq!(spdx("apache-2.0"), "Apache-2.0");
        assert_eq!(spdx("openrail"), "LicenseRef-openrail");
    }
}
