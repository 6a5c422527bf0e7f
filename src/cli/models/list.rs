//! `parallax models list`.

use crate::model::{Bundle, ModelStore, StoredCheckpoint};

/// Prints the models, one after another.
pub(super) fn run(bundle: &Bundle, store: &ModelStore) {
    let manifest = bundle.manifest();
    let bytes = manifest.files.values().map(|file| file.bytes).sum::<u64>();
    println!(
        "{}  version {}  {}  {}  embedded",
        manifest.id,
        manifest.version,
        megabytes(bytes),
        manifest.licence
    );
    println!("  {}", manifest.summary);
    for stored in store.checkpoints.values() {
        print(stored);
    }
}

fn print(stored: &StoredCheckpoint) {
    let checkpoint = &stored.checkpoint;
    let said = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
    println!(
        "{}  version {}  {} on disk  {} of weights in memory  licence {}",
        checkpoint.id,
        said(&checkpoint.version),
        megabytes(stored.bytes),
        megabytes(stored.memory_bytes()),
        said(&checkpoint.licence),
    );
    let from = if stored.has_manifest { said(&stored.source) } else { "no manifest".to_owned() };
    println!(
        "  {} by {}, {}; from {from}",
        checkpoint.task.name(),
        checkpoint.architecture.name(),
        said(&checkpoint.languages.join(" ")),
    );
    if !checkpoint.summary.is_empty() {
        println!("  {}", checkpoint.summary);
    }
}

/// Bytes as megabytes, rounded up.
fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}
