//! How long the encoder takes for a batch of windows without padding: `cargo bench --bench encoder`.
//!
//! Prints the median as a line of JSON. `side_by_side/encoders.py` runs it in turn with other engines.

#![allow(clippy::expect_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;
use std::time::Instant;

use clap::Parser;
use parallax::engine::Encoder;
use parallax::model::{Bundle, Precision};

/// Times the encoder of the embedded bundle.
#[derive(Parser)]
struct Options {
    /// Threads.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Floats instead of 8-bit integers.
    #[arg(long)]
    f32: bool,
    /// Windows of the batch.
    #[arg(long, default_value_t = 32)]
    windows: usize,
    /// Tokens of each window.
    #[arg(long, default_value_t = 128)]
    tokens: usize,
    /// Timed repetitions.
    #[arg(long, default_value_t = 10)]
    repeat: usize,
    /// What cargo passes on.
    #[arg(long)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let precision = if options.f32 { Precision::F32 } else { Precision::Int8 };
    let bundle = Bundle::embedded().expect("bundle");
    let encoder = Encoder::load(&bundle, precision, options.threads).expect("encoder");
    // Any ids do: the work is the same.
    let window = |row: usize| (0..options.tokens).map(|n| (1000 + 7 * row + n) as i64).collect();
    let windows: Vec<Vec<i64>> = (0..options.windows).map(window).collect();
    let windows: Vec<&[i64]> = windows.iter().map(Vec::as_slice).collect();
    let run = || {
        let began = Instant::now();
        black_box(encoder.encode(black_box(&windows)).expect("vectors"));
        began.elapsed().as_secs_f64() * 1e3
    };
    run();
    let mut times: Vec<f64> = (0..options.repeat.max(1)).map(|_| run()).collect();
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let (precision, threads) = (precision.name(), options.threads);
    println!(r#"{{"engine": "parallax {precision}", "threads": {threads}, "ms": {median:.1}}}"#);
}
