//! To which party a speaker belongs.

use std::collections::{BTreeMap, HashMap};

use super::definition::PartyIndex;
use super::mention::{MentionFinder, NameKind};
use crate::article::Document;

use self::title::{affiliation, apposition, title};

mod title;

/// Bytes before and behind a name that are looked at.
const LONGEST_CONTEXT: usize = 200;

/// A shorter word in capitals is an acronym, no surname in capitals.
const SHORTEST_IN_CAPITALS: usize = 5;

/// Words in which the subject of a sentence that begins with it stands.
const LONGEST_SUBJECT: usize = 2;

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
        let mut sought: HashMap<String, Option<PartyIndex>> = HashMap::new();
        for speaker in speakers {
            if let Some(party) = affiliation(finder, &speaker.name) {
                sides.by_name.insert(speaker.name.clone(), party);
            }
            let named = surname(&speaker.name).into_iter().chain(possessor(&speaker.name));
            sought.extend(named.map(|name| (name, None)));
        }
        let mut before = "";
        for sentence in &document.sentences {
            let sentence = document.sentence_text(sentence);
            introduce(sentence, before, finder, &mut sought);
            before = sentence;
        }
        let found = sought.into_iter();
        sides.by_surname = found.filter_map(|(name, party)| Some((name, party?))).collect();
        sides
    }

    /// The party of a speaker of this document, as printed; none when the text does not tell.
    pub fn party(&self, speaker: &str) -> Option<PartyIndex> {
        let named = self.by_name.get(speaker).copied();
        let by_surname = |name| self.by_surname.get(&name).copied();
        named.or_else(|| by_surname(surname(speaker)?)).or_else(|| by_surname(possessor(speaker)?))
    }
}

/// Reads off a sentence the parties of those of the surnames `sought` that have none yet; `previous`
/// is the sentence before it.
fn introduce(
    sentence: &str,
    previous: &str,
    finder: &MentionFinder,
    sought: &mut HashMap<String, Option<PartyIndex>>,
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
        let title = title(before);
        *party = affiliation(finder, title)
            .or_else(|| affiliation(finder, apposition(behind)?))
            .or_else(|| {
                owner(finder, before.strip_suffix(title)?.trim_end(), first_bytes(previous))
            });
    }
}

/// The party of somebody whose title stands behind `head`: "its director", "Norland's team, led by".
/// The body is the last one named in the sentence, or the one that the sentence before begins with.
fn owner(finder: &MentionFinder, head: &str, previous: &str) -> Option<PartyIndex> {
    let parties = |text: &str| {
        let mut parties = finder.parties_in(text);
        parties.retain(|(_, kind)| *kind == NameKind::Alias);
        parties
    };
    let mut words = head.rsplit(' ');
    let (last, second) = (words.next()?, words.next().unwrap_or(""));
    if last == "by" && matches!(second, "chaired" | "headed" | "led" | "represented") {
        return parties(head).last().map(|(party, _)| *party);
    }
    if !matches!(last, "Its" | "Their" | "its" | "their" | "whose") {
        return None;
    }
    let beginning = || {
        let (at, word) = previous.match_indices(' ').nth(LONGEST_SUBJECT - 1)?;
        parties(previous.get(..at + word.len())?).first().copied()
    };
    let party = parties(head).last().copied().or_else(beginning);
    party.map(|(party, _)| party)
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

/// The surname that a speaker's name ends with; one in capitals, as in transcripts ("BROOK:"), as it
/// stands elsewhere.
fn surname(name: &str) -> Option<String> {
    let word = name.split_whitespace().next_back()?;
    let mut letters = word.chars();
    let first = letters.next().filter(|first| first.is_uppercase())?;
    if word.contains(char::is_lowercase) || word.len() < SHORTEST_IN_CAPITALS {
        return Some(word.to_owned());
    }
    Some(first.to_string() + &letters.as_str().to_lowercase())
}

/// Whose spokesman or office a speaker is: "Brook's office", but not "Norland's National Board".
fn possessor(name: &str) -> Option<String> {
    let (owner, office) = name.split_once("'s ").or_else(|| name.split_once("’s "))?;
    if office.starts_with(char::is_lowercase) { surname(owner) } else { None }
}

#[cfg(test)]
#[path = "speaker_side_tests.rs"]
mod tests;
