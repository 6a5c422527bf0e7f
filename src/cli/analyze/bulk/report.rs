//! How a run is going, on standard error.

use std::collections::VecDeque;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::progress::Count;

/// How often a line is written where standard error is no terminal.
const INTERVAL: Duration = Duration::from_secs(30);
/// The time that the rate looks back on.
const RECENT: Duration = Duration::from_secs(30);
/// Silence of the server that is worth a word.
const NOTABLE: Duration = Duration::from_secs(5);

/// How a run is going.
#[derive(Debug)]
pub(super) struct Report {
    done: Count,
    recent: Recent,
    /// On a terminal.
    bar: Option<ProgressBar>,
    said_at: Instant,
}

impl Report {
    /// A run that begins with so many answers.
    pub(super) fn new(done: Count, now: Instant) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}");
            let bar = ProgressBar::new_spinner();
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        Self { done, recent: Recent::new(done.records, now), bar, said_at: now }
    }

    /// One more answer.
    pub(super) fn count(&mut self, failed: bool) {
        self.done.records += 1;
        self.done.failed += u64::from(failed);
    }

    /// Says how it is going, when it is time to. `silence`: how long the server has answered no call,
    /// and why.
    pub(super) fn tick(&mut self, now: Instant, silence: Option<(Duration, String)>) {
        let rate = self.recent.rate(self.done.records, now);
        let line = line(self.done, rate, silence);
        match &self.bar {
            Some(bar) => bar.set_message(line),
            None if now.saturating_duration_since(self.said_at) >= INTERVAL => {
                eprintln!("parallax: {line}");
                self.said_at = now;
            }
            None => {}
        }
        if let Some(bar) = &self.bar {
            bar.tick();
        }
    }

    /// Takes what is on the terminal away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// So many, and how many failed.
pub(super) fn totals(done: Count) -> String {
    format!("{} articles, {} failed", HumanCount(done.records), HumanCount(done.failed))
}

fn line(done: Count, rate: f64, silence: Option<(Duration, String)>) -> String {
    let totals = totals(done);
    match silence.filter(|(lasts, _)| *lasts >= NOTABLE) {
        Some((lasts, failure)) => {
            format!("{totals}, no answer for {} s: {failure}", lasts.as_secs())
        }
        None => format!("{totals}, {rate:.1} a second"),
    }
}

/// Counts of the last seconds.
#[derive(Debug)]
struct Recent(VecDeque<(Instant, u64)>);

impl Recent {
    fn new(records: u64, now: Instant) -> Self {
        Self(VecDeque::from([(now, records)]))
    }

    /// Adds a count; how many came a second, over the time that is looked back on.
    fn rate(&mut self, records: u64, now: Instant) -> f64 {
        let old = |(at, _): &(Instant, u64)| now.saturating_duration_since(*at) > RECENT;
        while self.0.len() > 1 && self.0.front().is_some_and(old) {
            self.0.pop_front();
        }
        let (since, before) = self.0.front().copied().unwrap_or((now, records));
        self.0.push_back((now, records));
        let seconds = now.saturating_duration_since(since).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let came = records.saturating_sub(before) as f64;
        if seconds > 0.0 { came / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_counts_and_the_rate_or_the_silence() {
        let done = Count { records: 12_000, failed: 11 };
        assert_eq!(line(done, 33.14, None), "12,000 articles, 11 failed, 33.1 a second");
        let silent = |seconds| Some((Duration::from_secs(seconds), "not ready".to_owned()));
        assert_eq!(
            line(done, 0.0, silent(41)),
            "12,000 articles, 11 failed, no answer for 41 s: not ready"
        );
        assert!(line(done, 0.0, silent(4)).ends_with("0.0 a second"));
    }

    #[test]
    fn the_rate_forgets_what_is_long_ago() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut recent = Recent::new(1000, start);
        let rates: Vec<f64> = (1..=100).map(|n| recent.rate(1000 + n * 20, at(n))).collect();
        assert!(rates.iter().all(|rate| (rate - 20.0).abs() < 1e-9), "{rates:?}");
        let standing = (101..=140).map(|n| recent.rate(3000, at(n))).next_back();
        assert_eq!(standing, Some(0.0));
        assert!(recent.0.len() <= 32, "{}", recent.0.len());
    }
}
