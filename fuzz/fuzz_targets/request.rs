//! Any bytes are a request that is read, or a status that names what is wrong and fits into the headers of a reply.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use parallax::config::Config;
use parallax::contest::Catalog;
use parallax::grpc::AnalyzerSetup;
use parallax::grpc::proto::v1::AnalyzeArticleRequest;
use parallax::model::Bundle;
use prost::Message;
use tonic::Status;

/// What clients take of headers, less what others need of it.
const MOST_IN_HEADERS: usize = 7 << 10;

static SETUP: LazyLock<AnalyzerSetup> = LazyLock::new(|| {
    let config = Config::load(None, Some(Default::default()), &[]).expect("config");
    let catalog = Catalog::built_in().expect("contests");
    AnalyzerSetup::new(config, catalog, Bundle::embedded().expect("bundle")).expect("setup")
});

fuzz_target!(|data: &[u8]| {
    let Ok(request) = AnalyzeArticleRequest::decode(data) else { return };
    match SETUP.read(request) {
        Ok(document) => {
            for sentence in &document.sentences {
                assert!(!sentence.span.slice(&document.text).is_empty());
            }
        }
        Err(error) => {
            let status = Status::from(error);
            assert!(!status.message().is_empty());
            // The details travel in base64, what is no ASCII in the message as three for each byte.
            let message: usize =
                status.message().bytes().map(|byte| if byte.is_ascii() { 1 } else { 3 }).sum();
            let size = status.details().len() * 4 / 3 + message;
            assert!(size <= MOST_IN_HEADERS, "{size} bytes of headers");
        }
    }
});
