//! The layer in front of all services that asks who calls.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::{Layer, Service};

use super::caller::{CallPlace, KnownCaller, Visitor};
use super::{Callers, Refusal};
use crate::grpc::connection::Peer;
use crate::grpc::proto::v1::analysis_service_server::AnalysisServiceServer;
use crate::violation::shortened;

/// The other header for a key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// What is open to everybody: those who ask are machines that keep the server running.
const OPEN: &str = "/grpc.health.v1.Health/";
/// Method whose articles are counted rather than its calls.
const STREAM: &str = "AnalyzeArticles";

/// Lets a call in when its caller may. Notes the [`Visitor`] in the request.
#[derive(Debug, Clone)]
pub(in crate::grpc) struct Door {
    callers: Option<Callers>,
}

impl Door {
    /// Open to everybody when there are no callers.
    pub(in crate::grpc) fn new(callers: Option<Callers>) -> Self {
        Self { callers }
    }

    fn admit(&self, request: &mut Request<Body>) -> Result<CallPlace, Refusal> {
        let peer = request.extensions().get::<Peer>().cloned();
        let certificate = peer.and_then(|peer| peer.certificate);
        let path = request.uri().path();
        let Some(callers) = self.callers.as_ref().filter(|_| !path.starts_with(OPEN)) else {
            request.extensions_mut().insert(Visitor::named(certificate));
            return Ok(None);
        };
        let is_request = !is_stream(path);
        let caller = identify(callers, request.headers(), certificate)?;
        let place = caller.admit(is_request, Instant::now())?;
        // No one behind the door has a use for the key.
        request.headers_mut().remove(AUTHORIZATION);
        request.headers_mut().remove(API_KEY);
        request.extensions_mut().insert(Visitor::known(caller));
        Ok(place)
    }
}

fn is_stream(path: &str) -> bool {
    let method = path.strip_prefix('/').and_then(|path| path.split_once('/'));
    method == Some((<AnalysisServiceServer<Infallible> as NamedService>::NAME, STREAM))
}

/// A key decides where one is given, else the certificate.
fn identify(
    callers: &Callers,
    headers: &HeaderMap,
    certificate: Option<Arc<str>>,
) -> Result<Arc<KnownCaller>, Refusal> {
    match (key(headers)?, certificate) {
        (Some([]), _) => Err(Refusal::EmptyKey),
        (Some(key), _) => callers.by_key(key),
        (None, Some(name)) => callers.by_certificate(&name),
        (None, None) => Err(Refusal::NoKey),
    }
}

/// The key of a call: the authorization's, else that of the other header.
fn key(headers: &HeaderMap) -> Result<Option<&[u8]>, Refusal> {
    let Some(authorization) = headers.get(AUTHORIZATION) else {
        return Ok(headers.get(API_KEY).map(|value| value.as_bytes().trim_ascii()));
    };
    let value = authorization.as_bytes().trim_ascii();
    let (scheme, key) = value.split_at_checked("Bearer".len()).ok_or(Refusal::NotBearer)?;
    let separated = key.is_empty() || key.starts_with(b" ");
    match scheme.eq_ignore_ascii_case(b"Bearer") && separated {
        true => Ok(Some(key.trim_ascii())),
        false => Err(Refusal::NotBearer),
    }
}

impl<S> Layer<S> for Door {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { door: self.clone(), inner }
    }
}

/// Services behind the door.
#[derive(Debug, Clone)]
pub(in crate::grpc) struct Guarded<S> {
    door: Door,
    inner: S,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.door.admit(&mut request) {
            Ok(place) => {
                let reply = self.inner.call(request);
                Box::pin(async move { Ok(reply.await?.map(|body| HeldBody::holding(body, place))) })
            }
            Err(refusal) => {
                let status = refuse(&request, refusal);
                Box::pin(async move { Ok(status.into_http()) })
            }
        }
    }
}

fn refuse(request: &Request<Body>, refusal: Refusal) -> Status {
    let address =
        request.extensions().get::<Peer>().map(|peer| tracing::field::display(peer.address));
    let method = shortened(request.uri().path());
    let problem = refusal.to_string();
    let status = Status::from(refusal);
    tracing::info!(code = ?status.code(), address, method, problem, "call refused");
    status
}

/// The body of a reply, which holds the call's place until its end.
struct HeldBody {
    body: Body,
    place: CallPlace,
}

impl HeldBody {
    fn holding(body: Body, place: CallPlace) -> Body {
        match place {
            Some(_) if !body.is_end_stream() => Body::new(Self { body, place }),
            _ => body,
        }
    }
}

impl http_body::Body for HeldBody {
    type Data = <Body as http_body::Body>::Data;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Status>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(frame) = &polled {
            let goes_on = matches!(frame, Some(Ok(frame)) if frame.is_data());
            if !goes_on {
                // Free before the caller knows, so that the next call finds it.
                self.place = None;
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_in(header: &'static str, value: &'static str) -> Result<Option<Vec<u8>>, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header, value.parse().expect("value"));
        key(&headers).map(|key| key.map(<[u8]>::to_vec))
    }

    #[test]
    fn a_key_comes_in_either_header() {
        for (header, value) in [
            ("authorization", "Bearer secret"),
            ("authorization", "bearer  secret "),
            ("x-api-key", "secret"),
        ] {
            assert_eq!(key_in(header, value), Ok(Some(b"secret".to_vec())), "{header}: {value}");
        }
    }

    #[test]
    fn an_empty_key_is_a_key_that_nobody_has() {
        for (header, value) in
            [("authorization", "Bearer"), ("authorization", "Bearer "), ("x-api-key", "")]
        {
            assert_eq!(key_in(header, value), Ok(Some(Vec::new())), "{header}: {value}");
        }
    }

    #[test]
    fn other_kinds_of_authorization_are_told() {
        for value in ["", "Basic c2VjcmV0", "secret", "Bearersecret", "Bear"] {
            assert_eq!(key_in("authorization", value), Err(Refusal::NotBearer), "{value}");
        }
    }

    #[test]
    fn only_the_stream_of_articles_pays_for_its_parts() {
        assert!(is_stream("/parallax.v1.AnalysisService/AnalyzeArticles"));
        assert!(!is_stream("/parallax.v1.AnalysisService/AnalyzeArticle"));
        assert!(!is_stream("/other.Service/AnalyzeArticles"));
    }
}
