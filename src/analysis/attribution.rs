//! Whose words a sentence carries.

use crate::article::{Document, Quotation, Sentence, Speaker};
use crate::contest::{PartyIndex, SpeakerSides};

/// A sentence is quoted when more than this share of its code points stands between marks.
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
    /// Quoted, and the text does not tell whose.
    Unattributed,
}

/// The attribution of the sentence of this index: its main quotation's speaker, when most of it is
/// quoted; else the one whose words it reports; else the author.
pub(super) fn attribute(
    document: &Document,
    index: usize,
    sentence: &Sentence,
    speakers: &SpeakerSides,
) -> Attribution {
    let length = sentence.span.end_code_point.saturating_sub(sentence.span.start_code_point);
    let quoted = |quotation: &Quotation| {
        let start = quotation.span.start_code_point.max(sentence.span.start_code_point);
        let end = quotation.span.end_code_point.min(sentence.span.end_code_point);
        end.saturating_sub(start)
    };
    let inside: Vec<(usize, &Quotation)> = document
        .quotations_in(sentence)
        .iter()
        .filter(|quotation| !quotation.scare)
        .map(|quotation| (quoted(quotation), quotation))
        .collect();
    let total: usize = inside.iter().map(|(length, _)| length).sum();
    if total as f64 <= QUOTED_SHARE * length as f64 {
        let report = document.report_in(index);
        return report.map_or(Attribution { voice: Voice::Author, speaker: None }, |report| {
            attribute_speaker(&report.speaker, speakers)
        });
    }
    let main = inside.into_iter().max_by_key(|(length, _)| *length);
    main.map_or(Attribution { voice: Voice::Unattributed, speaker: None }, |(_, quotation)| {
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
