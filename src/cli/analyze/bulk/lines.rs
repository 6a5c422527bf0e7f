//! Lines in, compressed or not, none longer than it may be.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::kind::Compression;
use super::record::Record;
use crate::cli::analyze::input::is_standard_input;

/// Bytes that are read ahead of the lines.
const BUFFER: usize = 1 << 16;

/// The lines of one input that are not blank; the iterator ends with its first error.
pub(super) struct Lines {
    input: Box<dyn BufRead + Send>,
    longest: usize,
}

impl Lines {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(file: &Path, compression: Compression, longest: usize) -> io::Result<Self> {
        let input: Box<dyn Read + Send> = if is_standard_input(file) {
            Box::new(io::stdin())
        } else {
            let file = BufReader::with_capacity(BUFFER, File::open(file)?);
            match compression {
                Compression::None => return Ok(Self { input: Box::new(file), longest }),
                // Files that were put together from several are read to their end.
                Compression::Gzip => Box::new(MultiGzDecoder::new(file)),
                Compression::Zstd => Box::new(zstd::Decoder::with_buffer(file)?),
            }
        };
        Ok(Self::new(input, longest))
    }

    fn new(input: impl Read + Send + 'static, longest: usize) -> Self {
        Self { input: Box::new(BufReader::with_capacity(BUFFER, input)), longest }
    }

    /// The next line with its end cut off; none when there is no further one.
    fn line(&mut self) -> io::Result<Option<Record>> {
        let mut line = Vec::new();
        let most = u64::try_from(self.longest).unwrap_or(u64::MAX).saturating_add(1);
        if self.input.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.pop_if(|last| *last == b'\n').is_none() && line.len() > self.longest {
            self.input.skip_until(b'\n')?;
            return Ok(Some(Record::TooLong { limit: self.longest }));
        }
        Ok(Some(Record::Line(line)))
    }
}

impl Iterator for Lines {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.line().transpose()? {
                Ok(Record::Line(line)) if line.trim_ascii().is_empty() => {}
                record => return Some(record),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use flate2::write::GzEncoder;

    use super::*;
    use crate::cli::analyze::bulk::source::pump;

    fn lines(input: &'static str, longest: usize) -> Vec<Record> {
        Lines::new(input.as_bytes(), longest).collect::<Result<_, _>>().expect("lines")
    }

    fn line(text: &str) -> Record {
        Record::Line(text.into())
    }

    #[test]
    fn blank_lines_are_no_records() {
        assert_eq!(lines("a\n\n \t\r\nb", 9), [line("a"), line("b")]);
        assert_eq!(lines("", 9), []);
    }

    #[test]
    fn a_line_that_is_too_long_fails_alone() {
        let found = lines("1234\n12345\n1234567890\n1234", 4);
        let long = || Record::TooLong { limit: 4 };
        assert_eq!(found, [line("1234"), long(), long(), line("1234")]);
    }

    #[test]
    fn members_and_frames_are_read_one_after_another() {
        let folder = tempfile::tempdir().expect("folder");
        let read = |name: &str, compression, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("write");
            let lines = Lines::open(&path, compression, 9).expect("open");
            lines.collect::<io::Result<Vec<_>>>()
        };
        let gzip = |text: &str| {
            let mut member = GzEncoder::new(Vec::new(), flate2::Compression::fast());
            member.write_all(text.as_bytes()).expect("write");
            member.finish().expect("member")
        };
        let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).expect("frame");
        let both = [line("a"), line("b")];
        let found = read("a.gz", Compression::Gzip, &[gzip("a\n"), gzip("b\n")].concat());
        assert_eq!(found.expect("lines"), both);
        let found = read("a.zst", Compression::Zstd, &[zstd("a\n"), zstd("b\n")].concat());
        assert_eq!(found.expect("lines"), both);
        let cut = gzip("a\nb\n");
        assert!(read("b.gz", Compression::Gzip, &cut[..cut.len() - 4]).is_err());
        let cut = zstd("a\nb\n");
        assert!(read("b.zst", Compression::Zstd, &cut[..cut.len() - 1]).is_err());
    }

    /// Endless lines of 100 bytes, counted as they are taken.
    struct Endless(Arc<AtomicU64>);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let line = [[b'x'; 99].as_slice(), b"\n"].concat();
            let taken = (&line[..]).read(buffer)?;
            assert_eq!(taken, 100, "the buffer has room for whole lines");
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(taken)
        }
    }

    #[test]
    fn what_nobody_takes_is_not_read() {
        const PLACES: usize = 4;
        let taken = Arc::new(AtomicU64::new(0));
        let lines = Lines::new(Endless(Arc::clone(&taken)), 1000);
        let (sender, mut records) = tokio::sync::mpsc::channel(PLACES);
        let reader = std::thread::spawn(move || pump(lines, 0, &sender));
        for received in 1..1000_u64 {
            assert_eq!(records.blocking_recv(), Some(line(&"x".repeat(99))));
            // Places of the channel, one at the door, one that is being read.
            let ahead = taken.load(Ordering::SeqCst).saturating_sub(received);
            assert!(ahead <= PLACES as u64 + 2, "{ahead} lines ahead");
        }
        drop(records);
        reader.join().expect("reader").expect("no error");
    }
}
