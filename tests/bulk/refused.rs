//! What is refused before anything is asked or written.

use std::fs;

use crate::process::Server;
use crate::support::{NOBODY, Place, analyze, article, articles, errors, until};

fn refusal(place: &Place, options: &[&str]) -> String {
    let output = place.run(NOBODY, options);
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    errors(&output)
}

#[test]
fn an_output_belongs_to_one_job() {
    let mut server = Server::start(&[]);
    let url = server.url();
    let place = Place::new(&articles(60), "out.jsonl");
    assert_eq!(place.run(&url, &["--max-sentences", "1"]).status.code(), Some(4));
    let before = fs::read(&place.output).expect("output");

    assert!(refusal(&place, &[]).contains("is there already: --resume goes on with it"));
    let error = refusal(&place, &["--resume", "--max-sentences", "2"]);
    assert!(error.contains("had other options of summary"), "{error}");
    let same = ["--resume", "--max-sentences", "1"];
    let error = refusal(&place, &[&same[..], &["--contest", "dam"]].concat());
    assert!(error.contains("had other options of contest"), "{error}");
    fs::write(&place.input, articles(61)).expect("input");
    assert!(refusal(&place, &same).contains("had other input"));
    assert_eq!(fs::read(&place.output).expect("output"), before);
}

#[test]
fn an_output_has_one_writer() {
    let place = Place::new(&articles(20), "out.parquet");
    // It waits for its server while it holds the output.
    let _first = place.spawn(NOBODY, &[]);
    until("the first run", || place.path("out.parquet.progress").exists());
    let second = place.run(NOBODY, &["--resume"]);
    assert_eq!(second.status.code(), Some(2), "{}", errors(&second));
    assert!(errors(&second).contains("another run is writing it"), "{}", errors(&second));
}

#[test]
fn a_command_that_is_wrong_leaves_nothing_behind() {
    for (url, options, words) in [
        (NOBODY, ["--api-key-file", "/none.key"], "/none.key: "),
        (NOBODY, ["--contest", "/none.toml"], "contest /none.toml: "),
        ("127.0.0.1:9", ["--retry-for", "300"], "127.0.0.1:9: not the URL of a server"),
    ] {
        let place = Place::new(&articles(1), "out.jsonl");
        let ended = place.run(url, &options);
        assert_eq!(ended.status.code(), Some(2), "{}", errors(&ended));
        assert!(errors(&ended).contains(words), "{}", errors(&ended));
        assert!(!place.output.exists() && !place.path("out.jsonl.progress").exists());
    }
    let place = Place::new("", "out.jsonl");
    fs::remove_file(&place.input).expect("remove");
    assert!(refusal(&place, &[]).contains("in.jsonl: "));
    assert!(!place.output.exists());
}

#[test]
fn options_belong_to_each_other() {
    for options in [&["--resume"][..], &["--output", "x", "--in-flight", "0"]] {
        let output = analyze(NOBODY).args(options).output().expect("output");
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    }
    let output = analyze(NOBODY).args(["--output", "x.jsonl"]).output().expect("output");
    assert!(errors(&output).contains("--output needs input files"), "{}", errors(&output));
}

#[test]
fn what_the_server_does_not_serve_ends_the_run_unless_one_line_asks_for_it() {
    let mut server = Server::start(&[]);
    let url = server.url();
    let own = serde_json::json!({
        "article": { "id": "own", "text": "Rain." }, "summary": { "style": "SUMMARY_STYLE_ABSTRACTIVE" },
    });
    let place = Place::new(&format!("{}\n{own}\n{}\n", article(0), article(2)), "out.jsonl");
    let ended = place.run(&url, &[]);
    assert_eq!(ended.status.code(), Some(4), "{}", errors(&ended));
    let answers = place.answers();
    assert_eq!(
        (&answers[1]["articleId"], &answers[1]["error"]["code"]),
        (&"own".into(), &12.into())
    );
    assert_eq!(answers[2]["articleId"], "2");

    let place = Place::new(&articles(60), "out.jsonl");
    let ended = place.run(&url, &["--abstractive"]);
    assert_eq!(ended.status.code(), Some(1), "{}", errors(&ended));
    assert!(errors(&ended).contains("the server is given up"), "{}", errors(&ended));
    assert_eq!(place.marked(), 0);
}
