//! Records in, from files one after another.

use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::kind::Kind;
use super::lines::Lines;
use super::record::Record;
use super::rows::Rows;
use crate::cli::analyze::input::{is_standard_input, or_standard_input};
use crate::cli::exit::Failure;

/// The files that are read.
#[derive(Debug)]
pub(super) struct Source {
    files: Vec<PathBuf>,
    longest: usize,
}

impl Source {
    /// Checks that every file can be opened and has the columns that it needs. `longest` is the most
    /// bytes of a line.
    pub(super) fn open(files: &[PathBuf], longest: usize) -> Result<Self, Failure> {
        let files = or_standard_input(files);
        for file in files.iter().filter(|file| !is_standard_input(file)) {
            let opened = match Kind::of(file) {
                Kind::Parquet => Rows::open(file, 0).map(|_| ()),
                Kind::Lines(_) => std::fs::File::open(file).map(|_| ()).map_err(|e| e.to_string()),
            };
            opened.map_err(|problem| Failure::Setup(format!("{}: {problem}", file.display())))?;
        }
        Ok(Self { files, longest })
    }

    /// Sends the records after the first `skip`, until there are no more or nobody takes them.
    pub(super) fn send(self, mut skip: u64, records: &mpsc::Sender<Record>) -> Result<(), Failure> {
        for file in &self.files {
            let sent = self.send_file(file, skip, records);
            let failed = |problem| Failure::Run(format!("{}: {problem}", file.display()));
            match sent.map_err(failed)? {
                Sent::All { skipped } => skip -= skipped,
                Sent::NobodyTakes => return Ok(()),
            }
        }
        Ok(())
    }

    fn send_file(
        &self,
        file: &Path,
        skip: u64,
        records: &mpsc::Sender<Record>,
    ) -> Result<Sent, String> {
        match Kind::of(file) {
            Kind::Lines(compression) => {
                let lines = Lines::open(file, compression, self.longest);
                pump(lines.map_err(|error| error.to_string())?, skip, records)
            }
            Kind::Parquet => {
                let rows = Rows::open(file, skip)?;
                let passed = rows.passed();
                Ok(match pump(rows, skip - passed, records)? {
                    Sent::All { skipped } => Sent::All { skipped: skipped + passed },
                    Sent::NobodyTakes => Sent::NobodyTakes,
                })
            }
        }
    }
}

/// How the records of a file were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// To the last.
    All {
        /// Of them, those that were left out.
        skipped: u64,
    },
    /// The other side has gone.
    NobodyTakes,
}

/// Sends what comes after the first `skip`. It holds no more than the channel has places, and one.
pub(super) fn pump<E: ToString>(
    input: impl Iterator<Item = Result<Record, E>>,
    skip: u64,
    records: &mpsc::Sender<Record>,
) -> Result<Sent, String> {
    let mut skipped = 0;
    for record in input {
        let record = record.map_err(|error| error.to_string())?;
        if skipped < skip {
            skipped += 1;
        } else if records.blocking_send(record).is_err() {
            return Ok(Sent::NobodyTakes);
        }
    }
    Ok(Sent::All { skipped })
}
