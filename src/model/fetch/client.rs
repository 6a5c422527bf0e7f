//! Requests to a hub and to where it redirects: the program's only network client.

use std::fmt;
use std::time::Duration;

use ureq::Agent;
use ureq::http::header::{ACCEPT_ENCODING, AUTHORIZATION, LOCATION, RANGE, RETRY_AFTER};
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig};
use url::Url;

use super::backoff::Backoff;
use super::error::{FetchError, Refusal, io_at};

/// Redirects of one request that are followed.
const REDIRECTS: usize = 8;
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(20);
/// Longest wait for the next bytes.
const STALL: Duration = Duration::from_secs(60);

/// A secret that the hub knows a caller by. Its value is never shown.
#[derive(Clone)]
pub struct Token(HeaderValue);

impl Token {
    /// A token as the hub gave it out.
    ///
    /// # Errors
    /// When it holds characters that no header may have.
    pub fn new(token: &str) -> Result<Self, FetchError> {
        let value = HeaderValue::try_from(format!("Bearer {}", token.trim()));
        let mut value = value
            .map_err(|_| FetchError::Request("the token holds a forbidden character".into()))?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// A client of one hub.
pub(super) struct Client {
    agent: Agent,
    endpoint: Url,
    token: Option<Token>,
    backoff: Backoff,
}

/// An answer, and the headers of the hub's part in it.
pub(super) struct Answer {
    /// Status, headers and body of the last hop.
    pub(super) last: Response<ureq::Body>,
    /// Headers of the hub's own last answer, before it sent the request to another host.
    pub(super) hub: HeaderMap,
}

/// How an attempt failed.
pub(super) enum Failure {
    /// Another attempt may succeed; not before the hub's `Retry-After`.
    Passing {
        problem: String,
        after: Option<Duration>,
    },
    Final(FetchError),
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::Final(error)
    }
}

impl Failure {
    /// A cut connection and the like.
    pub(super) fn passing(problem: impl fmt::Display) -> Self {
        Self::Passing { problem: problem.to_string(), after: None }
    }
}

impl Client {
    /// A client that trusts the certificates of `SSL_CERT_FILE` where that is set, else Mozilla's.
    pub(super) fn new(
        endpoint: Url,
        token: Option<Token>,
        backoff: Backoff,
    ) -> Result<Self, FetchError> {
        let tls = TlsConfig::builder().root_certs(root_certificates()?).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(STALL))
            .user_agent(concat!("parallax/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        Ok(Self { agent: config.new_agent(), endpoint, token, backoff })
    }

    /// Does something until it succeeds, fails for good, or was tried often enough. An attempt is given a mark of
    /// progress; when it moves, the count begins anew.
    pub(super) fn persist<T>(
        &self,
        url: &Url,
        mut attempt: impl FnMut(&mut bool) -> Result<T, Failure>,
    ) -> Result<T, FetchError> {
        let mut failed = 0;
        loop {
            let mut progress = false;
            let (problem, after) = match attempt(&mut progress) {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing { problem, after }) => (problem, after),
            };
            failed = if progress { 1 } else { failed + 1 };
            let Some(wait) = self.backoff.after(failed, after) else {
                let (url, attempts) = (url.to_string(), failed);
                return Err(FetchError::Unreachable { url, problem, attempts });
            };
            tracing::warn!(%url, problem, wait_ms = wait.as_millis() as u64, "trying again");
            std::thread::sleep(wait);
        }
    }

    /// Asks once, and follows redirects: within the hub for any method, to other hosts for bodies alone, and then
    /// without the token.
    pub(super) fn ask(
        &self,
        method: &Method,
        url: &Url,
        range_from: u64,
    ) -> Result<Answer, Failure> {
        let mut url = url.clone();
        let mut hub = None;
        for _ in 0..REDIRECTS {
            let ours = url.origin() == self.endpoint.origin();
            let last = self.ask_hop(method, &url, range_from, ours)?;
            if ours {
                hub = Some(last.headers().clone());
            }
            let next = match last.headers().get(LOCATION) {
                Some(location) if last.status().is_redirection() => joined(&url, location)?,
                _ => {
                    return check(
                        &url,
                        last,
                        hub.unwrap_or_default(),
                        ours && self.token.is_some(),
                    );
                }
            };
            let leaves = next.origin() != self.endpoint.origin();
            if method == Method::HEAD && leaves {
                return Ok(Answer { last, hub: hub.unwrap_or_default() });
            }
            url = next;
        }
        Err(protocol(&url, "redirects without end").into())
    }

    fn ask_hop(
        &self,
        method: &Method,
        url: &Url,
        range_from: u64,
        ours: bool,
    ) -> Result<Response<ureq::Body>, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if range_from > 0 {
            request = request.header(RANGE, format!("bytes={range_from}-"));
        }
        if let Some(token) = self.token.as_ref().filter(|_| ours) {
            request = request.header(AUTHORIZATION, token.0.clone());
        }
        let request = request.body(()).map_err(|error| protocol(url, &error.to_string()))?;
        self.agent.run(request).map_err(|error| match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                protocol(url, &error.to_string()).into()
            }
            // A certificate that is not trusted, for one.
            ureq::Error::Io(ref io) if io.kind() == std::io::ErrorKind::InvalidData => {
                protocol(url, &error.to_string()).into()
            }
            error => Failure::passing(error),
        })
    }
}

/// An answer that is no redirect.
fn check(
    url: &Url,
    last: Response<ureq::Body>,
    hub: HeaderMap,
    with_token: bool,
) -> Result<Answer, Failure> {
    let status = last.status();
    if status.is_success() || status == 416 {
        return Ok(Answer { last, hub });
    }
    if status == 429 || status == 408 || status.is_server_error() {
        let seconds = text(last.headers(), RETRY_AFTER.as_str()).parse().ok();
        let after = seconds.map(Duration::from_secs);
        let asked = seconds.map(|seconds| format!(", asks for {seconds} seconds"));
        let problem = format!("status {}{}", status.as_u16(), asked.unwrap_or_default());
        return Err(Failure::Passing { problem, after });
    }
    let code = text(last.headers(), "x-error-code").to_owned();
    let refusal = Refusal { url: url.to_string(), status: status.as_u16(), code, with_token };
    Err(FetchError::Refused(refusal).into())
}

/// Where a redirect leads; never from TLS to plain text.
fn joined(from: &Url, location: &HeaderValue) -> Result<Url, FetchError> {
    let next = location.to_str().ok().and_then(|location| from.join(location).ok());
    let next = next.ok_or_else(|| protocol(from, "redirects to no address"))?;
    if from.scheme() == "https" && next.scheme() != "https" {
        return Err(protocol(from, "redirects from https to plain text"));
    }
    Ok(next)
}

/// A header as text, empty without one.
pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The error for an answer that breaks the protocol.
pub(super) fn protocol(url: &Url, problem: &str) -> FetchError {
    FetchError::Protocol { url: url.to_string(), problem: problem.to_owned() }
}

fn root_certificates() -> Result<RootCerts, FetchError> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let path = std::path::Path::new(&path);
    let pem = std::fs::read(path).map_err(io_at(path))?;
    let certificates: Vec<_> = ureq::tls::parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        let problem = format!("SSL_CERT_FILE: {} holds no certificate", path.display());
        return Err(FetchError::Request(problem));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(from: &str, location: &'static str) -> Result<String, String> {
        let from = Url::parse(from).expect("address");
        let next = joined(&from, &HeaderValue::from_static(location));
        next.map(String::from).map_err(|error| error.to_string())
    }

    #[test]
    fn redirects_may_be_relative() {
        let next = to("https://hub.example/a/b", "/cache/c?x=1").expect("address");
        assert_eq!(next, "https://hub.example/cache/c?x=1");
    }

    #[test]
    fn redirects_never_leave_tls() {
        let problem = to("https://hub.example/a", "http://hub.example/a").expect_err("plain");
        assert!(problem.contains("redirects from https to plain text"), "{problem}");
        assert!(to("https://hub.example/a", "http://[").is_err());
    }
}
