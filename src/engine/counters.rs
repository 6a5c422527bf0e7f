//! What the engine has done: written by its threads without a lock, read by whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bounds for times in seconds: from a short article on a fast processor to a queue that is far too long.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Bounds for the tokens of a batch: 1024 by default, at most what the configuration allows.
const TOKENS: &[f64] = &[32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0];
/// Bounds for the windows of a batch.
const WINDOWS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// What the engine has done, counted from its start.
#[derive(Debug)]
pub struct EngineCounters {
    /// Articles read to the end.
    pub read: AtomicU64,
    /// Articles whose callers left before they were read, be it for their deadline, where several calls may share the reading.
    pub cancelled: AtomicU64,
    /// Articles whose own deadline passed before they were read.
    pub expired: AtomicU64,
    /// Articles on which the model failed.
    pub failed: AtomicU64,
    /// Tokens of padding in the batches: none on integers.
    pub padding: AtomicU64,
    /// Tokens of each batch given to a worker, padding not counted.
    pub batch_tokens: Histogram,
    /// Windows of each batch given to a worker.
    pub batch_windows: Histogram,
    /// Seconds that an article waited for its first window to be given to a worker.
    pub queue_seconds: Histogram,
    /// Seconds that the encoder took for a batch.
    pub encoder_seconds: Histogram,
    /// Seconds from an article's first window to its reading.
    pub inference_seconds: Histogram,
}

impl Default for EngineCounters {
    fn default() -> Self {
        Self {
            read: AtomicU64::default(),
            cancelled: AtomicU64::default(),
            expired: AtomicU64::default(),
            failed: AtomicU64::default(),
            padding: AtomicU64::default(),
            batch_tokens: Histogram::new(TOKENS),
            batch_windows: Histogram::new(WINDOWS),
            queue_seconds: Histogram::new(SECONDS),
            encoder_seconds: Histogram::new(SECONDS),
            inference_seconds: Histogram::new(SECONDS),
        }
    }
}

impl EngineCounters {
    /// Counts a batch of windows of these lengths. `padded`: the encoder computes all as long as the longest.
    pub(super) fn count_batch(&self, lengths: impl Iterator<Item = usize>, padded: bool) {
        let (mut windows, mut tokens, mut longest) = (0, 0, 0);
        for length in lengths {
            (windows, tokens, longest) = (windows + 1, tokens + length, longest.max(length));
        }
        self.batch_windows.observe(windows as f64);
        self.batch_tokens.observe(tokens as f64);
        if padded {
            self.padding.fetch_add((windows * longest - tokens) as u64, Ordering::Relaxed);
        }
    }
}

/// How many observations there were of each size, and their sum.
#[derive(Debug)]
pub struct Histogram {
    /// Upper bounds of the buckets, ascending.
    bounds: &'static [f64],
    /// Observations of each bucket; the last one is for what is above all bounds.
    counts: Vec<AtomicU64>,
    /// The bits of an f64.
    sum: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramSnapshot {
    /// Upper bound of each bucket, the last one infinite, and how many observations fell into it alone.
    pub buckets: Vec<(f64, u64)>,
    /// Sum of all observations.
    pub sum: f64,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::default()).collect();
        Self { bounds, counts, sum: AtomicU64::new(0_f64.to_bits()) }
    }

    pub(super) fn observe(&self, value: f64) {
        let bucket = self.bounds.partition_point(|&bound| bound < value);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let add = |bits| Some((f64::from_bits(bits) + value).to_bits());
        // Never refused: `add` always gives a value.
        let _before = self.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    pub(super) fn observe_seconds(&self, time: Duration) {
        self.observe(time.as_secs_f64());
    }

    /// What was observed so far. An observation under way may be missing from its sum.
    pub fn snapshot(&self) -> HistogramSnapshot {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        let sum = f64::from_bits(self.sum.load(Ordering::Relaxed));
        HistogramSnapshot { buckets: bounds.zip(counts).collect(), sum }
    }
}

impl HistogramSnapshot {
    /// How many observations there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|&(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observation_falls_into_the_first_bucket_that_holds_it() {
        let histogram = Histogram::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 2.5, 100.0] {
            histogram.observe(value);
        }
        let snapshot = histogram.snapshot();
        assert_eq!(snapshot.buckets, [(1.0, 2), (2.0, 1), (f64::INFINITY, 2)]);
        assert_eq!((snapshot.count(), snapshot.sum), (5, 105.5));
    }

    #[test]
    fn padding_is_what_the_encoder_computes_beside_the_tokens() {
        let counters = EngineCounters::default();
        counters.count_batch([10, 4, 6].into_iter(), true);
        counters.count_batch([10, 4].into_iter(), false);
        assert_eq!(counters.padding.load(Ordering::Relaxed), 10);
        assert_eq!(counters.batch_tokens.snapshot().sum, 34.0);
        assert_eq!(counters.batch_windows.snapshot().sum, 5.0);
        assert_eq!(counters.batch_windows.snapshot().count(), 2);
    }
}
