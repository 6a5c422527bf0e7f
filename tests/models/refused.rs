//! What `pull` refuses, and what refuses it.

use std::fs::File;

use parallax::model::{ModelStore, NumberFormat, PullRequest, Token};
use tempfile::TempDir;

use crate::hub::{Fault, TestHub};
use crate::pull::{quietly, request};
use crate::support::{files, folder, names};

/// The error of a pull with a request that is changed first.
fn error(hub: &TestHub, store: &TempDir, change: impl FnOnce(&mut PullRequest)) -> String {
    let mut request = request(hub, store.path(), 2);
    change(&mut request);
    quietly(&request).expect_err("refused").to_string()
}

fn hub_and_store() -> (TestHub, TempDir) {
    (TestHub::new(&files()), TempDir::new().expect("store"))
}

#[test]
fn a_corrupt_file_is_found_and_deleted() {
    let (hub, store) = hub_and_store();
    hub.fail("model.safetensors", Fault::Corrupt);
    let problem = error(&hub, &store, |_| {});
    assert!(problem.starts_with("model.safetensors: has "), "{problem}");
    assert!(problem.ends_with("it was deleted"), "{problem}");
    quietly(&request(&hub, store.path(), 1)).expect("anew");
    assert_eq!(hub.ranges("model.safetensors"), [None, None]);
    ModelStore::open(store.path()).expect("verified");
}

#[test]
fn a_small_corrupt_file_is_found_by_gits_hash() {
    let (hub, store) = hub_and_store();
    hub.fail("config.json", Fault::Corrupt);
    let problem = error(&hub, &store, |_| {});
    assert!(problem.starts_with("config.json: has "), "{problem}");
}

#[test]
fn the_token_goes_to_the_hub_alone() {
    let (hub, store) = hub_and_store();
    hub.require("hf_secret");
    let problem = error(&hub, &store, |_| {});
    assert!(problem.contains("status 401: the repository is gated: accept its terms"), "{problem}");
    let problem = error(&hub, &store, |request| {
        request.token = Some(Token::new("hf_other").expect("token"));
    });
    assert!(problem.contains("the token gives no access"), "{problem}");
    let mut request = request(&hub, store.path(), 1);
    request.token = Some(Token::new("hf_secret").expect("token"));
    assert!(!format!("{request:?}").contains("secret"));
    quietly(&request).expect("pulled");
    let seen = hub.seen();
    let elsewhere: Vec<_> = seen.iter().filter(|seen| !seen.on_hub).collect();
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].header("authorization"), None);
}

#[test]
fn unknown_things_are_told_apart() {
    let (hub, store) = hub_and_store();
    let problem = error(&hub, &store, |request| request.repository = "ada/nothing".into());
    assert!(problem.contains("status 404: no such repository or revision"), "{problem}");
    let problem = error(&hub, &store, |request| request.revision = Some("v9".into()));
    assert!(problem.contains("the repository has no such revision"), "{problem}");
    hub.fail("config.json", Fault::Status(403, ""));
    let problem = error(&hub, &store, |_| {});
    assert!(problem.contains("status 403: the repository is gated"), "{problem}");
}

#[test]
fn a_hub_that_is_busy_for_long_is_given_up() {
    let (hub, store) = hub_and_store();
    hub.fail("/revision/main", Fault::Status(429, "retry-after: 3600\r\n"));
    let problem = error(&hub, &store, |_| {});
    assert!(problem.contains("status 429, asks for 3600 seconds"), "{problem}");
    for _ in 0..2 {
        hub.fail("/revision/main", Fault::Status(503, ""));
    }
    let problem = error(&hub, &store, |_| {});
    assert!(problem.ends_with("status 503; gave up after 2 attempts"), "{problem}");
}

#[test]
fn offline_asks_nobody() {
    let (hub, store) = hub_and_store();
    let problem = error(&hub, &store, |request| request.offline = true);
    assert!(problem.starts_with("offline: "), "{problem}");
    assert!(hub.seen().is_empty());
}

#[test]
fn what_cannot_be_run_is_refused_before_its_weights_are_fetched() {
    let mut all = files();
    all[0].1 = br#"{"model_type":"gpt2","architectures":["GPT2LMHeadModel"]}"#.into();
    let (hub, store) = (TestHub::new(&all), TempDir::new().expect("store"));
    let problem = error(&hub, &store, |_| {});
    assert!(problem.contains("architecture gpt2 is none of bart, t5"), "{problem}");
    assert!(hub.ranges("model.safetensors").is_empty());
    all[0].1 = br#"{"model_type":"bart","architectures":["BartForSequenceClassification"],
        "id2label":{"0":"contradiction","1":"entailment"}}"#
        .into();
    let (hub, store) = (TestHub::new(&all), TempDir::new().expect("store"));
    let problem = error(&hub, &store, |request| request.numbers = Some(NumberFormat::Int8));
    assert!(problem.contains("bart does not serve entailment with int8"), "{problem}");
    assert!(hub.ranges("model.safetensors").is_empty());
    let (hub, store) = (TestHub::new(&all[..2]), TempDir::new().expect("store"));
    let problem = error(&hub, &store, |_| {});
    assert!(problem.contains("has no weights; tried model.safetensors, "), "{problem}");
}

#[test]
fn a_folder_of_another_source_is_left_alone() {
    let (hub, store) = hub_and_store();
    folder(store.path(), "small-bart", &files());
    let problem = error(&hub, &store, |_| {});
    assert!(problem.contains("is there already: remove it, or give another --id"), "{problem}");
    quietly(&PullRequest { id: Some("mine".into()), ..request(&hub, store.path(), 1) })
        .expect("under another id");
    assert_eq!(names(store.path()), ["mine", "small-bart"]);
}

#[test]
fn unsafe_names_never_reach_the_network() {
    let (hub, store) = hub_and_store();
    for repository in ["../etc", "a/b/c", "", "a//b", "https://hub.example/a"] {
        let problem = error(&hub, &store, |request| request.repository = repository.into());
        assert!(problem.contains("is no repository"), "{problem}");
    }
    let problem = error(&hub, &store, |request| request.id = Some("../up".into()));
    assert!(problem.contains("\"../up\" is no id"), "{problem}");
    assert!(hub.seen().is_empty());
}

#[test]
fn one_process_at_a_time_pulls_a_checkpoint() {
    let (hub, store) = hub_and_store();
    let place = folder(store.path(), ".pull-small-bart", &[]);
    let other = File::open(place).expect("folder");
    other.try_lock().expect("lock");
    let problem = error(&hub, &store, |_| {});
    assert!(problem.ends_with("another pull of it is under way"), "{problem}");
}
