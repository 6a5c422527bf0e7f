//! gRPC-Web: what browsers can speak of gRPC, over HTTP/1.1 or HTTP/2.

use std::time::Duration;

use tonic::codegen::http::{HeaderName, HeaderValue, Method, header};
use tonic_web::GrpcWebLayer;
use tower_http::cors::CorsLayer;

use crate::config::ServerConfig;

/// Headers that a page may send: those of gRPC-Web, and those that a call may carry.
const SENT: [HeaderName; 9] = [
    header::CONTENT_TYPE,
    header::AUTHORIZATION,
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-user-agent"),
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-request-id"),
];
/// Headers of a reply that a page may read. An error without a message has its status there.
const READ: [HeaderName; 4] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
    HeaderName::from_static("x-request-id"),
];
/// How long a browser may remember what it was allowed: two hours, the most that Chromium takes.
const REMEMBERED: Duration = Duration::from_secs(7200);

/// Turns calls of gRPC-Web into calls of gRPC, when it is configured. Other requests over HTTP/1.1 are answered 400.
pub(super) fn translation(config: &ServerConfig) -> Option<GrpcWebLayer> {
    config.grpc_web.then(GrpcWebLayer::new)
}

/// Tells browsers that pages of the configured origins may call, when gRPC-Web is configured.
pub(super) fn cross_origin(config: &ServerConfig) -> Option<CorsLayer> {
    // The origins were checked with the rest of the configuration.
    let origins =
        config.grpc_web_origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok());
    config.grpc_web.then(|| {
        CorsLayer::new()
            .allow_origin(origins.collect::<Vec<_>>())
            .allow_methods([Method::POST])
            .allow_headers(SENT)
            .expose_headers(READ)
            .max_age(REMEMBERED)
    })
}
