//! The public checkpoints that the server loads.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::violation::Violation;

/// Public checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelsConfig {
    /// Directory with a folder for each; empty for none.
    pub directory: PathBuf,
    /// Id of the checkpoint that writes summaries when a request names none; empty for none.
    pub summary: String,
    /// Id of the checkpoint that tells entailment when a request names none; empty for none.
    pub entailment: String,
    /// Most tokens of a batch of a checkpoint.
    pub batch_tokens: usize,
}

impl ModelsConfig {
    /// What is wrong with it. Whether the directory has the ids is known when it was read.
    pub(super) fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        let directory = &self.directory;
        let none = directory.as_os_str().is_empty();
        if !none && !directory.is_dir() {
            let problem = format!("\"{}\" is no directory", directory.display());
            violations.push(Violation::new("models.directory", problem));
        }
        for (key, id) in
            [("models.summary", &self.summary), ("models.entailment", &self.entailment)]
        {
            if none && !id.is_empty() {
                let problem = format!("is \"{id}\", but models.directory is empty");
                violations.push(Violation::new(key, problem));
            }
        }
        violations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(directory: &str, summary: &str) -> Vec<String> {
        let (summary, entailment) = (summary.to_owned(), String::new());
        let config =
            ModelsConfig { directory: directory.into(), summary, entailment, batch_tokens: 4096 };
        config.violations().iter().map(Violation::to_string).collect()
    }

    #[test]
    fn a_directory_that_is_set_is_there() {
        assert_eq!(problems("", ""), [""; 0]);
        assert_eq!(problems("/", "some-id"), [""; 0]);
        let expected = ["models.directory: \"/no/such/place\" is no directory"];
        assert_eq!(problems("/no/such/place", ""), expected);
    }

    #[test]
    fn a_default_needs_a_directory() {
        let expected = ["models.summary: is \"some-id\", but models.directory is empty"];
        assert_eq!(problems("", "some-id"), expected);
    }
}
