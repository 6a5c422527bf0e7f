//! Answers out as Parquet, which cannot be added to: a folder with a file for each mark.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::answer::Answer;
use super::columns;
use super::durable::{replace, sync_folder_of};
use super::sink::{Hold, locked};

/// A name that readers of Parquet folders pass over, as all that begin with `_` or a dot.
const LOCK: &str = "_lock";
/// The part that is being written.
const TEMPORARY: &str = ".part.tmp";

/// A folder of parts, locked: `part-00000.parquet` and so on.
#[derive(Debug)]
pub(super) struct PartFolder {
    folder: PathBuf,
    /// Held for as long as the folder is written.
    _lock: File,
    parts: u32,
    rows: Vec<Answer>,
}

impl PartFolder {
    /// Opens or makes a folder and locks it.
    pub(super) fn open(folder: &Path, hold: Hold) -> io::Result<Self> {
        if hold != Hold::There {
            match std::fs::create_dir(folder) {
                Err(error) if hold == Hold::Either && error.kind() == ErrorKind::AlreadyExists => {
                    nothing_foreign(folder)?;
                }
                made => made?,
            }
        }
        sync_folder_of(folder)?;
        let lock =
            File::options().write(true).create(true).truncate(false).open(folder.join(LOCK))?;
        lock.try_lock().map_err(locked)?;
        Ok(Self { folder: folder.to_owned(), _lock: lock, parts: 0, rows: Vec::new() })
    }

    fn part(&self, number: u32) -> PathBuf {
        self.folder.join(format!("part-{number:05}.parquet"))
    }

    /// Parts that are there, counted from the first to the first that is missing.
    pub(super) fn found(&self) -> io::Result<u32> {
        let mut parts = 0;
        while self.part(parts).try_exists()? {
            parts += 1;
        }
        Ok(parts)
    }

    /// Takes away the parts from that number on.
    pub(super) fn rewind(&mut self, parts: u32) -> io::Result<()> {
        self.rows.clear();
        self.parts = parts;
        for number in parts..self.found()? {
            std::fs::remove_file(self.part(number))?;
        }
        sync_folder_of(&self.part(parts))
    }

    /// Holds an answer for the next part.
    pub(super) fn write(&mut self, answer: Answer) {
        self.rows.push(answer);
    }

    /// Writes what is held as a part; how many there are then.
    pub(super) fn settle(&mut self) -> io::Result<u32> {
        if !self.rows.is_empty() {
            let part = self.part(self.parts);
            let write = |file: &mut _| columns::write(file, &self.rows).map_err(io::Error::other);
            replace(&part, &self.folder.join(TEMPORARY), write)?;
            self.rows.clear();
            self.parts += 1;
        }
        Ok(self.parts)
    }
}

/// Whether a folder holds nothing but what a run leaves that has not come to a mark.
fn nothing_foreign(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name != LOCK && name != TEMPORARY {
            let problem = format!("has no progress and is not empty: {}", name.display());
            return Err(io::Error::other(problem));
        }
    }
    Ok(())
}
