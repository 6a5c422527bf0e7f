//! Answers out.

use std::io;
use std::path::Path;

use super::answer::Answer;
use super::frames::LineFile;
use super::kind::Kind;
use super::parts::PartFolder;
use super::progress::Position;

/// An output that a later run can go on with.
#[derive(Debug)]
pub(super) enum Sink {
    Lines(Box<LineFile>),
    Parts(PartFolder),
}

impl Sink {
    /// Takes hold of an output, so that no other run can.
    pub(super) fn open(output: &Path, hold: Hold) -> io::Result<Self> {
        match Kind::of(output) {
            Kind::Lines(compression) => {
                LineFile::open(output, compression, hold).map(|file| Self::Lines(Box::new(file)))
            }
            Kind::Parquet => PartFolder::open(output, hold).map(Self::Parts),
        }
    }

    /// How much is there.
    pub(super) fn found(&self) -> io::Result<Position> {
        match self {
            Self::Lines(file) => file.found().map(Position::Bytes),
            Self::Parts(folder) => folder.found().map(Position::Parts),
        }
    }

    /// Throws away what is there beyond a position.
    pub(super) fn rewind(&mut self, position: Position) -> io::Result<()> {
        match (self, position) {
            (Self::Lines(file), Position::Bytes(bytes)) => file.rewind(bytes),
            (Self::Parts(folder), Position::Parts(parts)) => folder.rewind(parts),
            (_, position) => Err(io::Error::other(format!("has no place at {position}"))),
        }
    }

    /// Takes an answer.
    pub(super) fn write(&mut self, answer: Answer) -> io::Result<()> {
        match self {
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
            Self::Lines(file) => file.settle().map(Position::Bytes),
            Self::Parts(folder) => folder.settle().map(Position::Parts),
        }
    }
}

/// Whether an output is there when it is taken hold of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// It must not be, and is made.
    New,
    /// It must be.
    There,
    /// It may be when nothing is in it, and else is made.
    Either,
}

/// What a lock that another holds is called.
pub(super) fn locked(error: std::fs::TryLockError) -> io::Error {
    match error {
        std::fs::TryLockError::WouldBlock => io::Error::other("another run is writing it"),
        std::fs::TryLockError::Error(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_not_cut_at_a_place_that_it_cannot_have() {
        let folder = tempfile::tempdir().expect("folder");
        let open = |name: &str| Sink::open(&folder.path().join(name), Hold::New).expect("output");
        let refused = |mut sink: Sink, place| sink.rewind(place).expect_err("refused").to_string();
        assert_eq!(refused(open("a.jsonl"), Position::Parts(0)), "has no place at 0 parts");
        assert_eq!(refused(open("a.parquet"), Position::Bytes(0)), "has no place at 0 bytes");
    }
}
