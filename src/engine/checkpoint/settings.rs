//! The JSON files of a checkpoint, read with errors that name file and key.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::engine::backend::LoadError;

/// The keys of one file; a key that is null counts as missing.
pub(super) struct Settings {
    file: String,
    values: Map<String, Value>,
}

impl Settings {
    pub(super) fn read(path: &Path) -> Result<Self, LoadError> {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let failed = |problem: String| LoadError::Model(format!("{file}: {problem}"));
        let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let values = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
        Ok(Self { file, values })
    }

    /// The object under a path of keys, as settings of its own; empty when there is none.
    pub(super) fn section(&self, path: &[&str]) -> Self {
        let first = Some(&self.values);
        let found = path.iter().fold(first, |object, key| object?.get(*key)?.as_object());
        let file = format!("{}: {}", self.file, path.join("."));
        Self { file, values: found.cloned().unwrap_or_default() }
    }

    fn failed(&self, key: &str, problem: &str) -> LoadError {
        LoadError::Model(format!("{}: {key} {problem}", self.file))
    }

    /// The value of a key.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, LoadError> {
        let value = self.values.get(key).cloned().unwrap_or_default();
        let value = serde_json::from_value(value);
        value.map_err(|error| self.failed(key, &format!("is not usable: {error}")))
    }

    /// The value of a key, or what it is by default.
    pub(super) fn or<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T, LoadError> {
        Ok(self.get(key)?.unwrap_or(default))
    }

    /// The value of a key that must be there.
    pub(super) fn need<T: DeserializeOwned>(&self, key: &str) -> Result<T, LoadError> {
        self.get(key)?.ok_or_else(|| self.failed(key, "is missing"))
    }

    /// A size: a number from 1 to a million.
    pub(super) fn size(&self, key: &str) -> Result<i64, LoadError> {
        self.in_range(key, self.need(key)?)
    }

    /// A size, or what it is by default.
    pub(super) fn size_or(&self, key: &str, default: i64) -> Result<i64, LoadError> {
        self.in_range(key, self.or(key, default)?)
    }

    fn in_range(&self, key: &str, size: i64) -> Result<i64, LoadError> {
        if (1..=1_000_000).contains(&size) {
            return Ok(size);
        }
        Err(self.failed(key, &format!("is {size}, expected 1 to 1000000")))
    }

    /// The heads under a key, and the size of each when they share `size` numbers.
    pub(super) fn heads(&self, key: &str, size: i64) -> Result<i64, LoadError> {
        let heads = self.size(key)?;
        if size % heads == 0 {
            return Ok(heads);
        }
        Err(self.failed(key, &format!("is {heads}, which does not divide {size}")))
    }

    /// Checks that the file describes one of these networks.
    pub(super) fn expect_kind(&self, kinds: &[&str]) -> Result<(), LoadError> {
        let kind: String = self.need("model_type")?;
        if kinds.contains(&kind.as_str()) {
            return Ok(());
        }
        let problem = format!("is \"{kind}\", expected \"{}\"", kinds.join("\" or \""));
        Err(self.failed("model_type", &problem))
    }
}
