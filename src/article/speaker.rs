//! Speakers: who says the quoted words, as far as the text tells.

use std::ops::Range;

use self::clause::{Clause, clauses};
use self::history::History;
pub(super) use self::history::Saying;
use super::cue::is_role;
use super::quotation::Quoted;
use super::span::Span;

mod clause;
mod history;

/// Who says the words of a quotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// The name as printed, with the title printed beside it.
    pub name: String,
    /// Where that name is printed.
    pub span: Span,
    /// How the text tells.
    pub basis: SpeakerBasis,
}

impl Speaker {
    /// Whether `word` may stand in a title before a name: "deputy", "Minister".
    pub fn is_title_word(word: &str) -> bool {
        is_role(word)
    }
}

/// How the text tells who speaks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum SpeakerBasis {
    /// The name stands with the verb of saying.
    Named,
    /// A pronoun stands there, or a description such as "the minister"; the name was printed
    /// before.
    Pronoun,
    /// The text describes the speaker ("a senior official") and gives no name.
    Described,
}

/// A speaker as bytes of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FoundSpeaker {
    pub(super) name: Range<usize>,
    pub(super) basis: SpeakerBasis,
}

/// A paragraph of the story, read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) is_heading: bool,
    pub(super) range: Range<usize>,
    pub(super) sentences: Vec<Range<usize>>,
    pub(super) quoted: Vec<Quoted>,
}

/// Bytes between a verb and the quotation it introduces: a space, and a colon or comma.
const LONGEST_TOUCH: usize = 2;

/// Who speaks in a story.
#[derive(Debug)]
pub(super) struct Voices {
    /// The speakers of the quotations, per paragraph.
    pub(super) speakers: Vec<Vec<Option<FoundSpeaker>>>,
    /// The verbs of saying and their speakers, per paragraph and sentence.
    pub(super) sayings: Vec<Vec<Vec<Saying>>>,
}

/// Reads who speaks in the paragraphs of a story.
pub(super) fn voices(text: &str, readings: &[Reading]) -> Voices {
    let clauses: Vec<Vec<Clause>> = readings.iter().map(|reading| clauses(text, reading)).collect();
    let mut history = History::new(text, &clauses);
    let mut resolved: Vec<Resolved> = Vec::with_capacity(readings.len());
    let mut paragraph = 0;
    for (reading, clauses) in readings.iter().zip(&clauses) {
        // A heading stands between paragraphs and takes a pronoun no further from its name.
        paragraph += usize::from(!reading.is_heading);
        let sayings = clauses.iter().map(|clause| history.resolve(paragraph, clause)).collect();
        let topic = clauses.last().and_then(|clause| history.topic(clause));
        let mut next = Resolved { reading, clauses, sayings, topic, speakers: Vec::new() };
        for quotation in 0..reading.quoted.len() {
            let speaker = next.speaker(quotation, resolved.last());
            next.speakers.push(speaker);
        }
        resolved.push(next);
    }
    let (speakers, sayings): (Vec<_>, Vec<_>) =
        resolved.into_iter().map(|resolved| (resolved.speakers, resolved.sayings)).unzip();
    Voices { speakers, sayings }
}

/// A paragraph with its attributions resolved and the speakers found so far.
struct Resolved<'r> {
    reading: &'r Reading,
    clauses: &'r [Clause],
    /// Per sentence.
    sayings: Vec<Vec<Saying>>,
    /// Whom its last sentence is about, where it tells of no saying.
    topic: Option<FoundSpeaker>,
    /// Per quotation.
    speakers: Vec<Option<FoundSpeaker>>,
}

impl Resolved<'_> {
    /// The speaker of a quotation, once those before it in the paragraph have theirs.
    fn speaker(&self, quotation: usize, previous: Option<&Resolved>) -> Option<FoundSpeaker> {
        let quoted = self.reading.quoted.get(quotation)?;
        let first = self.clauses.partition_point(|clause| clause.quoted.end <= quotation);
        let after = self.clauses.partition_point(|clause| clause.quoted.start <= quotation);
        let last = after.saturating_sub(1).max(first);

        if let Some(saying) = self.saying_beside(quotation, first, last) {
            return saying.speaker.clone();
        }
        if let Some(signature) = self.signed(quotation, last) {
            return Some(signature);
        }
        let opens_paragraph = quoted.outer.start == self.reading.range.start;
        match first.checked_sub(1) {
            Some(before) => self
                .introduced_by(before)
                .or_else(|| self.continued(quotation, before, first..after)),
            None if opens_paragraph => {
                let previous = previous?;
                previous.handed_on().or_else(|| previous.goes_on(self.clauses.get(first..after)?))
            }
            None => None,
        }
    }

    /// The attribution that goes with a quotation which begins in sentence `first` and ends in
    /// `last`: one that touches it, else the one before it, else the one after.
    fn saying_beside(&self, quotation: usize, first: usize, last: usize) -> Option<&Saying> {
        let outer = &self.reading.quoted.get(quotation)?.outer;
        let before = self.sayings.get(first).and_then(|sayings| {
            let end = sayings.partition_point(|saying| saying.verb.end <= outer.start);
            sayings.get(end.checked_sub(1)?)
        });
        let after = self.sayings.get(last).and_then(|sayings| {
            sayings.get(sayings.partition_point(|saying| saying.verb.start < outer.end))
        });
        let touches_before =
            before.is_some_and(|saying| outer.start - saying.verb.end <= LONGEST_TOUCH);
        let next = self.reading.quoted.get(quotation + 1);
        let touches_after = after.is_some_and(|saying| {
            saying.joins_quotation && next.is_none_or(|next| saying.verb.end <= next.outer.start)
        });
        if touches_after && !touches_before { after } else { before.or(after) }
    }

    /// The name that stands alone behind the last quotation of the paragraph, which ends in sentence
    /// `last`.
    fn signed(&self, quotation: usize, last: usize) -> Option<FoundSpeaker> {
        let clause = self.clauses.last()?;
        let is_last = quotation + 1 == self.reading.quoted.len();
        let is_beside = self.clauses.len() <= last + 2;
        let name = clause.signature.as_ref().filter(|_| is_last && is_beside)?;
        Some(FoundSpeaker { name: name.range.clone(), basis: SpeakerBasis::Named })
    }

    /// The speaker whom the sentence `index` introduces with a colon.
    fn introduced_by(&self, index: usize) -> Option<FoundSpeaker> {
        let clause = self.clauses.get(index)?;
        let saying = self.sayings.get(index)?.last()?;
        if clause.introduces { saying.speaker.clone() } else { None }
    }

    /// The speaker of the quotation before, if its sentence is the one before and the sentences of
    /// this one are nothing but quotation.
    fn continued(
        &self,
        quotation: usize,
        before: usize,
        own: Range<usize>,
    ) -> Option<FoundSpeaker> {
        let follows = self.clauses.get(before)?.quoted.end == quotation
            && self.clauses.get(before)?.quoted.start < quotation;
        let own = self.clauses.get(own)?;
        let is_quotation = own.iter().all(|clause| clause.is_quotation);
        let begins = own.first().is_some_and(|clause| !clause.quotes_inside);
        if !is_quotation && !begins {
            None
        } else if follows {
            self.speakers.get(quotation.checked_sub(1)?)?.clone()
        } else {
            self.sayings.get(before)?.last()?.speaker.clone()
        }
    }

    /// The last speaker of this paragraph, if the next one begins with the sentences `next` that are
    /// nothing but quotation.
    fn goes_on(&self, next: &[Clause]) -> Option<FoundSpeaker> {
        if self.reading.is_heading || !next.iter().all(|clause| clause.is_quotation) {
            return None;
        }
        let last = self.sayings.last()?.last();
        let last = last.filter(|saying| saying.is_plain).map(|saying| saying.speaker.clone());
        last.or_else(|| {
            let ends_quoted = self.clauses.last()?.quoted.end == self.speakers.len()
                && !self.clauses.last()?.quoted.is_empty();
            if ends_quoted { self.speakers.last().cloned() } else { Some(self.topic.clone()) }
        })?
    }

    /// The speaker this paragraph hands on to one that begins with a quotation: it ends with a
    /// colon, or in a quotation that no mark closes.
    fn handed_on(&self) -> Option<FoundSpeaker> {
        let introduced =
            self.clauses.len().checked_sub(1).and_then(|last| self.introduced_by(last));
        introduced.or_else(|| {
            let runs_on =
                self.reading.quoted.last().is_some_and(|quoted| {
                    !quoted.closed && quoted.outer.end == self.reading.range.end
                });
            if runs_on { self.speakers.last()?.clone() } else { None }
        })
    }
}

#[cfg(test)]
#[path = "speaker_tests.rs"]
mod tests;
