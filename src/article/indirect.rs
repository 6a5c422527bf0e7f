//! Indirect speech: sentences that report in the author's words what somebody says.
//!
//! "Brook said that …", "according to Brook, …", "…, Brook said", "Brook: …". The words between
//! quotation marks are not looked at; a sentence of quotation only reports nothing.

use std::ops::Range;

use super::cue::takes_clause;
use super::span::Span;
use super::speaker::{FoundSpeaker, Reading, Saying, Speaker};
use super::text::trim;
use super::token::{Token, TokenKind, tokens};

/// A sentence that reports in the author's words what somebody says.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// Index of the sentence in [`Document::sentences`](super::Document::sentences).
    pub sentence: usize,
    /// Who says it.
    pub speaker: Speaker,
    /// The reported clause.
    pub span: Span,
}

/// What a sentence reports somebody to say, as bytes of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FoundReport {
    pub(super) speaker: FoundSpeaker,
    /// The reported clause.
    pub(super) clause: Range<usize>,
}

/// Words between a verb and the "that" of its clause ("told the town on Monday that").
const LONGEST_OBJECT: usize = 8;

/// Words between a clause and the verb that closes it ("…, Brook said on Monday").
const LONGEST_CLOSING: usize = 14;

/// A clause of fewer words is a part of speech, not a report.
const SHORTEST_CLAUSE_WORDS: usize = 3;

/// What each sentence of each paragraph reports; `sayings` are those of the same paragraphs.
pub(super) fn reported(
    text: &str,
    readings: &[Reading],
    sayings: &[Vec<Vec<Saying>>],
) -> Vec<Vec<Option<FoundReport>>> {
    let in_paragraph = |(reading, sayings): (&Reading, &Vec<Vec<Saying>>)| {
        let sentences = reading.sentences.iter().zip(sayings);
        sentences.map(|(sentence, sayings)| report(text, reading, sentence, sayings)).collect()
    };
    readings.iter().zip(sayings).map(in_paragraph).collect()
}

/// What one sentence reports.
fn report(
    text: &str,
    reading: &Reading,
    sentence: &Range<usize>,
    sayings: &[Saying],
) -> Option<FoundReport> {
    if sayings.iter().all(|saying| saying.speaker.is_none()) {
        return None;
    }
    let first = reading.quoted.partition_point(|quoted| quoted.outer.end <= sentence.start);
    let end = reading.quoted.partition_point(|quoted| quoted.outer.start < sentence.end);
    let tokens = tokens(text, sentence, reading.quoted.get(first..end).unwrap_or(&[]));
    let found = sayings.iter().find_map(|saying| {
        let speaker = saying.speaker.clone()?;
        let at = tokens.partition_point(|token| token.range.start < saying.verb.start);
        Some((speaker, Sentence { text, tokens: &tokens }.clause_of(at)?))
    });
    let (speaker, clause) = found?;
    Some(FoundReport { speaker, clause })
}

/// The tokens of a sentence.
struct Sentence<'a, 't> {
    text: &'t str,
    tokens: &'a [Token<'t>],
}

impl Sentence<'_, '_> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    /// The clause that the verb at token `verb` reports, before or behind it.
    fn clause_of(&self, verb: usize) -> Option<Range<usize>> {
        let all = self.tokens.len();
        let clause = match self.tokens.get(verb)? {
            colon if colon.kind == TokenKind::Colon => verb + 1..all,
            word if word.text.eq_ignore_ascii_case("according") => {
                // "According to Brook, …" and "…, according to Brook".
                if verb > 1 { 0..verb } else { self.comma_after(verb)? + 1..all }
            }
            word => match self.behind(verb, word.text) {
                Some(start) => start..all,
                None => 0..self.comma_before(verb)?,
            },
        };
        let tokens = self.tokens.get(clause)?;
        let said = |token: &&Token| token.kind == TokenKind::Word;
        tokens.iter().filter(said).nth(SHORTEST_CLAUSE_WORDS - 1)?;
        let range = tokens.first()?.range.start..tokens.last()?.range.end;
        let range = trim(self.text, range);
        let end = self.text.get(range.clone())?.trim_end_matches(['.', ',', ' ']).len();
        Some(range.start..range.start + end)
    }

    /// Where the clause behind the verb at token `verb` begins: behind "that", or right behind a
    /// verb that needs none ("Brook said it leaks").
    fn behind(&self, verb: usize, cue: &str) -> Option<usize> {
        let object = (verb + 1..=verb + LONGEST_OBJECT)
            .take_while(|at| self.kind(*at) == Some(TokenKind::Word));
        if let Some(that) = object.into_iter().find(|at| self.word(*at) == "that") {
            return Some(that + 1);
        }
        let next = self.word(verb + 1);
        let has_object = matches!(cue, "told" | "tells" | "assured" | "warned" | "telling");
        let start = verb + 1 + usize::from(has_object && next.starts_with(char::is_lowercase));
        let is_clause = takes_clause(cue)
            && self.kind(start) == Some(TokenKind::Word)
            && !matches!(
                self.word(start),
                "after"
                    | "are"
                    | "at"
                    | "during"
                    | "in"
                    | "is"
                    | "of"
                    | "on"
                    | "to"
                    | "was"
                    | "were"
            );
        is_clause.then_some(start)
    }

    /// The first comma behind token `at`, within reach.
    fn comma_after(&self, at: usize) -> Option<usize> {
        let reach = at..at + LONGEST_CLOSING;
        reach.into_iter().find(|at| self.kind(*at) == Some(TokenKind::Comma))
    }

    /// The comma before the subject of the verb at token `verb`, where little stands behind the
    /// verb: "…, Brook said on Monday".
    fn comma_before(&self, verb: usize) -> Option<usize> {
        let closes = self.tokens.len().saturating_sub(verb) <= LONGEST_CLOSING;
        let earliest = verb.saturating_sub(LONGEST_CLOSING);
        let comma = (earliest..verb).rev().find(|at| self.kind(*at) == Some(TokenKind::Comma))?;
        let follows_words =
            comma.checked_sub(1).is_some_and(|before| self.kind(before) == Some(TokenKind::Word));
        (closes && follows_words && takes_clause(self.word(verb))).then_some(comma)
    }
}

#[cfg(test)]
#[path = "indirect_tests.rs"]
mod tests;
