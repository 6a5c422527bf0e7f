//! Options of many articles.

use std::num::{NonZeroU16, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

/// Options for --jsonl.
#[derive(Debug, clap::Args)]
pub(in crate::cli::analyze) struct BulkOptions {
    /// Where the answers go in place of standard output, with a record beside it (FILE.progress) of
    /// how far they are. By the name: *.gz and *.zst are compressed, *.parquet is a folder of Parquet
    /// files
    #[arg(long, value_name = "FILE", requires = "jsonl")]
    pub(super) output: Option<PathBuf>,
    /// Go on with an output that an earlier run left; begin when there is none
    #[arg(long, requires = "output")]
    pub(super) resume: bool,
    /// Articles in flight at once [default: limits.max_stream_in_flight]
    #[arg(long, value_name = "COUNT", requires = "jsonl")]
    pub(super) in_flight: Option<NonZeroU16>,
    /// How long the server may be away or full, no article being answered, before the run ends
    #[arg(long, value_name = "SECONDS", requires = "jsonl", default_value = "300")]
    retry_for: u32,
    /// Answers between two marks that a later run can go on from; of Parquet, rows of a file
    /// [default: 1000; for Parquet 2000]
    #[arg(long, value_name = "COUNT", requires = "output")]
    pub(super) mark_every: Option<NonZeroU64>,
}

impl BulkOptions {
    /// How long a server may be silent.
    pub(in crate::cli::analyze) fn retry_for(&self) -> Duration {
        Duration::from_secs(self.retry_for.into())
    }
}
