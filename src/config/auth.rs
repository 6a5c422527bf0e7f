//! `[auth]`: who may call.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Who may call; everybody while `keys_file` is empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// TOML file with the callers.
    pub keys_file: PathBuf,
}

impl AuthConfig {
    /// The file with the callers, if there is one.
    pub fn keys_file(&self) -> Option<&Path> {
        Some(self.keys_file.as_path()).filter(|path| !path.as_os_str().is_empty())
    }
}
