//! Whose words a sentence carries.

use super::speakers::{SpeakerParties, SpeakerParty};
use crate::article::{Document, Quotation, Sentence};
use crate::contest::PartyIndex;

/// A sentence is quoted when more than this share of its words is.
const QUOTED_SHARE: f64 = 0.5;

/// Whose words a piece of text carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// The voice.
    pub voice: Voice,
    /// The speaker as printed, when one is named.
    pub speaker: Option<String>,
    /// Whether the model tells the party: the text does not print it.
    pub inferred: bool,
}

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The author's.
    Author,
    /// A side's or third party's.
    Party(PartyIndex),
    /// A named speaker's who belongs to no party.
    Other,
    /// Somebody else's, and the text does not tell whose.
    Unattributed,
}

/// The attribution of the sentence of this index: its main quotation's speaker, when most of it is
/// quoted; else the one whose words it reports; else, when the model reads it as passed on, somebody;
/// else the author.
pub(super) fn attribute(
    document: &Document,
    index: usize,
    sentence: &Sentence,
    speakers: &SpeakerParties<'_>,
    passed_on: bool,
) -> Attribution {
    if document.quoted_share(sentence) <= QUOTED_SHARE {
        let voice = if passed_on { Voice::Unattributed } else { Voice::Author };
        let report = document.report_in(index);
        return report.map_or(voice.of_nobody_named(), |report| {
            let name = &report.speaker.name;
            attributed(Some(name), speakers.of_speaker(name))
        });
    }
    let said = document.quotations_in(sentence).iter().filter(|quotation| !quotation.scare);
    let main = said.max_by_key(|quotation| quotation.words);
    main.map_or(Voice::Unattributed.of_nobody_named(), |quotation| {
        attribute_quotation(quotation, speakers)
    })
}

/// The attribution of a quotation.
pub(super) fn attribute_quotation(
    quotation: &Quotation,
    speakers: &SpeakerParties<'_>,
) -> Attribution {
    let name = quotation.speaker.as_ref().map(|speaker| &speaker.name);
    attributed(name, speakers.of_quotation(quotation))
}

fn attributed(speaker: Option<&String>, party: Option<SpeakerParty>) -> Attribution {
    let otherwise = if speaker.is_some() { Voice::Other } else { Voice::Unattributed };
    Attribution {
        voice: party.map_or(otherwise, |found| Voice::Party(found.party)),
        speaker: speaker.cloned(),
        inferred: party.is_some_and(|found| found.inferred),
    }
}

impl Voice {
    fn of_nobody_named(self) -> Attribution {
        Attribution { voice: self, speaker: None, inferred: false }
    }
}
