//! To which party a speaker belongs.

use std::collections::BTreeMap;

use super::definition::PartyIndex;
use super::mention::MentionFinder;
use crate::article::Document;

/// Bytes after a name within which an apposition has to end.
const LONGEST_APPOSITION: usize = 120;

/// Binds the speakers of one document to the parties of a contest.
///
/// A printed name carries its affiliation, before it ("Kremlin spokesman Igor Petrenko") or behind
/// it ("Igor Petrenko, the Kremlin's spokesman, said"); the surname is then bound for the rest of
/// the document, so that "Petrenko said" is understood too. A surname bound to two parties is bound
/// to none.
#[derive(Debug)]
pub struct SpeakerSides {
    by_name: BTreeMap<String, Option<PartyIndex>>,
    by_surname: BTreeMap<String, Option<PartyIndex>>,
}

impl SpeakerSides {
    /// Reads the speakers of all quotations of a document.
    pub fn of(document: &Document, finder: &MentionFinder) -> Self {
        let mut by_name = BTreeMap::new();
        let mut by_surname: BTreeMap<String, Option<PartyIndex>> = BTreeMap::new();
        let speakers =
            document.quotations.iter().filter_map(|quotation| quotation.speaker.as_ref());
        for speaker in speakers {
            let party = affiliation(&finder.parties_in(&speaker.name)).or_else(|| {
                let behind = apposition(&document.text, speaker.span.end_byte)?;
                affiliation(&finder.parties_in(behind))
            });
            by_name.insert(speaker.name.clone(), party);
            if let (Some(party), Some(surname)) = (party, surname(&speaker.name)) {
                by_surname
                    .entry(surname.to_owned())
                    .and_modify(|bound| *bound = bound.filter(|bound| *bound == party))
                    .or_insert(Some(party));
            }
        }
        Self { by_name, by_surname }
    }

    /// The party of a speaker of this document, as printed; none when the text does not tell.
    pub fn party(&self, speaker: &str) -> Option<PartyIndex> {
        let named = self.by_name.get(speaker).copied().flatten();
        named.or_else(|| self.by_surname.get(surname(speaker)?).copied().flatten())
    }
}

/// The words between the comma behind a name and the next comma, full stop or line end.
fn apposition(text: &str, name_end: usize) -> Option<&str> {
    let behind = text.get(name_end..)?.strip_prefix(", ")?;
    let end = behind.find([',', '.', ';', '\n', '"', '“', '”'])?;
    behind.get(..end).filter(|words| words.len() <= LONGEST_APPOSITION)
}

/// A person of the contest decides; else the first affiliation that is printed: "Norland's envoy to
/// Sudland" speaks for Norland.
fn affiliation(parties: &[(PartyIndex, bool)]) -> Option<PartyIndex> {
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
