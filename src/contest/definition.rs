//! What a contest is, and the one place where a definition is checked.

use std::collections::BTreeMap;

use super::draft::{AliasDraft, ContestDraft, PartyDraft};
use super::entailment::{self, EntailmentCalibration};
use crate::violation::{Violation, shortened};

/// Label of the framing that favours neither side; no party may have it as its id.
pub const BALANCED: &str = "balanced";

/// How large a contest may be.
#[derive(Debug, Clone, Copy)]
pub struct ContestLimits {
    /// Aliases, people, affiliations and claims of one party, each.
    pub party_entries: usize,
    /// Third parties.
    pub third_parties: usize,
}

impl ContestLimits {
    /// Of definition files: whoever writes one runs the server, so that it is held to what a slip of the pen would exceed and
    /// not to the limits of requests.
    pub const FILES: Self = Self { party_entries: 10_000, third_parties: 1_000 };
}

/// Longest id, in bytes.
const MAX_ID_BYTES: usize = 64;
/// Longest name, in code points.
const MAX_NAME: usize = 200;
/// Longest alias or personal name, in code points.
const MAX_ALIAS: usize = 100;
/// Longest claim or topic, in code points.
const MAX_CLAIM: usize = 500;

/// A valid contest.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// Lower-case letters, digits, `-` and `_`; at most 64 bytes.
    pub id: String,
    /// Version of the definition, free text.
    pub version: String,
    /// Name for people; may be empty.
    pub name: String,
    /// What the dispute is about; may be empty.
    pub topic: String,
    /// The sides; the first is the positive end of every score.
    pub sides: [Party; 2],
    /// Parties that are no side.
    pub third_parties: Vec<Party>,
    /// How the probabilities of entailment models are to be read.
    pub entailment: Vec<EntailmentCalibration>,
}

/// A valid side or third party.
#[derive(Debug, Clone, PartialEq)]
pub struct Party {
    /// Id, unique within the contest.
    pub id: String,
    /// Name for people; may be empty.
    pub name: String,
    /// Names under which it appears in texts.
    pub aliases: Vec<String>,
    /// For some of the aliases and affiliations, the words that make them part of another name.
    pub guards: BTreeMap<String, AliasGuard>,
    /// Full names of people.
    pub people: Vec<String>,
    /// Words that tell whose side a speaker is on where they stand in his title, and name nobody
    /// elsewhere: the offices, parties, countries and institutes of its people.
    pub affiliations: Vec<String>,
    /// Claims, full sentences.
    pub claims: Vec<String>,
}

/// Words beside an alias that make the two another name: "Washington Post", "George Washington".
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AliasGuard {
    /// The alias does not count when it stands before one of these.
    pub not_before: Vec<String>,
    /// The alias does not count when it stands after one of these.
    pub not_after: Vec<String>,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The positive end of every score.
    First,
    /// The negative end.
    Second,
}

/// Which party of a contest: the two sides come first, then the third parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartyIndex(pub usize);

impl PartyIndex {
    /// The side, when the party is one.
    pub fn side(self) -> Option<Side> {
        match self.0 {
            0 => Some(Side::First),
            1 => Some(Side::Second),
            _ => None,
        }
    }
}

impl From<Side> for PartyIndex {
    fn from(side: Side) -> Self {
        match side {
            Side::First => Self(0),
            Side::Second => Self(1),
        }
    }
}

impl Contest {
    /// Checks a draft. `root` is the path of the contest in the caller's input, put
    /// before the field of every violation.
    ///
    /// # Errors
    /// All violations at once.
    pub fn parse(
        draft: ContestDraft,
        limits: ContestLimits,
        root: &str,
    ) -> Result<Self, Vec<Violation>> {
        let mut check = Check { violations: Vec::new(), limits };
        check.id(&draft.id, &format!("{root}.id"));
        check.length(&draft.name, MAX_NAME, &format!("{root}.name"));
        check.length(&draft.version, MAX_NAME, &format!("{root}.version"));
        check.length(&draft.topic, MAX_CLAIM, &format!("{root}.topic"));
        check.count(
            draft.third_parties.len(),
            limits.third_parties,
            &format!("{root}.third_parties"),
        );

        let calibrations = format!("{root}.entailment");
        check.violations.extend(entailment::violations(&draft.entailment, &calibrations));

        let side_count = draft.sides.len();
        let sides_field = format!("{root}.sides");
        let sides: Vec<Party> = check.parties(draft.sides, &sides_field, true);
        let third_parties =
            check.parties(draft.third_parties, &format!("{root}.third_parties"), false);
        check.distinct_ids(sides.iter().chain(&third_parties), &sides_field);

        match <[Party; 2]>::try_from(sides) {
            Ok(sides) if check.violations.is_empty() => Ok(Self {
                id: draft.id,
                version: draft.version,
                name: draft.name,
                topic: draft.topic,
                sides,
                third_parties,
                entailment: draft.entailment,
            }),
            Ok(_) => Err(check.violations),
            Err(_) => {
                let problem = format!("a contest has exactly 2 sides, got {side_count}");
                check.violations.insert(0, Violation::new(sides_field, problem));
                Err(check.violations)
            }
        }
    }

    /// A side.
    pub fn side(&self, side: Side) -> &Party {
        let [first, second] = &self.sides;
        match side {
            Side::First => first,
            Side::Second => second,
        }
    }

    /// The claims of the sides with their indices, those of the first side first.
    pub fn claims(&self) -> impl Iterator<Item = (Side, usize, &str)> {
        [Side::First, Side::Second].into_iter().flat_map(|side| {
            let claims = self.side(side).claims.iter().enumerate();
            claims.map(move |(index, claim)| (side, index, claim.as_str()))
        })
    }

    /// All parties with their indices, sides first.
    pub fn parties(&self) -> impl Iterator<Item = (PartyIndex, &Party)> {
        self.sides
            .iter()
            .chain(&self.third_parties)
            .enumerate()
            .map(|(index, party)| (PartyIndex(index), party))
    }

    /// The party at an index that came from this contest.
    pub fn party(&self, index: PartyIndex) -> Option<&Party> {
        self.sides.iter().chain(&self.third_parties).nth(index.0)
    }
}

/// Collects violations while a draft is read.
struct Check {
    violations: Vec<Violation>,
    limits: ContestLimits,
}

impl Check {
    fn reject(&mut self, field: &str, problem: String) {
        self.violations.push(Violation::new(field, problem));
    }

    fn id(&mut self, id: &str, field: &str) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if id.is_empty() {
            self.reject(field, "is required".into());
        } else if id.len() > MAX_ID_BYTES {
            self.reject(field, format!("is at most {MAX_ID_BYTES} bytes long, got {}", id.len()));
        } else if !id.chars().all(plain) {
            self.reject(field, "holds only lower-case letters, digits, '-' and '_'".into());
        } else if id == BALANCED {
            self.reject(field, format!("must not be \"{BALANCED}\""));
        }
    }

    fn length(&mut self, text: &str, limit: usize, field: &str) {
        let length = text.chars().count();
        if length > limit {
            self.reject(field, format!("is at most {limit} code points long, got {length}"));
        }
    }

    fn count(&mut self, count: usize, limit: usize, field: &str) {
        if count > limit {
            self.reject(field, format!("has at most {limit} entries, got {count}"));
        }
    }

    /// Checks parties. A list that is too long is reported once, not entry by entry.
    fn parties(&mut self, drafts: Vec<PartyDraft>, field: &str, sides: bool) -> Vec<Party> {
        let limit = if sides { 2 } else { self.limits.third_parties };
        if drafts.len() > limit {
            return Vec::new();
        }
        drafts
            .into_iter()
            .enumerate()
            .map(|(index, draft)| self.party(draft, &format!("{field}[{index}]"), sides))
            .collect()
    }

    fn party(&mut self, draft: PartyDraft, field: &str, is_side: bool) -> Party {
        self.id(&draft.id, &format!("{field}.id"));
        self.length(&draft.name, MAX_NAME, &format!("{field}.name"));
        let aliases_field = format!("{field}.aliases");
        let (aliases, mut guards) = self.guarded(draft.aliases, &aliases_field);
        let (affiliations, more) =
            self.guarded(draft.affiliations, &format!("{field}.affiliations"));
        guards.extend(more);
        let party = Party {
            id: draft.id,
            name: draft.name,
            aliases,
            affiliations,
            guards,
            people: self.entries(draft.people, MAX_ALIAS, &format!("{field}.people")),
            claims: self.entries(draft.claims, MAX_CLAIM, &format!("{field}.claims")),
        };
        if is_side && party.aliases.is_empty() && party.people.is_empty() {
            self.reject(&format!("{field}.aliases"), "a side needs an alias or a person".into());
        }
        party
    }

    fn entries(&mut self, entries: Vec<String>, limit: usize, field: &str) -> Vec<String> {
        self.count(entries.len(), self.limits.party_entries, field);
        if entries.len() > self.limits.party_entries {
            return Vec::new();
        }
        for (index, entry) in entries.iter().enumerate() {
            let field = format!("{field}[{index}]");
            if !entry.chars().any(char::is_alphanumeric) {
                self.reject(&field, "holds no letter or digit".into());
            }
            self.length(entry, limit, &field);
        }
        entries.iter().map(|entry| entry.trim().to_owned()).collect()
    }

    /// Names that may carry guards, and the guards that hold words, by name.
    fn guarded(
        &mut self,
        drafts: Vec<AliasDraft>,
        field: &str,
    ) -> (Vec<String>, BTreeMap<String, AliasGuard>) {
        let (names, guards): (Vec<String>, Vec<AliasGuard>) =
            drafts.into_iter().map(AliasDraft::parts).unzip();
        // Empty when the list was too long.
        let names = self.entries(names, MAX_ALIAS, field);
        let mut by_name = BTreeMap::new();
        for (index, (name, guard)) in names.iter().zip(guards).enumerate() {
            let field = format!("{field}[{index}]");
            let guard = AliasGuard {
                not_before: self.entries(
                    guard.not_before,
                    MAX_ALIAS,
                    &format!("{field}.not_before"),
                ),
                not_after: self.entries(guard.not_after, MAX_ALIAS, &format!("{field}.not_after")),
            };
            if guard != AliasGuard::default() {
                by_name.insert(name.clone(), guard);
            }
        }
        (names, by_name)
    }

    fn distinct_ids<'p>(&mut self, parties: impl Iterator<Item = &'p Party>, field: &str) {
        let mut seen = std::collections::BTreeSet::new();
        for party in parties {
            if !seen.insert(party.id.as_str()) {
                self.reject(field, format!("party id \"{}\" is used twice", shortened(&party.id)));
            }
        }
    }
}

#[cfg(test)]
#[path = "definition_tests.rs"]
mod tests;
