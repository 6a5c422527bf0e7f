//! A server that goes away, or is not there yet.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use serde_json::Value;

use crate::process::Server;
use crate::support::{Place, article, errors, until};

const ARTICLES: usize = 200;

/// A place with sound articles only.
fn place() -> Place {
    let lines: String = (0..ARTICLES).map(|number| format!("{}\n", article(number))).collect();
    Place::new(&lines, "out.jsonl")
}

fn assert_all_answered(place: &Place) {
    let answers = place.answers();
    let failed: Vec<&Value> = answers.iter().filter(|answer| !answer["error"].is_null()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let ids: Vec<Value> = (0..ARTICLES).map(|number| number.to_string().into()).collect();
    assert_eq!(answers.iter().map(|answer| answer["articleId"].clone()).collect::<Vec<_>>(), ids);
}

#[test]
fn a_server_that_is_restarted_costs_no_answer() {
    let mut server = Server::start(&[]);
    let (port, url) = (server.port(), server.url());
    let place = place();
    let run = place.spawn(&url, &["--mark-every", "10"]);
    until("a mark", || place.marked() > 0);
    drop(server);
    assert!(place.marked() < ARTICLES as u64, "all was done before the server went");
    let _server = Server::on(port, &[]);
    let ended = run.output();
    assert!(ended.status.success(), "{}", errors(&ended));
    assert_all_answered(&place);
}

#[test]
fn a_server_that_stays_away_ends_the_run_and_a_later_one_goes_on() {
    let mut server = Server::start(&[]);
    let url = server.url();
    let place = place();
    let run = place.spawn(&url, &["--mark-every", "10", "--retry-for", "1"]);
    until("a mark", || place.marked() > 0);
    drop(server);
    let ended = run.output();
    assert_eq!(ended.status.code(), Some(1), "{}", errors(&ended));
    let done = place.marked();
    let words = format!("{done} articles, 0 failed are done: --resume goes on");
    assert!(errors(&ended).contains(&words), "{}", errors(&ended));
    assert_eq!(place.answers().len() as u64, done);

    let mut server = Server::start(&[]);
    let ended = place.run(&server.url(), &["--resume"]);
    assert!(ended.status.success(), "{}", errors(&ended));
    assert_all_answered(&place);
}

#[test]
fn a_server_that_begins_later_is_awaited() {
    // The port is free just now.
    let listener = TcpListener::bind("127.0.0.1:0").expect("port");
    let port = listener.local_addr().expect("address").port();
    drop(listener);
    let place = Place::new(&article(0).to_string(), "out.jsonl");
    let run = place.spawn(&format!("http://127.0.0.1:{port}"), &[]);
    until("the run", || place.output.exists());
    let _server = Server::on(port, &[]);
    let ended = run.output();
    assert!(ended.status.success(), "{}", errors(&ended));
    assert_eq!(place.answers()[0]["articleId"], "0");
}

/// What breaks every connection that it travels on.
const POISON: &[u8] = b"Poisonville";

/// A port that passes connections on to a server, and cuts those that [`POISON`] comes in on.
fn poisonable(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("port");
    let port = listener.local_addr().expect("address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(("127.0.0.1", server)).expect("server");
            let back = (server.try_clone().expect("socket"), client.try_clone().expect("socket"));
            std::thread::spawn(move || pass(client, server));
            std::thread::spawn(move || pass(back.0, back.1));
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(bytes @ 1..) = from.read(&mut buffer) {
        let poisoned = buffer[..bytes].windows(POISON.len()).any(|window| window == POISON);
        if poisoned || to.write_all(&buffer[..bytes]).is_err() {
            break;
        }
    }
    // Whoever closed, or was cut: both ends have gone.
    let _gone = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[test]
fn an_article_that_breaks_its_connections_fails_alone() {
    let mut server = Server::start(&[]);
    let port = poisonable(server.port());
    server.line_with(" serving");
    let poison = serde_json::json!({ "id": "poison", "text": "Rain fell on Poisonville." });
    let lines = [article(0), poison, article(2), article(3)].map(|line| format!("{line}\n"));
    let place = Place::new(&lines.concat(), "out.jsonl");
    let ended = place.run(&format!("http://127.0.0.1:{port}"), &["--retry-for", "1"]);
    assert_eq!(ended.status.code(), Some(4), "{}", errors(&ended));
    let answers = place.answers();
    let failed: Vec<bool> = answers.iter().map(|answer| !answer["error"].is_null()).collect();
    assert_eq!(failed, [false, true, false, false], "{answers:?}");
    assert_eq!(answers[1]["articleId"], "poison");
}
