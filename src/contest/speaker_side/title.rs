//! What the words beside a name say about whose side somebody is on.

use std::iter;

use super::super::definition::PartyIndex;
use super::super::mention::{MentionFinder, NameKind};
use crate::article::Speaker;

/// Words before or behind a name that may tell the affiliation.
const LONGEST_INTRODUCTION: usize = 14;

/// Words of a note in brackets that tells a party.
const LONGEST_NOTE: usize = 3;

/// Small words inside a title: "the minister for rivers", "envoy of the council".
const CONNECTORS: [&str; 6] = ["a", "an", "for", "of", "the", "to"];

/// Words that make what follows them an object, no office of somebody.
const PREPOSITIONS: [&str; 16] = [
    "after", "against", "among", "at", "before", "between", "by", "for", "from", "in", "of", "on",
    "than", "to", "toward", "with",
];

/// Verbs by which somebody acts for somebody: "who led the Norland delegation".
const SERVES: [&str; 28] = [
    "advised",
    "advises",
    "chaired",
    "chairs",
    "commanded",
    "commands",
    "directed",
    "directs",
    "headed",
    "heads",
    "heading",
    "led",
    "leads",
    "leading",
    "oversaw",
    "oversees",
    "representing",
    "represented",
    "represents",
    "ran",
    "runs",
    "served",
    "serves",
    "speaks",
    "speaking",
    "worked",
    "working",
    "works",
];

/// People who are sent to a party that is not theirs: "ambassador to Norland".
const ENVOYS: [&str; 3] = ["ambassador", "emissary", "envoy"];

/// People who speak about a party, not for it: "an expert on Norland". They belong to where they
/// work.
const OBSERVERS: [&str; 14] = [
    "analyst",
    "associate",
    "economist",
    "engineer",
    "expert",
    "fellow",
    "historian",
    "observer",
    "professor",
    "researcher",
    "scholar",
    "scientist",
    "specialist",
    "watcher",
];

/// People who speak for nobody but themselves, wherever they come from or work.
const WITNESSES: [&str; 11] = [
    "activist",
    "author",
    "columnist",
    "commentator",
    "correspondent",
    "critic",
    "dissident",
    "editor",
    "journalist",
    "publisher",
    "reporter",
];

/// The name that ends `text` with the title before it.
pub(super) fn title(text: &str) -> &str {
    let from = text.rfind([':', ';', '"', '“', '”', '(', ')', '—', '–']).unwrap_or(0);
    let text = text.get(from..).unwrap_or(text);
    let mut start = text.len();
    let mut commas = 0;
    for word in text.split(' ').rev().take(LONGEST_INTRODUCTION) {
        commas += usize::from(word.ends_with(','));
        let plain = word.trim_end_matches([',', '.']);
        let in_title = word.starts_with(char::is_uppercase)
            || Speaker::is_title_word(plain)
            || CONNECTORS.contains(&plain);
        if !in_title || commas > 1 {
            break;
        }
        start = start.saturating_sub(word.len() + 1);
    }
    let title = text.get(start..).unwrap_or(text);
    let before = text.get(..start).unwrap_or("").trim_end().rsplit(' ').next().unwrap_or("");
    match title.split_once(", ") {
        // "In Norland, Ada Brook said", "with the Norland army, Ada Brook said": no office.
        Some((office, name))
            if PREPOSITIONS.contains(&before)
                || office.split(' ').next().is_some_and(|word| PREPOSITIONS.contains(&word))
                || !office.split(' ').any(Speaker::is_title_word) =>
        {
            name
        }
        _ => title,
    }
}

/// What stands behind a name between commas, as far as it says for whom the person acts.
pub(super) fn apposition(text: &str) -> Option<&str> {
    if let Some(place) = text.strip_prefix(" of ").or_else(|| text.strip_prefix(" from ")) {
        return Some(leading_name(place));
    }
    let text = match text.strip_prefix(" (").and_then(|text| text.split_once(')')) {
        Some((note, _)) if is_party_note(note) => return Some(note),
        Some((_, behind)) => behind,
        None => text,
    };
    let text = text.strip_prefix(", ")?;
    let end = text.find([';', '\n', '"', '“', '”', '(', '—']).unwrap_or(text.len());
    let text = text.get(..end)?;
    let mut parts = text.split(", ");
    let first = parts.next()?;
    // "Ada Brook, 54, the mayor"
    let part = if first.chars().all(|c| c.is_ascii_digit()) { parts.next()? } else { first };
    let mut words = part.split(' ');
    let first = words.next()?;
    let serves = |word: &str| SERVES.contains(&word);
    let acts = match first {
        "who" | "whose" => words.next().is_some_and(serves),
        "and" | "but" | "said" | "says" | "in" | "on" | "after" | "as" => false,
        word => serves(word) || !word.ends_with("ing"),
    };
    acts.then_some(part)
}

/// A note in brackets that says where somebody belongs: "D-Ohio", "R., Texas", "Norland Council".
fn is_party_note(note: &str) -> bool {
    note.starts_with(char::is_uppercase) && note.split(' ').count() <= LONGEST_NOTE
}

/// The name that `text` begins with: "the Norland Council", before "says that".
fn leading_name(text: &str) -> &str {
    let mut end = 0;
    for word in text.split_inclusive(' ') {
        let plain = word.trim_end();
        if !plain.starts_with(char::is_uppercase) && !CONNECTORS.contains(&plain) {
            break;
        }
        end += word.len();
        if plain.ends_with([',', ';', '"', '”', ')']) {
            break;
        }
    }
    text.get(..end).unwrap_or(text)
}

/// `title` without the initials inside a name: "Ada B. Brook".
fn without_initials(title: &str) -> String {
    let is_initial =
        |word: &str| word.len() == 2 && word.ends_with('.') && word.starts_with(char::is_uppercase);
    let words: Vec<&str> = title.split(' ').filter(|word| !is_initial(word)).collect();
    words.join(" ")
}

/// The party that a title speaks for. A person of the contest decides; else the first party that is
/// printed: "Norland's envoy to Sudland" speaks for Norland. Where somebody is based is no
/// affiliation, nor is what an observer observes; where he works is: "an expert on Sudland at the
/// Norland Institute".
pub(super) fn affiliation(finder: &MentionFinder, title: &str) -> Option<PartyIndex> {
    let title = title.split_once(" based in ").map_or(title, |(office, _)| office);
    if is_one_of(title, &WITNESSES) {
        return None;
    }
    let plain = without_initials(title);
    // A name of the contest may have the initial too.
    let printed = (plain != title).then_some(title);
    iter::once(plain.as_str()).chain(printed).find_map(|title| {
        let (office, behind) = sent(title);
        named_in(finder, office).or_else(|| first_party(&finder.parties_in(behind)))
    })
}

fn is_one_of(title: &str, kind: &[&str]) -> bool {
    title.split([' ', ',', '.']).any(|word| kind.contains(&word))
}

/// What stands before and behind the place to which a title sends an envoy; all of it where it sends nobody.
fn sent(title: &str) -> (&str, &str) {
    let sends = |head: &str| {
        let office = head.rsplit(' ').next().unwrap_or(head);
        ENVOYS.iter().any(|envoy| office.eq_ignore_ascii_case(envoy))
    };
    let mut places = title.match_indices(" to ").filter_map(|(at, to)| {
        let (head, place) = (title.get(..at)?, title.get(at + to.len()..)?);
        let place = place.strip_prefix("the ").unwrap_or(place);
        Some((head, place.split_once(' ').map_or("", |(_, behind)| behind)))
    });
    places.find(|(head, _)| sends(head)).unwrap_or((title, ""))
}

/// The party that the words of a title name as the speaker's own.
fn named_in(finder: &MentionFinder, title: &str) -> Option<PartyIndex> {
    if !is_one_of(title, &OBSERVERS) {
        return first_party(&finder.parties_in(title));
    }
    let work = [" at ", " with ", " from "].iter().find_map(|word| title.split_once(word));
    let (field, place) = work.unwrap_or((title, ""));
    let place = place.split(" who ").next().unwrap_or(place);
    let field = [" on ", " in ", " of "]
        .iter()
        .fold(field, |field, word| field.split_once(word).map_or(field, |(own, _)| own));
    let mut own = finder.parties_in(field);
    own.retain(|(_, kind)| *kind != NameKind::Alias);
    first_party(&finder.parties_in(place)).or_else(|| first_party(&own))
}

fn first_party(parties: &[(PartyIndex, NameKind)]) -> Option<PartyIndex> {
    let person = parties.iter().find(|(_, kind)| *kind == NameKind::Person);
    person.or_else(|| parties.first()).map(|(party, _)| *party)
}
