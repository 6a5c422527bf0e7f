//! SHA-256 of many large files at once.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use sha2::{Digest, Sha256};

use super::error::{StoreError, io_at};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// Bytes after which the log says how far it is.
const STEP: u64 = 1 << 30;

/// SHA-256 of files, lower-case hex, in their order. As many files are read at once as there are cores; every
/// gigabyte is told in the log.
pub(in crate::model) fn sha256_of_files(files: &[PathBuf]) -> Result<Vec<String>, StoreError> {
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || {
        let mut sums = Vec::new();
        while let Some((index, file)) = take(files, &next) {
            let told = |bytes| tell(&done, bytes);
            sums.push((index, sha256_of_file(file, told).map_err(io_at(file))?));
        }
        Ok::<_, StoreError>(sums)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let mut sums = Vec::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            sums.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok::<_, StoreError>(())
    })?;
    sums.sort_unstable();
    Ok(sums.into_iter().map(|(_, sum)| sum).collect())
}

/// The next file that nobody reads yet.
fn take<'f>(files: &'f [PathBuf], next: &AtomicUsize) -> Option<(usize, &'f Path)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    files.get(index).map(|file| (index, file.as_path()))
}

/// Says in the log that another gigabyte is done.
fn tell(done: &AtomicU64, bytes: u64) {
    let before = done.fetch_add(bytes, Ordering::Relaxed);
    if before / STEP != (before + bytes) / STEP {
        tracing::info!(gigabytes = (before + bytes) / STEP, "hashing checkpoints");
    }
}

/// SHA-256 of a file, lower-case hex; `read` hears of every chunk.
fn sha256_of_file(path: &Path, read: impl Fn(u64)) -> io::Result<String> {
    let mut hasher = Sha256::new();
    read_chunks(path, |chunk| {
        hasher.update(chunk);
        read(chunk.len() as u64);
    })?;
    Ok(format!("{:x}", hasher.finalize()))
}

/// Gives all bytes of a file to `take`, part by part.
pub(in crate::model) fn read_chunks(path: &Path, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        take(buffer.get(..read).unwrap_or_default());
    }
}
