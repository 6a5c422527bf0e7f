//! How many quoted words each voice has.

use std::collections::BTreeSet;

use super::attribution::{Voice, attribute_quotation};
use super::speakers::SpeakerParties;
use crate::article::Document;
use crate::contest::PartyIndex;

/// The quoted words of one voice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VoiceShare {
    /// Whose; none for speakers who belong to no party.
    pub party: Option<PartyIndex>,
    /// Words.
    pub words: usize,
    /// Those of them that the model gives to the party: the text does not print it.
    pub inferred_words: usize,
    /// Over all quoted words, in [0, 1].
    pub share: f64,
    /// Speakers as printed, in order of appearance.
    pub speakers: Vec<String>,
}

/// Quoted words by voice, and those of nobody.
pub(super) fn share_voices(
    document: &Document,
    speakers: &SpeakerParties<'_>,
) -> (Vec<VoiceShare>, usize) {
    let mut unattributed = 0;
    let mut seen = BTreeSet::new();
    let mut shares: Vec<VoiceShare> = Vec::new();
    for quotation in document.quotations.iter().filter(|quotation| !quotation.scare) {
        let attribution = attribute_quotation(quotation, speakers);
        let party = match attribution.voice {
            Voice::Party(party) => Some(party),
            Voice::Author | Voice::Other => None,
            Voice::Unattributed => {
                unattributed += quotation.words;
                continue;
            }
        };
        let new = attribution.speaker.filter(|speaker| seen.insert((party, speaker.clone())));
        let at = shares.iter().position(|share| share.party == party).unwrap_or_else(|| {
            shares.push(VoiceShare { party, ..VoiceShare::default() });
            shares.len() - 1
        });
        if let Some(share) = shares.get_mut(at) {
            share.words += quotation.words;
            share.inferred_words += if attribution.inferred { quotation.words } else { 0 };
            share.speakers.extend(new);
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
