//! The names by which a text may speak of a party, in all the forms they take in print.

use std::collections::{BTreeMap, BTreeSet};

use crate::contest::definition::{AliasGuard, Contest, Party, PartyIndex};

/// What a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) party: PartyIndex,
    /// The person a full name or surname belongs to; none for an alias.
    pub(super) person: Option<String>,
    pub(super) surname_only: bool,
    /// Counts in the titles of speakers only.
    pub(super) affiliation: bool,
    /// One capitalised word, which may be part of another name.
    pub(super) is_single: bool,
    /// The initials of those whose surname it is; empty where nobody bears it.
    pub(super) initials: BTreeSet<char>,
    /// Words that make it another name.
    pub(super) guard: AliasGuard,
}

/// Every pattern with what it stands for, without those that stand for two parties. A form that was
/// derived from one party's alias gives way to what another party states, and an affiliation to both.
pub(super) fn unambiguous_names(contest: &Contest) -> impl Iterator<Item = (String, Name)> {
    let mut stated: Meanings = BTreeMap::new();
    let mut derived: Meanings = BTreeMap::new();
    let mut affiliations: Meanings = BTreeMap::new();
    let initials = initials_by_surname(contest);
    for (index, party) in contest.parties() {
        for alias in &party.aliases {
            let name = alias_name(index, party, alias, &initials);
            for variant in case_variants(alias) {
                stated.entry(variant).or_default().insert(name.clone());
            }
            for variant in demonyms(alias).iter().flat_map(|demonym| case_variants(demonym)) {
                derived.entry(variant).or_default().insert(name.clone());
            }
        }
        for alias in &party.aliases {
            let name = Name { affiliation: true, ..alias_name(index, party, alias, &initials) };
            for form in in_titles(alias) {
                affiliations.entry(form).or_default().insert(name.clone());
            }
        }
        for affiliation in &party.affiliations {
            let name =
                Name { affiliation: true, ..alias_name(index, party, affiliation, &initials) };
            for variant in case_variants(affiliation) {
                affiliations.entry(variant).or_default().insert(name.clone());
            }
            for variant in demonyms(affiliation).iter().flat_map(|demonym| case_variants(demonym)) {
                affiliations.entry(variant).or_default().insert(name.clone());
            }
        }
        for person in &party.people {
            for variant in case_variants(person) {
                stated.entry(variant).or_default().insert(person_name(index, person, false));
            }
            if let Some((_, surname)) = person.rsplit_once(' ') {
                for variant in case_variants(surname) {
                    stated.entry(variant).or_default().insert(person_name(index, person, true));
                }
            }
        }
    }
    for (pattern, names) in derived.into_iter().chain(affiliations) {
        stated.entry(pattern).or_insert(names);
    }
    stated.into_iter().filter_map(|(pattern, names)| {
        let parties: BTreeSet<PartyIndex> = names.iter().map(|name| name.party).collect();
        // Of several meanings within one party the first is the most general: an alias.
        let name = names.into_iter().next()?;
        (parties.len() == 1 && !pattern.is_empty()).then_some((pattern, name))
    })
}

type Meanings = BTreeMap<String, BTreeSet<Name>>;

fn alias_name(
    party_index: PartyIndex,
    party: &Party,
    alias: &str,
    initials: &BTreeMap<&str, BTreeSet<char>>,
) -> Name {
    Name {
        party: party_index,
        person: None,
        surname_only: false,
        affiliation: false,
        is_single: is_single(alias),
        initials: initials.get(alias).cloned().unwrap_or_default(),
        guard: party.guards.get(alias).cloned().unwrap_or_default(),
    }
}

fn person_name(party: PartyIndex, person: &str, surname_only: bool) -> Name {
    Name {
        party,
        person: Some(person.to_owned()),
        surname_only,
        affiliation: false,
        is_single: surname_only,
        initials: person.chars().next().into_iter().collect(),
        guard: AliasGuard::default(),
    }
}

fn is_single(alias: &str) -> bool {
    alias.starts_with(char::is_uppercase) && alias.chars().all(char::is_alphabetic)
}

fn initials_by_surname(contest: &Contest) -> BTreeMap<&str, BTreeSet<char>> {
    let mut initials: BTreeMap<&str, BTreeSet<char>> = BTreeMap::new();
    for person in contest.parties().flat_map(|(_, party)| &party.people) {
        if let (Some((_, surname)), Some(initial)) =
            (person.rsplit_once(' '), person.chars().next())
        {
            initials.entry(surname).or_default().insert(initial);
        }
    }
    initials
}

/// A name as given, with a capital first letter, and in capitals when that cannot turn it into
/// another word ("us" is no alias of the "US", so short names are matched as given).
fn case_variants(name: &str) -> BTreeSet<String> {
    let mut variants = BTreeSet::from([name.to_owned()]);
    let mut characters = name.chars();
    if let Some(first) = characters.next() {
        variants.insert(first.to_uppercase().chain(characters).collect());
    }
    if name.chars().count() > 3 {
        variants.insert(name.to_uppercase());
    }
    variants
}

/// How an alias that is no proper name stands in a title: "the company" in "a company source",
/// "nurses" in "a nurse".
fn in_titles(alias: &str) -> Vec<String> {
    let bare = alias.strip_prefix("the ").unwrap_or(alias);
    if bare.contains(char::is_uppercase) {
        return Vec::new();
    }
    let singular = match bare.strip_suffix("ies") {
        Some(stem) => Some(format!("{stem}y")),
        None => bare.strip_suffix('s').map(str::to_owned),
    };
    singular.into_iter().chain([bare.to_owned()]).collect()
}

/// Shortest alias that demonyms are derived from, in letters.
const SHORTEST_STEM: usize = 4;

/// How the name of a place ends, and what its people are called instead of that end. The first line
/// that fits counts.
const DEMONYMS: &[(&str, &[&str])] = &[
    // Russia, Norway's "Karsova": Russian, Karsovan.
    ("a", &["an", "ans"]),
    // Italy: Italian.
    ("y", &["ian", "ians"]),
    // Europe, Ukraine: European, Ukrainian.
    ("pe", &["pean", "peans"]),
    ("ne", &["nian", "nians"]),
    // Pakistan, Iraq: Pakistani, Iraqi.
    ("stan", &["stani", "stanis"]),
    ("aq", &["aqi", "aqis"]),
    // Norland, Hamburg: Norlander, Hamburger.
    ("land", &["lander", "landers", "landic"]),
    ("burg", &["burger", "burgers"]),
    // Names of a people: Karsovans.
    ("an", &["ans", "anian", "anians"]),
    ("on", &["onian", "onians"]),
];

/// The demonyms of an alias that is one capitalised word. Not all of them are in use; a form that is
/// not does not occur.
fn demonyms(alias: &str) -> Vec<String> {
    if !is_single(alias)
        || alias.chars().count() < SHORTEST_STEM
        || !alias.contains(char::is_lowercase)
    {
        return Vec::new();
    }
    let line = DEMONYMS.iter().find_map(|(end, people)| Some((alias.strip_suffix(end)?, people)));
    let Some((stem, people)) = line else { return Vec::new() };
    people.iter().map(|end| format!("{stem}{end}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demonyms_follow_the_end_of_the_name() {
        assert_eq!(demonyms("Karsova"), ["Karsovan", "Karsovans"]);
        assert_eq!(demonyms("Ukraine")[0], "Ukrainian");
        assert_eq!(demonyms("Norland")[0], "Norlander");
        assert_eq!(demonyms("Karsovan")[0], "Karsovans");
    }

    #[test]
    fn acronyms_and_phrases_have_no_demonyms() {
        for alias in ["NATO", "the ministry", "State Department", "Una"] {
            assert_eq!(demonyms(alias), [""; 0], "{alias}");
        }
    }
}
