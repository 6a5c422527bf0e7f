//! The archives of tensors that tch writes (`rust_model.ot`), read without TorchScript.
//!
//! They are TorchScript modules, which may carry code that libtorch runs when it loads them. One of tensors alone
//! differs from what `torch.save` writes in its first and last bytes: an object of a class without methods, not a
//! dictionary. With those bytes changed, it is read as a pickle of tensors; the rest of the archive is never looked
//! at.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// How the pickle of a module begins: protocol 2, an empty object of its class, a dictionary of attributes.
const OBJECT: &[u8] = b"\x80\x02c__torch__\nModule\nq\x00)\x81}(";
/// How that of a dictionary begins.
const DICTIONARY: &[u8] = b"\x80\x02}(";
/// Longest pickle that is read, in bytes.
const LONGEST: u64 = 64 << 20;
/// Between the parts of a tensor's name, where others have a dot.
pub(super) const SEPARATOR: char = '|';

/// Writes an archive beside `target` that holds the tensors of `source` as `torch.save` would. It is removed when it
/// is dropped.
pub(super) fn as_pickle(source: &Path, target: &Path) -> Result<NamedTempFile, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let file = File::open(source).map_err(|error| text(&error))?;
    let mut archive = ZipArchive::new(file).map_err(|error| text(&error))?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let copy = NamedTempFile::new_in(folder).map_err(|error| text(&error))?;
    let mut writer = ZipWriter::new(copy.as_file());
    rewrite(&mut archive, &mut writer)?;
    writer.finish().map_err(|error| text(&error))?;
    Ok(copy)
}

/// Copies the tensors' values as they are, and the pickle that names them as one of a dictionary.
fn rewrite(archive: &mut ZipArchive<File>, copy: &mut ZipWriter<&File>) -> Result<(), String> {
    let failed = |error: zip::result::ZipError| error.to_string();
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut found = false;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(failed)?;
        let path = entry.name().map_err(failed)?.into_owned();
        let (_, name) = path.split_once('/').unwrap_or(("", &path));
        if name == "data.pkl" {
            drop(entry);
            found = true;
            let mut pickle = Vec::new();
            let entry = archive.by_index(index).map_err(failed)?;
            entry.take(LONGEST).read_to_end(&mut pickle).map_err(|error| error.to_string())?;
            let dictionary = dictionary(&pickle)
                .ok_or("is no archive of tensors as tch writes it: no other is read")?;
            copy.start_file(path, stored).map_err(failed)?;
            copy.write_all(&dictionary).map_err(|error| error.to_string())?;
        } else if name == "byteorder" || name.starts_with("data/") {
            copy.raw_copy_file(entry).map_err(failed)?;
        }
    }
    if !found {
        return Err("is no archive of tensors: it has no data.pkl".into());
    }
    Ok(())
}

/// The pickle of a dictionary of the attributes of a module.
fn dictionary(module: &[u8]) -> Option<Vec<u8>> {
    let attributes = module.strip_prefix(OBJECT)?;
    // At the end the dictionary becomes the object's (`b`), which is memoised (`q` or `r`, with its number).
    let attributes = match attributes {
        [attributes @ .., b'u', b'b', b'q', _, b'.'] => attributes,
        [attributes @ .., b'u', b'b', b'r', _, _, _, _, b'.'] => attributes,
        _ => return None,
    };
    Some([DICTIONARY, attributes, b"u."].concat())
}
