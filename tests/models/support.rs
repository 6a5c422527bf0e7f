//! Small checkpoints.

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};

/// The `config.json` of a summariser.
pub(crate) const BART: &str =
    r#"{"model_type":"bart","architectures":["BartForConditionalGeneration"]}"#;

/// Numbers in the weights of [`weights`].
pub(crate) const PARAMETERS: usize = 4096;

/// A safetensors file of one tensor.
pub(crate) fn weights(dtype: Dtype) -> Vec<u8> {
    let values: Vec<u8> = (0..PARAMETERS * dtype.bitsize() / 8).map(|n| (n % 251) as u8).collect();
    let view = TensorView::new(dtype, vec![PARAMETERS], &values).expect("view");
    safetensors::serialize([("weight", view)], None).expect("safetensors")
}

/// The files of a whole checkpoint.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("config.json", BART.into()),
        ("tokenizer.json", b"{}".into()),
        ("model.safetensors", weights(Dtype::F32)),
    ]
}

/// Writes files into a new folder of a directory.
pub(crate) fn folder(directory: &Path, name: &str, files: &[(&str, Vec<u8>)]) -> PathBuf {
    let folder = directory.join(name);
    fs::create_dir_all(&folder).expect("folder");
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("file");
    }
    folder
}

/// Names in a directory, hidden ones included.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("directory");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A small file of tensors.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/weights").join(name)
}
