//! Counts and times calls of every service, by method and code.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};
use std::time::Instant;

use http_body::{Body, Frame, SizeHint};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use prost_reflect::{DescriptorPool, ServiceDescriptor};
use tonic::body::Body as AnyBody;
use tonic::codegen::Bytes;
use tonic::{Code, Status};

use crate::grpc::proto::DESCRIPTORS;
use crate::grpc::status::code_name;

/// Bounds of the histogram of durations, in seconds.
const SECONDS: [f64; 14] =
    [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// A method of a service that is served, by its full names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MethodLabels {
    service: String,
    method: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    service: String,
    method: String,
    code: &'static str,
}

/// The methods by their paths. Callers may ask for any path; those that are not here share one label.
static METHODS: LazyLock<HashMap<String, MethodLabels>> = LazyLock::new(|| {
    let sets = [
        DESCRIPTORS,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let pools = sets.into_iter().filter_map(|set| DescriptorPool::decode(set).ok());
    let services = pools.flat_map(|pool| pool.services().collect::<Vec<ServiceDescriptor>>());
    services.flat_map(|service| methods(&service)).collect()
});

fn methods(service: &ServiceDescriptor) -> Vec<(String, MethodLabels)> {
    let methods = service.methods().map(|method| {
        let path = format!("/{}/{}", service.full_name(), method.name());
        let (service, method) = (service.full_name().to_owned(), method.name().to_owned());
        (path, MethodLabels { service, method })
    });
    methods.collect()
}

/// A layer that counts and times calls. Clones share their counts.
#[derive(Debug, Clone)]
pub(in crate::grpc) struct CountCalls {
    finished: Family<CallLabels, Counter>,
    seconds: Family<MethodLabels, Histogram, fn() -> Histogram>,
}

impl Default for CountCalls {
    fn default() -> Self {
        let seconds = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> _);
        Self { finished: Family::default(), seconds }
    }
}

impl CountCalls {
    pub(super) fn register(&self, registry: &mut Registry) {
        let (finished, seconds) = (self.finished.clone(), self.seconds.clone());
        registry.register("requests", "Calls that ended, by method and code", finished);
        let help = "Time from the head of a call to the end of its answer";
        registry.register_with_unit("request_duration", help, Unit::Seconds, seconds);
    }

    /// A call of this path begins.
    fn begin(&self, path: &str) -> OpenCall {
        let other = || MethodLabels { service: "other".into(), method: "other".into() };
        let labels = METHODS.get(path).cloned().unwrap_or_else(other);
        OpenCall { counts: self.clone(), labels, begun: Instant::now(), code: Code::Cancelled }
    }
}

/// A call until its answer is sent, or nobody is there to take it; then it is counted.
#[derive(Debug)]
struct OpenCall {
    counts: CountCalls,
    labels: MethodLabels,
    begun: Instant,
    /// CANCELLED until it is known.
    code: Code,
}

impl OpenCall {
    /// Takes the code from headers or trailers that have it.
    fn note(&mut self, headers: &http::HeaderMap) {
        if let Some(code) = headers.get("grpc-status") {
            self.code = Code::from_bytes(code.as_bytes());
        }
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let MethodLabels { service, method } = self.labels.clone();
        let labels = CallLabels { service, method, code: code_name(self.code) };
        self.counts.finished.get_or_create(&labels).inc();
        let seconds = self.counts.seconds.get_or_create(&self.labels);
        seconds.observe(self.begun.elapsed().as_secs_f64());
    }
}

impl<S> tower::Layer<S> for CountCalls {
    type Service = CountedCalls<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CountedCalls { counts: self.clone(), inner }
    }
}

/// A service whose calls are counted.
#[derive(Debug, Clone)]
pub(in crate::grpc) struct CountedCalls<S> {
    counts: CountCalls,
    inner: S,
}

impl<S, R> tower::Service<http::Request<R>> for CountedCalls<S>
where
    S: tower::Service<http::Request<R>, Response = http::Response<AnyBody>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<R>) -> Self::Future {
        let mut call = self.counts.begin(request.uri().path());
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            // An answer that is nothing but a status has it in its head.
            call.note(response.headers());
            Ok(response.map(|body| AnyBody::new(CountedBody { body, call })))
        })
    }
}

/// The body of an answer; its trailers carry the code.
#[derive(Debug)]
struct CountedBody {
    body: AnyBody,
    call: OpenCall,
}

impl Body for CountedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(trailers) = frame.trailers_ref()
        {
            this.call.note(trailers);
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

    #[test]
    fn the_methods_of_every_service_are_known() {
        for path in [
            "/parallax.v1.AnalysisService/AnalyzeArticles",
            "/grpc.health.v1.Health/Watch",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        ] {
            assert!(METHODS.contains_key(path), "{path}");
        }
    }
}
