//! One file, fetched in as many parts as it takes, and verified.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest, Sha256};
use ureq::http::Method;

use super::client::{Answer, Client, Failure, protocol, text};
use super::error::{FetchError, io_at};
use super::hub::RemoteFile;
use crate::model::store::read_chunks;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;
/// Bytes that are progress enough to begin the count of attempts anew.
const PROGRESS: u64 = 1 << 20;

/// Fetches a file into a folder. What came of it before is kept in `NAME.ETAG.part` and not fetched again: the name
/// tells which content it is a part of, so that no condition on the request is needed, which hosts behind a hub
/// answer by marks of their own. `done` hears how many bytes of the file are there.
pub(super) fn download(
    client: &Client,
    file: &RemoteFile,
    folder: &Path,
    done: &mut dyn FnMut(u64),
) -> Result<(), FetchError> {
    let target = folder.join(&file.name);
    if target.exists() && verify(&target, file).is_ok() {
        done(file.bytes);
        return Ok(());
    }
    let part = folder.join(format!("{}.{}.part", file.name, file.etag));
    client.persist(&file.url, |progress| {
        let before = size(&part)?;
        let outcome = fetch_rest(client, file, &part, done);
        *progress = size(&part)? >= before.saturating_add(PROGRESS);
        outcome
    })?;
    verify(&part, file)?;
    fs::rename(&part, &target).map_err(io_at(&target))
}

/// Bytes of a file, 0 without one.
fn size(path: &Path) -> Result<u64, FetchError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(io_at(path)(error)),
    }
}

/// Fetches what is missing of a file, in one request.
fn fetch_rest(
    client: &Client,
    file: &RemoteFile,
    part: &Path,
    done: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    let mut have = size(part)?;
    if have > file.bytes {
        fs::remove_file(part).map_err(io_at(part))?;
        have = 0;
    }
    let mut sink = OpenOptions::new().create(true).append(true).open(part).map_err(io_at(part))?;
    if have == file.bytes {
        done(have);
        return Ok(());
    }
    let answer = client.ask(&Method::GET, &file.url, have)?;
    let start = start_of(file, &answer, have)?;
    if start != have {
        sink.set_len(start).map_err(io_at(part))?;
    }
    receive(answer, file, part, &mut sink, start, done)
}

/// Where the bytes of an answer begin: at the first missing one, or at the beginning when the host gives no parts.
fn start_of(file: &RemoteFile, answer: &Answer, have: u64) -> Result<u64, Failure> {
    let range = text(answer.last.headers(), "content-range");
    match answer.last.status().as_u16() {
        206 if range.starts_with(&format!("bytes {have}-")) => Ok(have),
        200 => Ok(0),
        status => {
            let problem = format!("status {status} and range \"{range}\" for bytes from {have}");
            Err(protocol(&file.url, &problem).into())
        }
    }
}

/// Writes a body to the part.
fn receive(
    answer: Answer,
    file: &RemoteFile,
    part: &Path,
    sink: &mut File,
    start: u64,
    done: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    // One byte more than expected shows that there are too many.
    let mut body = answer.last.into_body().into_reader().take(file.bytes - start + 1);
    let mut buffer = vec![0; CHUNK];
    let mut have = start;
    loop {
        let read = body.read(&mut buffer).map_err(Failure::passing)?;
        if read == 0 {
            break;
        }
        let chunk = buffer.get(..read).unwrap_or_default();
        sink.write_all(chunk).map_err(io_at(part))?;
        have += read as u64;
        done(have);
    }
    if have < file.bytes {
        let problem = format!("ended after {have} of {} bytes", file.bytes);
        return Err(Failure::passing(problem));
    }
    Ok(())
}

/// Compares a file with what the hub says; deletes it when it differs.
fn verify(path: &Path, file: &RemoteFile) -> Result<(), FetchError> {
    let bytes = size(path)?;
    let (expected, actual) = if bytes == file.bytes {
        (file.etag.clone(), hash_like(path, file).map_err(io_at(path))?)
    } else {
        (format!("{} bytes", file.bytes), format!("{bytes} bytes"))
    };
    if expected == actual {
        return Ok(());
    }
    fs::remove_file(path).map_err(io_at(path))?;
    Err(FetchError::Corrupt { file: file.name.clone(), expected, actual })
}

/// Hash of a file in the kind of the hub's mark: SHA-256 of large files, git's SHA-1 of small ones.
fn hash_like(path: &Path, file: &RemoteFile) -> std::io::Result<String> {
    if file.etag.len() == 64 {
        let mut hasher = Sha256::new();
        read_chunks(path, |chunk| hasher.update(chunk))?;
        return Ok(format!("{:x}", hasher.finalize()));
    }
    let mut hasher = Sha1::new();
    hasher.update(format!("blob {}\0", file.bytes));
    read_chunks(path, |chunk| hasher.update(chunk))?;
    Ok(format!("{:x}", hasher.finalize()))
}
