//! Answers out.

use std::io::{self, Write};
use std::path::Path;

use super::answer::Answer;
use super::frames::LineFile;
use super::kind::Kind;
use super::parts::PartFolder;
use super::progress::Position;

/// Where answers go.
#[derive(Debug)]
pub(super) enum Sink {
    /// Standard output, each at once: who reads it may wait for it.
    Stdout,
    Lines(Box<LineFile>),
    Parts(PartFolder),
}

impl Sink {
    /// Takes hold of an output, so that no other run can. One that is there is an error when it must not be.
    pub(super) fn open(output: &Path, may_exist: bool) -> io::Result<Self> {
        match Kind::of(output) {
            Kind::Lines(compression) => LineFile::open(output, compression, may_exist)
                .map(|file| Self::Lines(Box::new(file))),
            Kind::Parquet => PartFolder::open(output, may_exist).map(Self::Parts),
        }
    }

    /// How much is there.
    pub(super) fn found(&self) -> io::Result<Position> {
        match self {
            Self::Stdout => Ok(Position::Bytes(0)),
            Self::Lines(file) => file.found().map(Position::Bytes),
            Self::Parts(folder) => folder.found().map(Position::Parts),
        }
    }

    /// Throws away what is there beyond a position.
    pub(super) fn rewind(&mut self, position: Position) -> io::Result<()> {
        match (self, position) {
            (Self::Lines(file), Position::Bytes(bytes)) => file.rewind(bytes),
            (Self::Parts(folder), Position::Parts(parts)) => folder.rewind(parts),
            _ => Ok(()),
        }
    }

    /// Takes an answer.
    pub(super) fn write(&mut self, answer: Answer) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(answer.json.as_bytes())?;
                out.write_all(b"\n")?;
                out.flush()
            }
            Self::Lines(file) => file.write(&answer.json),
            Self::Parts(folder) => {
                folder.write(answer);
                Ok(())
            }
        }
    }

    /// Has everything on the disk when it returns; how much that is.
    pub(super) fn settle(&mut self) -> io::Result<Position> {
        match self {
            Self::Stdout => Ok(Position::Bytes(0)),
            Self::Lines(file) => file.settle().map(Position::Bytes),
            Self::Parts(folder) => folder.settle().map(Position::Parts),
        }
    }
}

/// What a lock that another holds is called.
pub(super) fn locked(error: std::fs::TryLockError) -> io::Error {
    match error {
        std::fs::TryLockError::WouldBlock => io::Error::other("another run is writing it"),
        std::fs::TryLockError::Error(error) => error,
    }
}
