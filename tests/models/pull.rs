//! What `pull` does when all goes well, and when connections do not last.

use std::path::Path;
use std::time::Duration;

use parallax::model::{
    Backoff, FetchError, Hub, ModelStore, NumberFormat, PullEvent, PullRequest, Pulled, pull,
};
use safetensors::tensor::Dtype;
use tempfile::TempDir;

use crate::hub::{COMMIT, Fault, REPOSITORY, TestHub};
use crate::support::{BART, files, fixture, names, weights};

/// A request for the hub's repository that tries again at once, up to `attempts` times.
pub(crate) fn request(hub: &TestHub, store: &Path, attempts: u32) -> PullRequest {
    let (first, longest) = (Duration::ZERO, Duration::from_secs(5));
    PullRequest {
        hub: Hub::new(&hub.address()).expect("address"),
        repository: REPOSITORY.into(),
        revision: None,
        id: None,
        numbers: None,
        store: store.into(),
        token: None,
        offline: false,
        backoff: Backoff { attempts, first, longest },
    }
}

pub(crate) fn quietly(request: &PullRequest) -> Result<Pulled, FetchError> {
    pull(request, &mut |_| {})
}

#[test]
fn a_repository_becomes_a_checkpoint_of_the_store() {
    let (store, mut all) = (TempDir::new().expect("store"), files());
    all.push(("README.md", b"not needed".into()));
    let hub = TestHub::new(&all);
    hub.watch(store.path().into());
    let Pulled::New(stored) = quietly(&request(&hub, store.path(), 1)).expect("pulled") else {
        panic!("it was there");
    };
    assert_eq!(stored.checkpoint.licence, "Apache-2.0");
    assert_eq!(stored.checkpoint.languages, ["en"]);
    assert_eq!(stored.checkpoint.version, COMMIT);
    assert_eq!(stored.source, format!("{}/{REPOSITORY}", hub.address()));
    let expected = ["config.json", "manifest.toml", "model.safetensors", "tokenizer.json"];
    assert_eq!(names(&store.path().join("small-bart")), expected);
    assert_eq!(names(store.path()), ["small-bart"]);
    let opened = ModelStore::open(store.path()).expect("verified");
    assert_eq!(opened.checkpoints["small-bart"], stored);
    assert!(hub.seen().iter().all(|seen| seen.visible.is_empty()), "half of it could be seen");
}

#[test]
fn progress_ends_at_the_total() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    let (mut total, mut done, mut complete) = (0, 0, false);
    pull(&request(&hub, store.path(), 1), &mut |event| match event {
        PullEvent::Total(bytes) => total = bytes,
        PullEvent::Done(bytes) => done = bytes,
        PullEvent::Complete => complete = true,
        PullEvent::File(_) => {}
    })
    .expect("pulled");
    assert_eq!((done, complete), (total, true));
    assert_eq!(total, weights(Dtype::F32).len() as u64);
}

#[test]
fn an_interrupted_pull_goes_on_where_it_was() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    hub.fail("model.safetensors", Fault::Cut(3000));
    let error = quietly(&request(&hub, store.path(), 1)).expect_err("cut").to_string();
    assert!(error.contains("gave up after 1 attempts"), "{error}");
    assert_eq!(names(store.path()), [".pull-small-bart"]);
    assert!(ModelStore::open(store.path()).expect("empty").checkpoints.is_empty());
    quietly(&request(&hub, store.path(), 1)).expect("the rest");
    let ranges = hub.ranges("model.safetensors");
    assert_eq!(ranges, [None, Some("bytes=3000-".to_owned())]);
    assert_eq!(hub.ranges("config.json").len(), 1, "complete files are not fetched again");
    assert_eq!(names(store.path()), ["small-bart"]);
}

#[test]
fn a_cut_connection_is_mended_within_one_pull() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    hub.fail("model.safetensors", Fault::Cut(1000));
    hub.fail("model.safetensors", Fault::Cut(5000));
    quietly(&request(&hub, store.path(), 3)).expect("pulled");
    let expected = [None, Some("bytes=1000-".to_owned()), Some("bytes=6000-".to_owned())];
    assert_eq!(hub.ranges("model.safetensors"), expected);
}

#[test]
fn a_host_that_gives_no_parts_begins_anew() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    hub.fail("model.safetensors", Fault::Cut(1000));
    hub.fail("model.safetensors", Fault::Whole);
    quietly(&request(&hub, store.path(), 2)).expect("pulled");
    ModelStore::open(store.path()).expect("verified");
}

#[test]
fn busy_hubs_are_asked_again() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    hub.fail("/revision/main", Fault::Status(429, "retry-after: 0\r\n"));
    hub.fail("config.json", Fault::Status(503, ""));
    hub.fail("model.safetensors", Fault::Status(500, ""));
    quietly(&request(&hub, store.path(), 2)).expect("pulled");
}

#[test]
fn weights_of_python_are_converted() {
    let pickle = std::fs::read(fixture("zip.bin")).expect("fixture");
    let all = [
        ("config.json", BART.into()),
        ("vocab.json", b"{}".into()),
        ("merges.txt", b"#version".into()),
        ("pytorch_model.bin", pickle),
    ];
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&all));
    quietly(&request(&hub, store.path(), 1)).expect("pulled");
    let expected =
        ["config.json", "manifest.toml", "merges.txt", "model.safetensors", "vocab.json"];
    assert_eq!(names(&store.path().join("small-bart")), expected);
}

#[test]
fn shards_are_fetched_by_their_index() {
    let index = r#"{"weight_map":{"a":"model-1-of-2.safetensors","b":"model-2-of-2.safetensors"}}"#;
    let all = [
        ("config.json", BART.into()),
        ("spiece.model", b"pieces".into()),
        ("model.safetensors.index.json", index.into()),
        ("model-1-of-2.safetensors", weights(Dtype::F32)),
        ("model-2-of-2.safetensors", weights(Dtype::BF16)),
    ];
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&all));
    let Pulled::New(stored) = quietly(&request(&hub, store.path(), 1)).expect("pulled") else {
        panic!("it was there");
    };
    assert_eq!(stored.checkpoint.files.weights.len(), 2);
}

#[test]
fn what_is_there_is_verified_and_not_fetched_again() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    quietly(&request(&hub, store.path(), 1)).expect("pulled");
    let requests = hub.seen().len();
    let again = quietly(&request(&hub, store.path(), 1)).expect("there");
    assert!(matches!(again, Pulled::Present(_)));
    assert_eq!(hub.seen().len(), requests + 1, "the revision alone is asked for");
    let offline = PullRequest { offline: true, ..request(&hub, store.path(), 1) };
    assert!(matches!(quietly(&offline).expect("there"), Pulled::Present(_)));
    assert_eq!(hub.seen().len(), requests + 1);
    let numbers = Some(NumberFormat::Int8);
    let other = quietly(&PullRequest { numbers, ..request(&hub, store.path(), 1) });
    let problem = other.expect_err("it computes with others").to_string();
    assert!(problem.contains("computes with f32: change its manifest"), "{problem}");
}

#[test]
fn a_revision_may_have_slashes() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    let revision = Some("refs/pr/1".to_owned());
    quietly(&PullRequest { revision, ..request(&hub, store.path(), 1) }).expect("pulled");
}
