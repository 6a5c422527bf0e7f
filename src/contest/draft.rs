//! A contest as it is written down.

use serde::Deserialize;

use super::definition::AliasGuard;
use super::entailment::EntailmentCalibration;

/// A contest as it was written down, in a file or in a request: not checked yet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestDraft {
    /// Id; see [`Contest::id`](super::Contest::id).
    pub id: String,
    /// Version of the definition.
    #[serde(default)]
    pub version: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// What the dispute is about.
    #[serde(default)]
    pub topic: String,
    /// The sides.
    #[serde(default)]
    pub sides: Vec<PartyDraft>,
    /// Parties that are no side.
    #[serde(default)]
    pub third_parties: Vec<PartyDraft>,
    /// Calibrations of entailment models.
    #[serde(default)]
    pub entailment: Vec<EntailmentCalibration>,
}

/// A side or third party as it was written down; see [`ContestDraft`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyDraft {
    /// Id within the contest.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Names under which it appears in texts.
    #[serde(default)]
    pub aliases: Vec<AliasDraft>,
    /// Full names of people who speak or act for it.
    #[serde(default)]
    pub people: Vec<String>,
    /// Words in the titles of those who speak for it; see [`Party::affiliations`](super::Party).
    #[serde(default)]
    pub affiliations: Vec<AliasDraft>,
    /// Claims it makes, each a full sentence.
    #[serde(default)]
    pub claims: Vec<String>,
}

/// An alias or affiliation: a string, or a table with the words that make it another name.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "an alias is a string or { name, not_before, not_after }")]
pub enum AliasDraft {
    /// Counts wherever it stands.
    Plain(String),
    /// Does not count beside some words.
    Guarded(GuardedAlias),
}

/// An alias with its guard; see [`AliasGuard`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardedAlias {
    /// The alias.
    pub name: String,
    /// The alias does not count when it stands before one of these.
    #[serde(default)]
    pub not_before: Vec<String>,
    /// The alias does not count when it stands after one of these.
    #[serde(default)]
    pub not_after: Vec<String>,
}

impl AliasDraft {
    /// The alias and its guard, which is empty for a plain one.
    pub fn parts(self) -> (String, AliasGuard) {
        match self {
            Self::Plain(name) => (name, AliasGuard::default()),
            Self::Guarded(GuardedAlias { name, not_before, not_after }) => {
                (name, AliasGuard { not_before, not_after })
            }
        }
    }
}

impl Default for AliasDraft {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl From<&str> for AliasDraft {
    fn from(name: &str) -> Self {
        Self::Plain(name.to_owned())
    }
}
