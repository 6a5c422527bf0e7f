//! How long a summary takes: `cargo bench --bench generation -- --folder FOLDER`, a BART checkpoint with `vocab.json` and
//! `merges.txt`.
//!
//! Prints the median as a line of JSON. `side_by_side/generation.py` makes a checkpoint and runs it in turn with other
//! engines.

#![allow(clippy::expect_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use parallax::engine::{GenerationSettings, Generator, torch_threads};
use parallax::model::{
    Architecture, Checkpoint, CheckpointFiles, NumberFormat, Task, TokenizerFiles,
};

/// Times a summary of so many tokens of a source of so many tokens.
#[derive(Parser)]
struct Options {
    /// Folder of the checkpoint.
    #[arg(long)]
    folder: PathBuf,
    /// Threads.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// What matrix products are computed with: f32, bf16 or int8.
    #[arg(long, default_value = "f32")]
    numbers: NumberFormat,
    /// Beams; 1 is greedy.
    #[arg(long, default_value_t = 1)]
    beams: usize,
    /// Tokens of the source, special tokens included.
    #[arg(long, default_value_t = 512)]
    source: usize,
    /// Tokens to generate.
    #[arg(long, default_value_t = 60)]
    tokens: usize,
    /// Timed repetitions.
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// What cargo passes on.
    #[arg(long)]
    bench: bool,
}

fn checkpoint(options: &Options) -> Checkpoint {
    let file = |name: &str| options.folder.join(name);
    Checkpoint {
        id: "bench".into(),
        version: String::new(),
        sha256: String::new(),
        licence: String::new(),
        summary: String::new(),
        task: Task::Summary,
        architecture: Architecture::Bart,
        languages: Vec::new(),
        numbers: options.numbers,
        files: CheckpointFiles {
            config: file("config.json"),
            generation: None,
            weights: vec![file("model.safetensors")],
            tokenizer: TokenizerFiles::BytePairs {
                vocab: file("vocab.json"),
                merges: file("merges.txt"),
            },
        },
    }
}

fn main() {
    let options = Options::parse();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    pool.expect("threads").install(|| measure(&options));
}

fn measure(options: &Options) {
    let threads = torch_threads(options.numbers, options.threads);
    tch::set_num_threads(i32::try_from(threads).expect("threads"));
    let generator = Generator::load(&checkpoint(options)).expect("checkpoint");
    // Which tokens they are makes no difference.
    let added = generator.added_source_tokens().expect("tokens");
    let source = ".".repeat(options.source - added);
    let mut source = source;
    while generator.count_tokens(&source).expect("tokens") + added > options.source {
        source.pop();
    }
    while generator.count_tokens(&source).expect("tokens") + added < options.source {
        source.push_str("!.");
    }
    let settings = GenerationSettings {
        beams: options.beams,
        min_tokens: options.tokens,
        max_tokens: options.tokens,
        no_repeat_ngram: 0,
        length_penalty: 1.0,
    };
    let run = || {
        let began = Instant::now();
        let generated = generator.generate(&[black_box(&source)], &settings, &|_| true);
        let generated = black_box(generated.expect("summary"));
        let tokens = generated.iter().flatten().map(|one| one.tokens).sum::<usize>();
        assert_eq!(tokens, options.tokens);
        began.elapsed().as_secs_f64() * 1e3
    };
    run();
    let mut times: Vec<f64> = (0..options.repeat.max(1)).map(|_| run()).collect();
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let (numbers, threads) = (options.numbers.name(), options.threads);
    println!(r#"{{"engine": "parallax {numbers}", "threads": {threads}, "ms": {median:.1}}}"#);
}
