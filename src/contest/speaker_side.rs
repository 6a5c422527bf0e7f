//! To which party a speaker belongs.

use std::collections::{BTreeMap, HashMap};

use super::definition::PartyIndex;
use super::mention::MentionFinder;
use crate::article::{Document, Speaker};

/// Bytes before and behind a name that are looked at.
const LONGEST_CONTEXT: usize = 200;

/// Words before or behind a name that may tell the affiliation.
const LONGEST_INTRODUCTION: usize = 14;

/// Small words inside a title: "the minister for rivers", "envoy of the council".
const CONNECTORS: [&str; 6] = ["a", "an", "for", "of", "the", "to"];

/// Verbs by which somebody acts for somebody: "who led the Norland delegation".
const SERVES: [&str; 20] = [
    "advised",
    "advises",
    "chaired",
    "chairs",
    "commanded",
    "commands",
    "headed",
    "heads",
    "heading",
    "led",
    "leads",
    "leading",
    "representing",
    "represented",
    "represents",
    "ran",
    "runs",
    "serves",
    "speaks",
    "speaking",
];

/// People who speak about a party, not for it: "an expert on Norland".
const OBSERVERS: [&str; 16] = [
    "analyst",
    "author",
    "correspondent",
    "critic",
    "dissident",
    "economist",
    "expert",
    "fellow",
    "historian",
    "journalist",
    "observer",
    "professor",
    "reporter",
    "scholar",
    "specialist",
    "watcher",
];

/// Binds the speakers of one document to the parties of a contest.
///
/// A printed name carries its affiliation, before it ("Kremlin spokesman Igor Petrenko", "the
/// Kremlin's spokesman, Igor Petrenko") or behind it ("Igor Petrenko, who speaks for the
/// Kremlin"), wherever in the story it is printed; the first affiliation that is printed with a
/// surname is that of everyone called so in the document.
#[derive(Debug)]
pub struct SpeakerSides {
    by_name: BTreeMap<String, PartyIndex>,
    by_surname: HashMap<String, PartyIndex>,
}

impl SpeakerSides {
    /// Reads the speakers of all quotations and reports of a document and what the story says they
    /// are.
    pub fn of(document: &Document, finder: &MentionFinder) -> Self {
        let mut sides = Self { by_name: BTreeMap::new(), by_surname: HashMap::new() };
        let speakers =
            document.quotations.iter().filter_map(|quotation| quotation.speaker.as_ref());
        let speakers = speakers.chain(document.reported.iter().map(|report| &report.speaker));
        let mut sought: HashMap<&str, Option<PartyIndex>> = HashMap::new();
        for speaker in speakers {
            if let Some(party) = affiliation(finder, &speaker.name) {
                sides.by_name.insert(speaker.name.clone(), party);
            }
            if let Some(surname) = surname(&speaker.name) {
                sought.insert(surname, None);
            }
        }
        for sentence in &document.sentences {
            introduce(document.sentence_text(sentence), finder, &mut sought);
        }
        let found = sought.into_iter();
        sides.by_surname =
            found.filter_map(|(name, party)| Some((name.to_owned(), party?))).collect();
        sides
    }

    /// The party of a speaker of this document, as printed; none when the text does not tell.
    pub fn party(&self, speaker: &str) -> Option<PartyIndex> {
        let named = self.by_name.get(speaker).copied();
        named.or_else(|| self.by_surname.get(surname(speaker)?).copied())
    }
}

/// Reads off a sentence the parties of those of the surnames `sought` that have none yet.
fn introduce(
    sentence: &str,
    finder: &MentionFinder,
    sought: &mut HashMap<&str, Option<PartyIndex>>,
) {
    let mut end = 0;
    for word in sentence.split_inclusive(|c: char| !is_name_char(c)) {
        let start = end;
        end += word.len();
        let name = word.trim_end_matches(|c: char| !is_name_char(c));
        let name = name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name);
        let Some(party @ None) = sought.get_mut(name) else { continue };
        let name_end = start + name.len();
        let before = last_bytes(sentence.get(..name_end).unwrap_or(""));
        let behind = first_bytes(sentence.get(name_end..).unwrap_or(""));
        *party =
            affiliation(finder, title(before)).or_else(|| affiliation(finder, apposition(behind)?));
    }
}

/// The end of `text`, at most a context long.
fn last_bytes(text: &str) -> &str {
    let start = text.len().saturating_sub(LONGEST_CONTEXT);
    (start..=text.len()).find_map(|start| text.get(start..)).unwrap_or("")
}

/// The beginning of `text`, at most a context long.
fn first_bytes(text: &str) -> &str {
    let end = text.len().min(LONGEST_CONTEXT);
    (0..=end).rev().find_map(|end| text.get(..end)).unwrap_or("")
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '\'' | '’')
}

/// The name that ends `text` with the title before it.
fn title(text: &str) -> &str {
    let from = text.rfind(['.', ':', ';', '"', '“', '”', '(', ')', '—', '–']).map_or(0, |at| {
        // The full stop of an initial or a short title ends nothing.
        let short = |stop: usize| {
            text.get(..stop).is_some_and(|head| {
                head.rsplit(char::is_whitespace).next().is_some_and(|word| word.len() <= 4)
            })
        };
        if text.get(at..).is_some_and(|rest| rest.starts_with('.')) && short(at) { 0 } else { at }
    });
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
    text.get(start..).unwrap_or(text)
}

/// What stands behind a name between commas, as far as it says for whom the person acts.
fn apposition(text: &str) -> Option<&str> {
    if let Some(place) = text.strip_prefix(" of ").or_else(|| text.strip_prefix(" from ")) {
        let end = place.find([',', '.', ';', '"', '“', '”', '(', '—']).unwrap_or(place.len());
        return place.get(..end);
    }
    let text = text.strip_prefix(", ")?;
    let end = text.find(['.', ';', '\n', '"', '“', '”', '(', '—']).unwrap_or(text.len());
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

/// The party that a title speaks for. A person of the contest decides; else the first party that is
/// printed: "Norland's envoy to Sudland" speaks for Norland. What an observer observes is no
/// affiliation, but where he does it is: "an expert on Sudland at the Norland Institute".
fn affiliation(finder: &MentionFinder, title: &str) -> Option<PartyIndex> {
    let is_observer = |word: &str| OBSERVERS.contains(&word);
    let title = match title.split(' ').any(is_observer) {
        true => title.split_once(" at ").map_or("", |(_, place)| place),
        false => title,
    };
    let parties = finder.parties_in(title);
    let person = parties.iter().find(|(_, is_person)| *is_person);
    person.or_else(|| parties.first()).map(|(party, _)| *party)
}

fn surname(name: &str) -> Option<&str> {
    name.split_whitespace().next_back().filter(|word| word.starts_with(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::{Contest, ContestDraft, ContestLimits, PartyDraft};

    fn finder() -> MentionFinder {
        let party = |id: &str, alias: &str| PartyDraft {
            id: id.into(),
            aliases: vec![alias.into()],
            ..PartyDraft::default()
        };
        let sides = vec![party("up", "Norland"), party("down", "Sudland")];
        let draft = ContestDraft { id: "dam".into(), sides, ..ContestDraft::default() };
        let limits = ContestLimits { party_entries: 10, third_parties: 10 };
        MentionFinder::new(&Contest::parse(draft, limits, "contest").expect("valid"))
    }

    fn sides(text: &str) -> Vec<Option<usize>> {
        let document = Document::parse(text.into(), None);
        let speakers = SpeakerSides::of(&document, &finder());
        let names = document.quotations.iter().filter_map(|quotation| quotation.speaker.as_ref());
        names.map(|speaker| speakers.party(&speaker.name).map(|party| party.0)).collect()
    }

    #[test]
    fn an_affiliation_before_or_behind_the_name_binds_the_speaker() {
        let before = "\"We will not yield,\" said Norland spokesman Jan Oster.";
        assert_eq!(sides(before), [Some(0)]);
        let behind = "\"We will not yield,\" said Ida Lund, Sudland's envoy to Norland, on Monday.";
        assert_eq!(sides(behind), [Some(1)]);
    }

    #[test]
    fn a_surname_is_bound_for_the_rest_of_the_article() {
        let text = "\"We will not yield,\" said Norland spokesman Jan Oster.\n\
            \"Not now and not ever,\" Oster said.";
        assert_eq!(sides(text), [Some(0), Some(0)]);
    }

    #[test]
    fn a_speaker_without_affiliation_belongs_to_nobody() {
        assert_eq!(sides("\"It is a pity, I think,\" said Eva Holm, a baker."), [None]);
    }
}
