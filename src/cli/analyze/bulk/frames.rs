//! Lines out, into a file that is whole at every mark.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::write::GzEncoder;

use super::durable::sync_folder_of;
use super::kind::Compression;
use super::sink::{Hold, locked};

/// Level of zstd: the library's own default.
const ZSTD_LEVEL: i32 = 3;

/// A file of lines, locked. Between two marks lies a gzip member or a zstd frame of its own: readers
/// take any number of them one after another.
pub(super) struct LineFile {
    file: File,
    compression: Compression,
    frame: Option<Frame>,
}

enum Frame {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

impl std::fmt::Debug for LineFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LineFile").field("file", &self.file).finish_non_exhaustive()
    }
}

impl LineFile {
    /// Opens or makes a file and locks it.
    pub(super) fn open(path: &Path, compression: Compression, hold: Hold) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create(hold == Hold::Either).create_new(hold == Hold::New);
        let file = options.open(path)?;
        file.try_lock().map_err(locked)?;
        sync_folder_of(path)?;
        Ok(Self { file, compression, frame: None })
    }

    /// Bytes that are there.
    pub(super) fn found(&self) -> io::Result<u64> {
        self.file.metadata().map(|metadata| metadata.len())
    }

    /// Cuts the file.
    pub(super) fn rewind(&mut self, bytes: u64) -> io::Result<()> {
        self.frame = None;
        self.file.set_len(bytes)?;
        self.file.seek(SeekFrom::Start(bytes)).map(|_| ())
    }

    /// Adds a line.
    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        let frame = match &mut self.frame {
            Some(frame) => frame,
            None => self.frame.insert(Frame::begin(&self.file, self.compression)?),
        };
        frame.write(line.as_bytes())?;
        frame.write(b"\n")
    }

    /// Ends the frame and has it on the disk; how many bytes are there then.
    pub(super) fn settle(&mut self) -> io::Result<u64> {
        match self.frame.take() {
            Some(frame) => frame.finish()?,
            // No bytes at all are no compressed file.
            None if self.found()? == 0 => Frame::begin(&self.file, self.compression)?.finish()?,
            None => {}
        }
        self.file.sync_all()?;
        self.file.stream_position()
    }
}

impl Frame {
    fn begin(file: &File, compression: Compression) -> io::Result<Self> {
        // The two share one position.
        let out = BufWriter::new(file.try_clone()?);
        Ok(match compression {
            Compression::None => Self::Plain(out),
            Compression::Gzip => Self::Gzip(GzEncoder::new(out, flate2::Compression::default())),
            Compression::Zstd => Self::Zstd(zstd::Encoder::new(out, ZSTD_LEVEL)?),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(out) => out.write_all(bytes),
            Self::Zstd(out) => out.write_all(bytes),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out,
            Self::Gzip(out) => out.finish()?,
            Self::Zstd(out) => out.finish()?,
        }
        .flush()
    }
}
