//! How many quoted words each voice has.

use std::collections::BTreeSet;

use super::attribution::{Voice, attribute_quotation};
use crate::article::Document;
use crate::contest::{PartyIndex, SpeakerSides};

/// The quoted words of one voice.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceShare {
    /// Whose; none for speakers who belong to no party.
    pub party: Option<PartyIndex>,
    /// Words.
    pub words: usize,
    /// Over all quoted words, in [0, 1].
    pub share: f64,
    /// Speakers as printed, in order of appearance.
    pub speakers: Vec<String>,
}

/// Quoted words by voice, and those of nobody.
pub(super) fn share_voices(
    document: &Document,
    speakers: &SpeakerSides,
) -> (Vec<VoiceShare>, usize) {
    let mut unattributed = 0;
    let mut seen = BTreeSet::new();
    let mut shares: Vec<VoiceShare> = Vec::new();
    for quotation in document.quotations.iter().filter(|quotation| !quotation.scare) {
        let attribution = attribute_quotation(quotation, speakers);
        let Some(speaker) = attribution.speaker else {
            unattributed += quotation.words;
            continue;
        };
        let party = match attribution.voice {
            Voice::Party(party) => Some(party),
            Voice::Author | Voice::Other | Voice::Unattributed => None,
        };
        match shares.iter_mut().find(|share| share.party == party) {
            Some(share) => {
                share.words += quotation.words;
                if seen.insert((party, speaker.clone())) {
                    share.speakers.push(speaker);
                }
            }
            None => {
                seen.insert((party, speaker.clone()));
                shares.push(VoiceShare {
                    party,
                    words: quotation.words,
                    share: 0.0,
                    speakers: vec![speaker],
                })
            }
        }
    }
    let total = unattributed + shares.iter().map(|share| share.words).sum::<usize>();
    for share in &mut shares {
        share.share = if total == 0 { 0.0 } else { share.words as f64 / total as f64 };
    }
    // Parties in the order of the contest, speakers of no party last.
    shares.sort_by_key(|share| share.party.map_or(usize::MAX, |party| party.0));
    (shares, unattributed)
}
