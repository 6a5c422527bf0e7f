//! The articles that a benchmark sends.

use std::path::{Path, PathBuf};

/// The texts of a folder (`*.txt`), in the order of their names.
pub(crate) fn texts(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("folder of articles");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    assert!(!paths.is_empty(), "no *.txt in {}", folder.display());
    paths.iter().map(|path| std::fs::read_to_string(path).expect("article")).collect()
}
