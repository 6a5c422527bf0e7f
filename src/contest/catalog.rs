//! The contests that a server knows by id.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::definition::{Contest, ContestLimits};
use super::draft::ContestDraft;
use super::mention::MentionFinder;
use crate::violation::Violation;

/// Contests that are part of the program.
const BUILT_IN: &[(&str, &str)] =
    &[("contests/us-russia.toml", include_str!("../../contests/us-russia.toml"))];

/// A known contest.
#[derive(Debug, Clone)]
pub struct CatalogEntry {
    /// The definition.
    pub contest: Arc<Contest>,
    /// Finds its parties in texts.
    pub finder: Arc<MentionFinder>,
    /// SHA-256 of the definition file, lower-case hex; empty for a contest of a request.
    pub sha256: String,
}

impl CatalogEntry {
    /// A contest that came with a request.
    pub fn inline(contest: Contest) -> Self {
        Self::new(contest, String::new())
    }

    fn new(contest: Contest, sha256: String) -> Self {
        let finder = Arc::new(MentionFinder::new(&contest));
        Self { contest: Arc::new(contest), finder, sha256 }
    }
}

/// Contests by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    entries: BTreeMap<String, CatalogEntry>,
}

impl Catalog {
    /// The built-in contests.
    ///
    /// # Errors
    /// When a built-in definition is not valid, which a test rules out.
    pub fn built_in() -> Result<Self, Vec<Violation>> {
        let mut catalog = Self::default();
        for (name, toml) in BUILT_IN {
            catalog.add_toml(name, toml)?;
        }
        Ok(catalog)
    }

    /// Adds a contest from the text of a definition file; one with the same id is replaced.
    ///
    /// # Errors
    /// All violations of the definition, each under the name of the file.
    pub fn add_toml(&mut self, name: &str, toml: &str) -> Result<(), Vec<Violation>> {
        let draft: ContestDraft = toml::from_str(toml)
            .map_err(|error| vec![Violation::new(name, error.to_string().trim_end().to_owned())])?;
        let contest = Contest::parse(draft, ContestLimits::FILES, name)?;
        let sha256 = format!("{:x}", Sha256::digest(toml.as_bytes()));
        let entry = CatalogEntry::new(contest, sha256);
        self.entries.insert(entry.contest.id.clone(), entry);
        Ok(())
    }

    /// A contest by id.
    pub fn get(&self, id: &str) -> Option<&CatalogEntry> {
        self.entries.get(id)
    }

    /// All contests in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.entries.values()
    }

    /// All ids, for messages.
    pub fn ids(&self) -> Vec<&str> {
        self.entries.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_contests_are_valid() {
        let catalog = Catalog::built_in().expect("valid");
        let contest = &catalog.get("us-russia").expect("known").contest;
        assert_eq!(contest.sides.each_ref().map(|side| side.id.as_str()), ["us_nato", "russia"]);
    }

    #[test]
    fn a_file_is_held_to_the_limits_of_files() {
        let file = |aliases: usize| {
            let names: Vec<String> = (0..aliases).map(|n| format!("\"Norland {n}\"")).collect();
            let side = format!("aliases = [{}]\nclaims = [\"It is so.\"]", names.join(","));
            format!(
                "id = \"x\"\n[[sides]]\nid = \"up\"\n{side}\n[[sides]]\nid = \"down\"\naliases = [\"Sudland\"]\n"
            )
        };
        Catalog::default().add_toml("x.toml", &file(10_000)).expect("valid");
        let violations = Catalog::default().add_toml("x.toml", &file(10_001)).expect_err("invalid");
        assert!(violations[0].problem.contains("10001"), "{violations:?}");
    }

    #[test]
    fn an_unknown_key_in_a_file_is_an_error() {
        let toml = "id = \"x\"\ncolour = \"red\"\n";
        let violations = Catalog::default().add_toml("x.toml", toml).expect_err("invalid");
        assert!(violations[0].problem.contains("colour"), "{violations:?}");
    }
}
