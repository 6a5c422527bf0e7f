//! A server that goes away, or is not there yet.

use serde_json::Value;
use tokio::net::TcpSocket;

use crate::process::Server;
use crate::proxy::{POISON, Proxy};
use crate::support::{Place, article, errors, until};

const ARTICLES: usize = 200;
/// Bytes of more answers than are open at once, each of about 1 KB, and of far fewer than all.
const SOME_ANSWERS: usize = 80_000;

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
    let proxy = Proxy::granting(server.port(), SOME_ANSWERS);
    let place = place();
    let run = place.spawn(&proxy.url(), &["--mark-every", "10"]);
    until("a mark", || place.marked() > 0);
    drop(server);
    proxy.away();
    assert!(place.marked() < ARTICLES as u64, "all was done before the server went");
    let mut server = Server::start(&[]);
    proxy.back(server.port());
    let ended = run.output();
    assert!(ended.status.success(), "{}", errors(&ended));
    assert_all_answered(&place);
}

#[test]
fn a_server_that_stays_away_ends_the_run_and_a_later_one_goes_on() {
    let mut server = Server::start(&[]);
    let proxy = Proxy::granting(server.port(), SOME_ANSWERS);
    let place = place();
    let run = place.spawn(&proxy.url(), &["--mark-every", "10", "--retry-for", "1"]);
    until("a mark", || place.marked() > 0);
    proxy.away();
    let ended = run.output();
    assert_eq!(ended.status.code(), Some(1), "{}", errors(&ended));
    let done = place.marked();
    let words = format!("{done} articles, 0 failed are done: --resume goes on");
    assert!(errors(&ended).contains(&words), "{}", errors(&ended));
    assert_eq!(place.answers().len() as u64, done);

    let ended = place.run(&server.url(), &["--resume"]);
    assert!(ended.status.success(), "{}", errors(&ended));
    assert_all_answered(&place);
}

#[tokio::test]
async fn a_server_that_begins_later_is_awaited() {
    // Held, so that no other takes the port; who connects is refused until somebody listens.
    let socket = TcpSocket::new_v4().expect("socket");
    socket.bind("127.0.0.1:0".parse().expect("address")).expect("port");
    let url = format!("http://{}", socket.local_addr().expect("address"));
    let place = Place::new(&article(0).to_string(), "out.jsonl");
    let run = place.spawn(&url, &[]);
    until("the run", || place.output.exists());
    let mut server = Server::start(&[]);
    let listener = socket.listen(16).expect("listener").into_std().expect("listener");
    listener.set_nonblocking(false).expect("listener");
    let _proxy = Proxy::on(listener, server.port(), usize::MAX);
    let ended = run.output();
    assert!(ended.status.success(), "{}", errors(&ended));
    assert_eq!(place.answers()[0]["articleId"], "0");
}

#[test]
fn an_article_that_breaks_its_connections_fails_alone() {
    let mut server = Server::start(&[]);
    let proxy = Proxy::open(server.port());
    server.line_with(" serving");
    let poison = serde_json::json!({ "id": "poison", "text": format!("Rain fell on {POISON}.") });
    let lines = [article(0), poison, article(2), article(3)].map(|line| format!("{line}\n"));
    let place = Place::new(&lines.concat(), "out.jsonl");
    let ended = place.run(&proxy.url(), &["--retry-for", "1"]);
    assert_eq!(ended.status.code(), Some(4), "{}", errors(&ended));
    let answers = place.answers();
    let failed: Vec<bool> = answers.iter().map(|answer| !answer["error"].is_null()).collect();
    assert_eq!(failed, [false, true, false, false], "{answers:?}");
    assert_eq!(answers[1]["articleId"], "poison");
}
