//! What a file is, by its name.

use std::path::Path;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines.
    Lines(Compression),
    /// Rows of Parquet.
    Parquet,
}

/// How lines are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Kind {
    pub(super) fn of(file: &Path) -> Self {
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("parquet") => Self::Parquet,
            Some("gz") => Self::Lines(Compression::Gzip),
            Some("zst") => Self::Lines(Compression::Zstd),
            _ => Self::Lines(Compression::None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_suffix_counts() {
        let kind = |name: &str| Kind::of(Path::new(name));
        assert_eq!(kind("a.jsonl"), Kind::Lines(Compression::None));
        assert_eq!(kind("-"), Kind::Lines(Compression::None));
        assert_eq!(kind("a.parquet/a.jsonl.gz"), Kind::Lines(Compression::Gzip));
        assert_eq!(kind("a.zst"), Kind::Lines(Compression::Zstd));
        assert_eq!(kind("a.gz.parquet"), Kind::Parquet);
    }
}
