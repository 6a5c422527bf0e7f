//! The program as it is called from a shell.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod process;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use process::Server;
use serde_json::Value;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

fn parallax(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(arguments)
        .env_remove("PARALLAX_CONFIG")
        .env_remove("PARALLAX_API_KEY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start");
    let mut stdin = child.stdin.take().expect("stdin");
    // A program that refuses its arguments does not read its input.
    let _refused = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("output")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn json_lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn an_article_is_analysed_for_people() {
    let article = format!("{FIXTURES}/articles/us_nato.txt");
    let output = parallax(&["analyze", &article], "");
    let out = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    for words in ["Summary", "Stance (us-russia)", "Evidence", "American envoy"] {
        assert!(out.contains(words), "{words} is missing in {out}");
    }
}

#[test]
fn standard_input_and_json() {
    let output =
        parallax(&["analyze", "--format", "json", "--max-sentences", "1"], "A bridge fell.");
    let reply: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(reply["articleId"], "-");
    assert_eq!(reply["summary"]["sentences"][0]["text"], "A bridge fell.");
}

#[test]
fn lines_are_answered_in_order_and_a_bad_one_carries_its_status() {
    let contest = r#"{"id":"dam","sides":[{"id":"up","aliases":["Upland"]},{"id":"down","aliases":["Lowland"]}]}"#;
    let input = format!(
        "{}\n{}\n\n{}\n{}\n",
        r#"{"id":"short","title":"A bridge","text":"The bridge fell on Monday.","source":"x"}"#,
        "not json",
        r#"{"article":{"id":"empty"}}"#,
        format_args!(
            r#"{{"article":{{"id":"own","text":"Upland blames Lowland."}},"contest":{contest}}}"#
        ),
    );
    let output = parallax(&["analyze", "--jsonl"], &input);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["articleId"], "short");
    assert_eq!(lines[0]["stance"]["contestId"], "us-russia");
    assert_eq!(lines[1]["error"]["code"], 3);
    assert_eq!(lines[2]["articleId"], "empty");
    assert_eq!(lines[2]["error"]["details"][0]["fieldViolations"][0]["field"], "article.text");
    assert_eq!(lines[3]["stance"]["contestId"], "dam");
}

#[test]
fn integers_and_floats_tell_the_same_story() {
    let article = std::fs::read_to_string(format!("{FIXTURES}/articles/russia.txt"));
    let request = serde_json::json!({
        "article": { "text": article.expect("fixture") }, "output": { "includeSentences": true },
    });
    let reply = |precision: &str| {
        let mut config = tempfile::NamedTempFile::new().expect("file");
        writeln!(config, "[engine]\nprecision = \"{precision}\"").expect("write");
        let path = config.path().to_str().expect("path");
        let output = parallax(&["analyze", "--jsonl", "--config", path], &request.to_string());
        json_lines(&output).swap_remove(0)
    };
    let [integers, floats] = ["int8", "f32"].map(reply);
    assert_eq!(integers["provenance"]["models"][0]["precision"], "int8");
    assert_eq!(floats["provenance"]["models"][0]["precision"], "f32");
    let score = |reply: &Value| reply["stance"]["framing"]["score"].as_f64().expect("score");
    assert!((score(&integers) - score(&floats)).abs() < 0.1, "{integers}");
    assert_eq!(integers["stance"]["framing"]["label"], "russia");
    let sentences = integers["document"]["sentences"].as_array().expect("sentences");
    assert!(sentences.iter().any(|sentence| sentence["framingSide"] == "russia"), "{integers}");
}

#[test]
fn a_contest_file_is_a_contest() {
    let contest = format!("{FIXTURES}/contests/dam.toml");
    let article = format!("{FIXTURES}/articles/dam_karsova.txt");
    let output = parallax(&["analyze", "--format", "json", "--contest", &contest, &article], "");
    let reply: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(reply["stance"]["contestId"], "upstream-downstream-dam");
    assert_eq!(reply["provenance"]["framingHead"], "any");
}

#[test]
fn the_models_are_verified() {
    let output = parallax(&["models", "verify"], "");
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stdout).contains("all files are what the manifest says"));
}

#[test]
fn a_bad_configuration_is_told_whole_before_anything_starts() {
    let mut file = tempfile::NamedTempFile::new().expect("file");
    write!(file, "[limits]\nmax_requests_in_flight = 0\n[engine]\nbatch_tokens = 0\n")
        .expect("write");
    let path = file.path().to_str().expect("path");
    let output = parallax(&["serve", "--config", path], "");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let error = text(&output.stderr);
    assert!(error.contains("limits.max_requests_in_flight"), "{error}");
    assert!(error.contains("engine.batch_tokens"), "{error}");
}

#[test]
fn check_config_prints_what_is_in_force() {
    let output = parallax(&["check-config", "--log-level", "debug"], "");
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stdout).contains("log_level = \"debug\""));
}

#[test]
fn an_unknown_default_contest_is_a_configuration_error() {
    let mut file = tempfile::NamedTempFile::new().expect("file");
    write!(file, "[analysis]\ndefault_contest = \"cats-dogs\"\n").expect("write");
    let output = parallax(&["check-config", "--config", file.path().to_str().expect("path")], "");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("known: us-russia"));
}

#[test]
fn a_log_that_nobody_reads_does_not_stop_the_server() {
    // A trace of one call is more than a pipe holds.
    let mut server = Server::start(&["--log-level", "trace"]);
    let url = server.url();
    server.line_with(" serving");
    for _ in 0..5 {
        let article = format!("{FIXTURES}/articles/us_nato.txt");
        let output = parallax(&["analyze", "--server", &url, &article], "");
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let output = parallax(&["analyze", "--server", "http://127.0.0.1:9"], "Text.");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("cannot connect to http://127.0.0.1:9"), "{output:?}");
}

#[test]
fn a_key_is_made_and_only_its_digest_is_for_the_server() {
    let output = parallax(&["keys", "new", "newsroom"], "");
    assert!(output.status.success(), "{output:?}");
    let key = text(&output.stdout).trim();
    assert!(key.starts_with("plx_") && key.len() == 68, "{} characters", key.len());
    let callers = text(&output.stderr);
    assert!(!callers.contains(key));
    let mut file = tempfile::NamedTempFile::new().expect("file");
    file.write_all(callers.as_bytes()).expect("write");
    let mut config = tempfile::NamedTempFile::new().expect("file");
    write!(config, "[auth]\nkeys_file = {:?}", file.path()).expect("write");
    let output = parallax(&["check-config", "--config", config.path().to_str().expect("path")], "");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn files_that_do_not_hold_are_told_all_before_a_port_is_bound() {
    let mut callers = tempfile::NamedTempFile::new().expect("file");
    writeln!(callers, "[[callers]]\nname = \"newsroom\"").expect("write");
    let mut config = tempfile::NamedTempFile::new().expect("file");
    let path = callers.path();
    write!(
        config,
        "[tls]\ncertificate = \"/none.pem\"\nkey = \"/none.key\"\n[auth]\nkeys_file = {path:?}"
    )
    .expect("write");
    let output = parallax(&["serve", "--config", config.path().to_str().expect("path")], "");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let error = text(&output.stderr);
    for words in [
        "tls.certificate: /none.pem cannot be read",
        "tls.key: /none.key cannot be read",
        "callers[0] \"newsroom\": needs key_sha256 or certificates",
    ] {
        assert!(error.contains(words), "{words} is missing in {error}");
    }
    assert!(!error.contains("listening"), "{error}");
}

#[test]
fn a_secured_server_is_asked_with_a_key() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("write");
        path.to_str().expect("UTF-8").to_owned()
    };
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    let certificate = write("server.pem", &signed.cert.pem());
    let server_key = write("server.key", &signed.signing_key.serialize_pem());
    let made = parallax(&["keys", "new", "newsroom"], "");
    let api_key = write("api.key", text(&made.stdout));
    let callers = write("callers.toml", text(&made.stderr));
    let config = format!(
        "[tls]\ncertificate = {certificate:?}\nkey = {server_key:?}\n\
         [auth]\nkeys_file = {callers:?}\n"
    );
    let mut server = Server::start(&["--config", &write("config.toml", &config)]);
    let url = format!("https://localhost:{}", server.port());
    server.line_with(" serving");
    let secured = ["analyze", "--server", &url, "--ca-certificate", &certificate];
    let answered = parallax(&[&secured[..], &["--api-key-file", &api_key]].concat(), "Rain.");
    assert!(answered.status.success(), "{answered:?}");
    assert!(server.line_with("article analysed").contains("caller=\"newsroom\""));
    let refused = parallax(&secured, "Rain.");
    assert!(text(&refused.stderr).contains("an API key is required"), "{refused:?}");
    // A certificate that is not trusted is not awaited, as a server that is not there yet would be.
    let untrusted = ["analyze", "--jsonl", "--server", &url, "--api-key-file", &api_key];
    let untrusted = parallax(&untrusted, "{}");
    assert_eq!(untrusted.status.code(), Some(1), "{untrusted:?}");
    assert!(!text(&untrusted.stderr).contains("trying for"), "{untrusted:?}");
}
