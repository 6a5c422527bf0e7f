//! Whose words a sentence carries.

use crate::article::{Document, Quotation, Sentence, Speaker};
use crate::contest::{PartyIndex, SpeakerSides};

/// A sentence is quoted when more than this share of its words is.
const QUOTED_SHARE: f64 = 0.5;

/// Whose words a piece of text carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// The voice.
    pub voice: Voice,
    /// The speaker as printed, when one is named.
    pub speaker: Option<String>,
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
    speakers: &SpeakerSides,
    passed_on: bool,
) -> Attribution {
    if document.quoted_share(sentence) <= QUOTED_SHARE {
        let voice = if passed_on { Voice::Unattributed } else { Voice::Author };
        let report = document.report_in(index);
        return report.map_or(Attribution { voice, speaker: None }, |report| {
            attribute_speaker(&report.speaker, speakers)
        });
    }
    let said = document.quotations_in(sentence).iter().filter(|quotation| !quotation.scare);
    let main = said.max_by_key(|quotation| quotation.words);
    main.map_or(Attribution { voice: Voice::Unattributed, speaker: None }, |quotation| {
        attribute_quotation(quotation, speakers)
    })
}

/// The attribution of a quotation.
pub(super) fn attribute_quotation(quotation: &Quotation, speakers: &SpeakerSides) -> Attribution {
    let Some(speaker) = &quotation.speaker else {
        return Attribution { voice: Voice::Unattributed, speaker: None };
    };
    attribute_speaker(speaker, speakers)
}

fn attribute_speaker(speaker: &Speaker, speakers: &SpeakerSides) -> Attribution {
    let voice = speakers.party(&speaker.name).map_or(Voice::Other, Voice::Party);
    Attribution { voice, speaker: Some(speaker.name.clone()) }
}
