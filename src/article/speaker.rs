//! Speakers: who says the quoted words, as far as the text tells.

use std::collections::HashSet;
use std::ops::Range;

use super::attribution::{Attribution, attributions, opening_name};
use super::name::{Name, Subject};
use super::quotation::Quoted;
use super::span::Span;
use super::token::{Token, TokenKind, tokens};

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

/// How the text tells who speaks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum SpeakerBasis {
    /// The name stands with the verb of saying.
    Named,
    /// A pronoun stands there, or a description such as "the minister"; the name was printed
    /// before.
    Pronoun,
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

/// A pronoun may stand for a name at most this many paragraphs back.
const FARTHEST_PARAGRAPH: usize = 1;

/// Names looked at for what a pronoun stands for; it bounds the search on hostile texts.
const MOST_CANDIDATES: usize = 32;

/// Bytes between a verb and the quotation it introduces: a space, and a colon or comma.
const LONGEST_TOUCH: usize = 2;

/// The speakers of the quotations of each paragraph, in the order of the paragraphs.
pub(super) fn assign(text: &str, readings: &[Reading]) -> Vec<Vec<Option<FoundSpeaker>>> {
    let clauses: Vec<Vec<Clause>> = readings.iter().map(|reading| clauses(text, reading)).collect();
    let mut history = History { text, surnames: surnames(text, &clauses), candidates: Vec::new() };
    let mut assigned: Vec<Vec<Option<FoundSpeaker>>> = Vec::with_capacity(readings.len());
    let mut previous: Option<Resolved> = None;
    let mut paragraph = 0;
    for (reading, clauses) in readings.iter().zip(&clauses) {
        // A heading stands between paragraphs and takes a pronoun no further from its name.
        paragraph += usize::from(!reading.is_heading);
        let sayings = clauses.iter().map(|clause| history.resolve(paragraph, clause)).collect();
        let mut resolved = Resolved { reading, clauses, sayings, speakers: Vec::new() };
        for quotation in 0..reading.quoted.len() {
            let speaker = resolved.speaker(quotation, previous.as_ref());
            resolved.speakers.push(speaker);
        }
        assigned.push(resolved.speakers.clone());
        previous = Some(resolved);
    }
    assigned
}

/// What one sentence says about who speaks.
struct Clause {
    attributions: Vec<Attribution>,
    opening: Option<Name>,
    /// Whether nothing but quotations, or a word that joins them, stands in the sentence.
    is_quotation: bool,
    /// Whether it ends with a colon, and so introduces what follows.
    introduces: bool,
    /// The quotations that overlap it, by index in their paragraph.
    quoted: Range<usize>,
}

/// Reads the sentences of a paragraph.
fn clauses(text: &str, reading: &Reading) -> Vec<Clause> {
    let read = |sentence: &Range<usize>| {
        let first = reading.quoted.partition_point(|quoted| quoted.outer.end <= sentence.start);
        let end = reading.quoted.partition_point(|quoted| quoted.outer.start < sentence.end);
        let tokens = tokens(text, sentence, reading.quoted.get(first..end).unwrap_or(&[]));
        Clause {
            attributions: attributions(&tokens),
            opening: opening_name(&tokens),
            is_quotation: is_quotation(&tokens),
            introduces: tokens.last().is_some_and(|token| token.kind == TokenKind::Colon),
            quoted: first..end,
        }
    };
    reading.sentences.iter().map(read).collect()
}

fn is_quotation(tokens: &[Token]) -> bool {
    let mut words = tokens.iter().filter(|token| token.kind == TokenKind::Word);
    let joining = |word: &Token| {
        matches!(
            word.text.to_lowercase().as_str(),
            "and" | "but" | "nonetheless" | "so" | "still" | "yet"
        )
    };
    tokens.iter().any(|token| token.kind == TokenKind::Quotation)
        && words.next().is_none_or(joining)
        && words.next().is_none()
}

/// The last words of the full names of speakers: a lone "Brook" is a person if "Ada Brook" speaks.
fn surnames<'t>(text: &'t str, clauses: &[Vec<Clause>]) -> HashSet<&'t str> {
    let named = clauses.iter().flatten().flat_map(|clause| &clause.attributions);
    named
        .filter_map(|attribution| match &attribution.subject {
            Subject::Named(name) if name.may_be_person => Some(last_word(text, name)),
            _ => None,
        })
        .filter(|word| word.starts_with(char::is_uppercase))
        .collect()
}

fn last_word<'t>(text: &'t str, name: &Name) -> &'t str {
    let name = text.get(name.range.clone()).unwrap_or("");
    name.rsplit(char::is_whitespace).next().unwrap_or(name)
}

/// A name that a later pronoun may stand for.
struct Candidate {
    paragraph: usize,
    name: Name,
    is_person: bool,
}

/// The speakers named so far.
struct History<'t> {
    text: &'t str,
    surnames: HashSet<&'t str>,
    candidates: Vec<Candidate>,
}

/// An attribution with its subject resolved.
struct Saying {
    verb: Range<usize>,
    joins_quotation: bool,
    speaker: Option<FoundSpeaker>,
}

impl History<'_> {
    /// Resolves the attributions of a sentence and remembers the names in it.
    fn resolve(&mut self, paragraph: usize, clause: &Clause) -> Vec<Saying> {
        if let Some(name) = &clause.opening
            && self.surnames.contains(last_word(self.text, name))
        {
            self.remember(paragraph, name);
        }
        let resolve = |attribution: &Attribution| {
            let (name, basis) = match &attribution.subject {
                Subject::Named(name) => (Some(name.clone()), SpeakerBasis::Named),
                Subject::Singular => {
                    let person = self.recall(paragraph, |candidate| candidate.is_person);
                    (person, SpeakerBasis::Pronoun)
                }
                Subject::Plural => (self.recall(paragraph, |_| true), SpeakerBasis::Pronoun),
                Subject::Definite => (self.recall_only_one(paragraph), SpeakerBasis::Pronoun),
                Subject::Unnamed => (None, SpeakerBasis::Named),
            };
            // A name that a pronoun stands for here is in reach from here.
            if let Some(name) = &name {
                self.remember(paragraph, name);
            }
            Saying {
                verb: attribution.verb.clone(),
                joins_quotation: attribution.joins_quotation,
                speaker: name.map(|name| FoundSpeaker { name: name.range, basis }),
            }
        };
        clause.attributions.iter().map(resolve).collect()
    }

    fn remember(&mut self, paragraph: usize, name: &Name) {
        let is_person = name.may_be_person || self.surnames.contains(last_word(self.text, name));
        self.candidates.push(Candidate { paragraph, name: name.clone(), is_person });
    }

    /// The names in reach of `paragraph`, the last first.
    fn in_reach(&self, paragraph: usize) -> impl Iterator<Item = &Candidate> {
        let in_reach =
            move |candidate: &&Candidate| candidate.paragraph + FARTHEST_PARAGRAPH >= paragraph;
        self.candidates.iter().rev().take(MOST_CANDIDATES).take_while(in_reach)
    }

    /// The last name in reach that fits.
    fn recall(&self, paragraph: usize, fits: impl Fn(&Candidate) -> bool) -> Option<Name> {
        let found = self.in_reach(paragraph).find(|candidate| fits(candidate))?;
        Some(found.name.clone())
    }

    /// The person in reach, if all the persons in reach are one.
    fn recall_only_one(&self, paragraph: usize) -> Option<Name> {
        let mut persons = self.in_reach(paragraph).filter(|candidate| candidate.is_person);
        let last = persons.next()?;
        let surname = last_word(self.text, &last.name);
        let one = persons.all(|other| last_word(self.text, &other.name) == surname);
        one.then(|| last.name.clone())
    }
}

/// A paragraph with its attributions resolved and the speakers found so far.
struct Resolved<'r> {
    reading: &'r Reading,
    clauses: &'r [Clause],
    /// Per sentence.
    sayings: Vec<Vec<Saying>>,
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
        let opens_paragraph = quoted.outer.start == self.reading.range.start;
        match first.checked_sub(1) {
            Some(before) => self
                .introduced_by(before)
                .or_else(|| self.continued(quotation, before, first..after)),
            None if opens_paragraph => previous.and_then(Resolved::handed_on),
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
        let is_quotation = self.clauses.get(own)?.iter().all(|clause| clause.is_quotation);
        if !follows || !is_quotation {
            return None;
        }
        self.speakers.get(quotation.checked_sub(1)?)?.clone()
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
