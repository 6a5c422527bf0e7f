//! How far a run is, on the disk.
//!
//! A mark is made in this order: what was written is finished (the frame of a compressed file, the
//! part of a Parquet folder) and flushed to the disk; then `OUTPUT.progress` is replaced by one that
//! says how much of the output counts and how many records of the input that is. Whatever comes
//! between, the file says less than the output holds, and a run that goes on cuts the output back to
//! it. So every record has exactly one answer, and what is lost is the work since the last mark.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::durable::{replace, with_suffix};
use crate::cli::analyze::input::{RequestTemplate, is_standard_input};
use crate::cli::exit::Failure;
use crate::model::sha256_hex;

/// Version of the file.
const VERSION: u32 = 1;
/// Bytes at either end of an input file that tell whether it is the same.
const ENDS: u64 = 1 << 14;

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    version: u32,
    /// Whether every record is answered.
    pub(super) complete: bool,
    /// Records that are answered.
    pub(super) done: Count,
    /// How much of the output they are.
    pub(super) output: Position,
    /// What the run is about.
    pub(super) job: Job,
}

/// Records that are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    pub(super) records: u64,
    /// Of them, those that failed.
    pub(super) failed: u64,
}

/// An amount of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Position {
    /// Of a file.
    Bytes(u64),
    /// Of a folder with Parquet files.
    Parts(u32),
}

impl Position {
    /// Whether there is at least as much here as there.
    pub(super) fn holds(self, other: Self) -> bool {
        match (self, other) {
            (Self::Bytes(here), Self::Bytes(there)) => here >= there,
            (Self::Parts(here), Self::Parts(there)) => here >= there,
            _ => false,
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(formatter, "{bytes} bytes"),
            Self::Parts(parts) => write!(formatter, "{parts} parts"),
        }
    }
}

/// What is asked about what: the same for every run that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    inputs: Vec<Input>,
    /// SHA-256 of each part of the request but the article.
    options: BTreeMap<String, String>,
}

/// An input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    file: String,
    bytes: u64,
    /// SHA-256 of its first and last 16 KiB.
    ends: String,
}

impl Job {
    /// Looks at the files.
    pub(super) fn of(files: &[PathBuf], template: &RequestTemplate) -> Result<Self, Failure> {
        if files.is_empty() || files.iter().any(|file| is_standard_input(file)) {
            let problem =
                "--output needs input files: a run that goes on cannot read standard input again";
            return Err(Failure::Setup(problem.to_owned()));
        }
        let input = |file: &PathBuf| {
            Input::of(file).map_err(|error| Failure::Setup(format!("{}: {error}", file.display())))
        };
        let inputs = files.iter().map(input).collect::<Result<_, _>>()?;
        let hashed = |(name, json): (&str, String)| (name.to_owned(), sha256_hex(json.as_bytes()));
        Ok(Self { inputs, options: template.parts()?.into_iter().map(hashed).collect() })
    }

    /// What is other than it was. A file may have moved.
    fn change(&self, now: &Self) -> Option<String> {
        let (before, after) = (self.inputs.len(), now.inputs.len());
        if before != after {
            return Some(format!("{before} input files, now {after}"));
        }
        let differs = |(was, is): &(&Input, &Input)| (was.bytes, &was.ends) != (is.bytes, &is.ends);
        if let Some((was, is)) = self.inputs.iter().zip(&now.inputs).find(differs) {
            let (before, after) = (&was.file, &is.file);
            let sizes = format!("({} bytes, now {})", was.bytes, is.bytes);
            return Some(format!("other input: {before} is not {after} as it is now {sizes}"));
        }
        let option = self.options.iter().find(|(name, hash)| now.options.get(*name) != Some(hash));
        option.map(|(name, _)| format!("other options of {name}"))
    }
}

impl Input {
    fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("is not a file, which --output needs"));
        }
        let (bytes, mut ends) = (metadata.len(), Vec::new());
        Read::by_ref(&mut file).take(ENDS).read_to_end(&mut ends)?;
        file.seek(SeekFrom::Start(bytes.saturating_sub(ENDS)))?;
        file.take(ENDS).read_to_end(&mut ends)?;
        let file = path.display().to_string();
        Ok(Self { file, bytes, ends: sha256_hex(&ends) })
    }
}

impl Progress {
    /// Nothing is done.
    pub(super) fn begin(output: Position, job: Job) -> Self {
        Self { version: VERSION, complete: false, done: Count::default(), output, job }
    }

    /// Where the progress of an output stands.
    pub(super) fn path(output: &Path) -> PathBuf {
        with_suffix(output, ".progress")
    }

    /// What an output's progress says; none when there is no such file.
    pub(super) fn load(output: &Path) -> Result<Option<Self>, String> {
        let path = Self::path(output);
        let problem = |error: String| format!("{}: {error}", path.display());
        let json = match std::fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(problem(error.to_string())),
        };
        let progress: Self =
            serde_json::from_slice(&json).map_err(|error| problem(error.to_string()))?;
        match progress.version {
            VERSION => Ok(Some(progress)),
            other => Err(problem(format!("is of version {other}, not {VERSION}"))),
        }
    }

    /// Puts it on the disk in place of what was there.
    pub(super) fn store(&self, output: &Path) -> io::Result<()> {
        let path = Self::path(output);
        let temporary = with_suffix(&path, ".tmp");
        let json = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        replace(&path, &temporary, |file| writeln!(file, "{json}"))
    }

    /// Whether this run may go on with that output, of which `found` is there.
    pub(super) fn fits(&self, found: Position, job: &Job) -> Result<(), String> {
        if let Some(change) = self.job.change(job) {
            return Err(format!("the run that it tells of had {change}"));
        }
        if found.holds(self.output) {
            return Ok(());
        }
        Err(format!("the output has {found}, of {} that were written", self.output))
    }
}
