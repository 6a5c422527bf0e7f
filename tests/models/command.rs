//! The commands as they are called from a shell.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::hub::{COMMIT, REPOSITORY, TestHub};
use crate::support::{files, folder, names};

fn models(store: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(["models", "--directory"])
        .arg(store)
        .args(arguments)
        .env_remove("PARALLAX_CONFIG")
        .env_remove("HF_TOKEN")
        .env_remove("HF_HUB_OFFLINE")
        .envs(environment.iter().copied())
        .output()
        .expect("start")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_checkpoint_is_pulled_listed_and_verified() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    hub.require("hf_secret");
    let address = hub.address();
    let repository = format!("{REPOSITORY}@main");
    let environment = [("HF_ENDPOINT", address.as_str()), ("HF_TOKEN", "hf_secret")];
    let output = models(store.path(), &["pull", &repository], &environment);
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stdout).contains(&format!("revision {COMMIT}")), "{output:?}");
    let list = models(store.path(), &["list"], &[]);
    let listed = text(&list.stdout);
    for words in [
        &format!("small-bart  version {COMMIT}  1 MB on disk  1 MB of weights in memory"),
        "licence Apache-2.0",
        &format!("summary by bart, en; from {address}/{REPOSITORY}"),
        "parallax-minilm",
    ] {
        assert!(listed.contains(words), "{words} is not in {listed}");
    }
    let verified = text(&models(store.path(), &["verify"], &[]).stdout);
    assert!(verified.contains("small-bart: all files are what the manifest says"), "{verified}");
}

#[test]
fn offline_comes_from_the_environment() {
    let (store, hub) = (TempDir::new().expect("store"), TestHub::new(&files()));
    let address = hub.address();
    let environment = [("HF_ENDPOINT", address.as_str()), ("HF_HUB_OFFLINE", "1")];
    let output = models(store.path(), &["pull", REPOSITORY], &environment);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("offline: "), "{output:?}");
    assert!(hub.seen().is_empty());
}

#[test]
fn a_folder_is_imported_under_an_id() {
    let directory = TempDir::new().expect("directory");
    let source = folder(directory.path(), "My Model", &files());
    let store = folder(directory.path(), "store", &[]);
    let source = source.to_str().expect("path");
    let output = models(&store, &["import", source], &[]);
    assert!(text(&output.stderr).contains("\"My Model\" is no id"), "{output:?}");
    let output = models(&store, &["import", source, "--id", "mine", "--licence", "MIT"], &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(names(&store), ["mine"]);
}

#[test]
fn a_store_with_a_wrong_folder_fails_the_command() {
    let store = TempDir::new().expect("store");
    folder(store.path(), "empty", &[]);
    let output = models(store.path(), &["list"], &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("empty: has no configuration"), "{output:?}");
}

#[test]
fn a_directory_that_is_not_there_is_a_configuration_error() {
    let output = models(Path::new("/no/such/place"), &["list"], &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("models.directory: \"/no/such/place\""), "{output:?}");
}
