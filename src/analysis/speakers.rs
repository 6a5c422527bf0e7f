//! To which party speakers belong: as the text prints it, else as the model reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::PassageReading;
use crate::article::{Document, Quotation, SpeakerBasis};
use crate::contest::{PartyIndex, Side, SpeakerSides};

/// Least weight of a sentence of which little is quoted.
const LEAST_WEIGHT: f64 = 0.1;

/// The party of somebody who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpeakerParty {
    /// Which.
    pub party: PartyIndex,
    /// Whether the model tells it: the text does not print it.
    pub inferred: bool,
}

/// The parties of all speakers of a document.
///
/// What is printed goes first. Where a quotation has no speaker, or one who is described and not named, and no party is
/// printed, the model's probabilities that a side's people speak are averaged over its sentences, each weighted by the share
/// of it that is quoted; from a threshold on a side is told. Who a named person is stands in print or is not known, and so
/// for third parties.
#[derive(Debug)]
pub struct SpeakerParties<'a> {
    printed: &'a SpeakerSides,
    /// What the model tells, by the first byte of the quotation.
    inferred: BTreeMap<usize, Side>,
}

/// Sums of weighted probabilities of the first side, neither, the second.
#[derive(Debug, Default, Clone, Copy)]
struct Tally([f64; 3]);

impl Tally {
    fn add(&mut self, probabilities: [f64; 3], weight: f64) {
        let Self(sums) = self;
        sums.iter_mut().zip(probabilities).for_each(|(sum, p)| *sum += weight * p);
    }

    /// The side whose mean probability is not below the threshold.
    fn side(self, above: f64) -> Option<Side> {
        let Self([first, neither, second]) = self;
        let least = above * ((first + second) + neither);
        match (first >= second, second >= first) {
            (true, false) if first >= least => Some(Side::First),
            (false, true) if second >= least => Some(Side::Second),
            _ => None,
        }
    }
}

impl<'a> SpeakerParties<'a> {
    /// Reads the parties off a document; `sentences` is what the model read in its sentences, `above` the least probability
    /// at which a side is told.
    pub fn of(
        document: &'a Document,
        printed: &'a SpeakerSides,
        sentences: &[PassageReading],
        above: f64,
    ) -> Self {
        let described = described(document);
        let named = |quotation: &Quotation| {
            let speaker = quotation.speaker.as_ref();
            speaker.is_some_and(|speaker| !described.contains(speaker.name.as_str()))
        };
        let mut tallies: BTreeMap<usize, Tally> = BTreeMap::new();
        for (sentence, reading) in document.sentences.iter().zip(sentences) {
            let probabilities = reading.speaker.probabilities();
            let weight = document.quoted_share(sentence).max(LEAST_WEIGHT);
            let quotations = document.quotations_in(sentence).iter();
            for quotation in quotations.filter(|quotation| !quotation.scare && !named(quotation)) {
                let tally = tallies.entry(quotation.span.start_byte).or_default();
                tally.add(probabilities, weight);
            }
        }
        let sides = tallies.into_iter().map(|(at, tally)| Some((at, tally.side(above)?)));
        Self { printed, inferred: sides.flatten().collect() }
    }

    /// The party of a speaker of the document, as printed.
    pub fn of_speaker(&self, name: &str) -> Option<SpeakerParty> {
        let party = self.printed.party(name)?;
        Some(SpeakerParty { party, inferred: false })
    }

    /// The party of whoever said a quotation of the document.
    pub fn of_quotation(&self, quotation: &Quotation) -> Option<SpeakerParty> {
        let printed = quotation.speaker.as_ref().and_then(|s| self.of_speaker(&s.name));
        printed.or_else(|| {
            let side = *self.inferred.get(&quotation.span.start_byte)?;
            Some(SpeakerParty { party: PartyIndex::from(side), inferred: true })
        })
    }
}

/// Speakers whom the text describes and does not name; a pronoun may point back at them.
fn described(document: &Document) -> BTreeSet<&str> {
    let quoted = document.quotations.iter().filter_map(|quotation| quotation.speaker.as_ref());
    let speakers = quoted.chain(document.reported.iter().map(|report| &report.speaker));
    let described = speakers.filter(|speaker| speaker.basis == SpeakerBasis::Described);
    described.map(|speaker| speaker.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::SideLogits;
    use crate::contest::Catalog;

    const TEXT: &str = "Kremlin spokesman Igor Petrenko said: “We sent nobody there.”\n\
        “The road was closed,” Ada Brook said. “We had been told on Monday.”\n\
        Nobody answered on Tuesday.\n\
        “They fired first.”\n\
        “It was late,” a senior official said.\n\
        “We all knew,” he said.";

    /// The parties of all quotations when the model has these probabilities of the first side for each sentence.
    fn parties(first: &[f64]) -> Vec<Option<SpeakerParty>> {
        let catalog = Catalog::built_in().expect("built in");
        let entry = catalog.get("us-russia").expect("built in");
        let document = Document::parse(TEXT.to_owned(), None);
        let printed = SpeakerSides::of(&document, &entry.finder);
        let sentences = first.iter().map(|p| PassageReading {
            speaker: SideLogits { first: (p / (1.0 - p)).ln() as f32, neither: 0.0, second: -30.0 },
            ..PassageReading::default()
        });
        let sentences: Vec<_> = sentences.collect();
        assert_eq!(document.sentences.len(), sentences.len());
        let parties = SpeakerParties::of(&document, &printed, &sentences, 0.8);
        document.quotations.iter().map(|quotation| parties.of_quotation(quotation)).collect()
    }

    const WEST: Option<SpeakerParty> = Some(SpeakerParty { party: PartyIndex(0), inferred: true });

    #[test]
    fn what_is_printed_goes_first() {
        let found = parties(&[0.99, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
        assert_eq!(found[0], Some(SpeakerParty { party: PartyIndex(1), inferred: false }));
    }

    #[test]
    fn a_named_speaker_is_not_judged() {
        assert_eq!(parties(&[0.1, 0.99, 0.99, 0.1, 0.1, 0.1, 0.1])[1..3], [None, None]);
    }

    #[test]
    fn a_quotation_of_nobody_named_has_a_side_when_the_model_is_sure() {
        assert_eq!(parties(&[0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9])[3..], [WEST, WEST, WEST]);
        assert_eq!(parties(&[0.1, 0.1, 0.1, 0.1, 0.7, 0.7, 0.7])[3..], [None, None, None]);
    }
}
