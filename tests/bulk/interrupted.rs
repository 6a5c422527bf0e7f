//! Runs that are cut off, and go on.

use crate::process::Server;
use crate::proxy::Proxy;
use crate::support::{NOBODY, Place, articles, assert_answered, errors, until};

const ARTICLES: usize = 300;
const KILLS: u64 = 8;
/// Bytes of more than ten answers of about 1 KB; twice as many are not all of them.
const SOME_ANSWERS: usize = 20_000;

/// Numbers that look like chance and are always the same.
fn scattered(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

/// Runs until so many more records are marked, and kills; whether it was in time.
fn killed_after(place: &Place, url: &str, more: u64) -> bool {
    let goal = place.marked() + more;
    let mut run = place.spawn(url, &["--resume", "--mark-every", "7", "--in-flight", "3"]);
    until("a mark", || place.marked() >= goal || run.ended().is_some());
    let in_time = run.ended().is_none();
    run.kill();
    in_time
}

#[test]
fn killed_runs_lose_nothing_and_say_nothing_twice() {
    let mut server = Server::start(&[]);
    let url = server.url();
    let input = articles(ARTICLES);
    let whole = Place::new(&input, "whole.jsonl");
    assert_eq!(whole.run(&url, &[]).status.code(), Some(4));
    assert_answered(&whole.answers(), ARTICLES);

    for (seed, name) in (0..).zip(["out.jsonl", "out.jsonl.zst", "out.parquet"]) {
        let place = Place::new(&input, name);
        let kills = (0..KILLS).filter(|kill| {
            let more = scattered(seed * KILLS + kill) % (ARTICLES as u64 / KILLS);
            killed_after(&place, &url, more)
        });
        assert!(kills.count() >= 3, "{name}: the runs ended before they were killed");
        let last = place.run(&url, &["--resume"]);
        assert_eq!(last.status.code(), Some(4), "{name}: {}", errors(&last));
        assert_eq!(place.answers(), whole.answers(), "{name}");
    }
}

#[test]
fn a_signal_stops_a_run_at_a_mark() {
    let mut server = Server::start(&[]);
    let url = server.url();
    let proxy = Proxy::granting(server.port(), SOME_ANSWERS);
    let place = Place::new(&articles(ARTICLES), "out.jsonl.gz");
    let run = place.spawn(&proxy.url(), &["--mark-every", "5", "--in-flight", "2"]);
    until("a mark", || place.marked() > 0);
    run.terminate();
    // For the calls that are open.
    proxy.grant(SOME_ANSWERS);
    let stopped = run.output();
    assert_eq!(stopped.status.code(), Some(5), "{}", errors(&stopped));
    assert!(errors(&stopped).contains("SIGTERM: stopped after"), "{}", errors(&stopped));
    let done = place.answers().len();
    assert_eq!(done as u64, place.marked());
    assert!(done < ARTICLES, "all was done before the signal");

    assert_eq!(place.run(&url, &["--resume"]).status.code(), Some(4));
    assert_answered(&place.answers(), ARTICLES);
    let again = place.run(NOBODY, &["--resume"]);
    assert_eq!(again.status.code(), Some(4), "{}", errors(&again));
    assert!(errors(&again).contains("nothing is left to do: 300 articles, 15 failed"));
}
