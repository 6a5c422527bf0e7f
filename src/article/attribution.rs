//! Attributions: a verb of saying and its subject, in the words of one sentence.
//!
//! Nothing is guessed: the subject stands beside the verb, or the attribution has none. Every walk
//! over the tokens is bounded, so a sentence is read in time linear in its length.

use std::ops::Range;

use super::abbreviation::is_starter;
use super::cue::{is_between, is_cue, is_preposition};
use super::name::{LONGEST_NAME, Name, Subject, Words, is_article, pronoun};
use super::token::{Token, TokenKind};

/// Words that may stand between a subject and its verb.
const MOST_BETWEEN: usize = 4;

/// Tokens that an insertion between commas may hold ("Brook, who was elected last year, said").
const LONGEST_INSERTION: usize = 25;

/// A verb of saying with its subject.
#[derive(Clone, Debug)]
pub(super) struct Attribution {
    /// The verb.
    pub(super) verb: Range<usize>,
    /// Whether nothing but the subject and its title stand between a quotation and the verb.
    pub(super) joins_quotation: bool,
    pub(super) subject: Subject,
}

/// The attributions of a sentence, in order.
pub(super) fn attributions(tokens: &[Token]) -> Vec<Attribution> {
    let sentence = Words(tokens);
    let mut found: Vec<Attribution> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let subject = match token.kind {
            TokenKind::Word if is_cue(token.text) => sentence.subject_of(index),
            TokenKind::Word if token.text == "saying" && sentence.word(index, 1) == Some("as") => {
                sentence.subject_before(index)
            }
            TokenKind::Word if token.text.eq_ignore_ascii_case("according") => {
                sentence.source_after(index)
            }
            TokenKind::Colon => sentence.subject_of_colon(index),
            _ => None,
        };
        found.extend(subject.map(|subject| Attribution {
            verb: token.range.clone(),
            joins_quotation: sentence.joins_quotation(index),
            subject,
        }));
    }
    found
}

/// The name that a sentence begins with, where a verb follows it.
pub(super) fn opening_name(tokens: &[Token]) -> Option<Name> {
    match Words(tokens).opening_subject()? {
        Subject::Named(name) => Some(name),
        _ => None,
    }
}

/// The ways to the subject of a verb.
impl Words<'_, '_> {
    /// The subject of the verb at `cue`. Behind a quotation the subject may follow the verb
    /// ("…," said Ada Brook); elsewhere it stands before.
    fn subject_of(&self, cue: usize) -> Option<Subject> {
        let follows_quotation = cue.checked_sub(1).is_some_and(|before| {
            let quotation = if self.kind(before) == Some(TokenKind::Comma) {
                before.checked_sub(1)
            } else {
                Some(before)
            };
            quotation.and_then(|index| self.kind(index)) == Some(TokenKind::Quotation)
        });
        if follows_quotation {
            return self.subject_after(cue + 1);
        }
        self.subject_before(cue)
    }

    /// Whether the words before the verb at `cue`, back to a quotation, begin no clause.
    fn joins_quotation(&self, cue: usize) -> bool {
        let begins_clause = |word: &str| {
            matches!(word, "and" | "but" | "while" | "as" | "because" | "that" | "when")
        };
        for back in 1..=LONGEST_NAME {
            match cue.checked_sub(back).and_then(|index| self.get(index)) {
                Some(token) if token.kind == TokenKind::Quotation => return true,
                Some(token) if token.kind == TokenKind::Word && !begins_clause(token.text) => {}
                Some(token) if token.kind == TokenKind::Comma => {}
                _ => return false,
            }
        }
        false
    }

    /// "according to Ada Brook".
    fn source_after(&self, according: usize) -> Option<Subject> {
        if self.get(according + 1)?.text != "to" {
            return None;
        }
        self.subject_after(according + 2)
    }

    /// `Brook: "…"`, at the start of a sentence.
    fn subject_of_colon(&self, colon: usize) -> Option<Subject> {
        if self.kind(colon + 1) != Some(TokenKind::Quotation) || colon > LONGEST_NAME {
            return None;
        }
        let name = self.name_ending_at(colon.checked_sub(1)?)?;
        (name.start == 0).then_some(())?;
        name.subject.filter(|subject| matches!(subject, Subject::Named(_)))
    }

    /// The subject that begins at token `start`.
    fn subject_after(&self, start: usize) -> Option<Subject> {
        let first = self.get(start)?;
        if let Some(pronoun) = pronoun(first.text) {
            return Some(pronoun);
        }
        let has_article = is_article(first.text);
        let start = start + usize::from(has_article);
        let mut end = start;
        while end < start + LONGEST_NAME && self.belongs_to_name(end) {
            end += 1;
        }
        self.subject(start, end).or(Some(Subject::Unnamed))
    }

    /// The subject that stands before the verb at `cue`.
    fn subject_before(&self, cue: usize) -> Option<Subject> {
        let mut last = cue.checked_sub(1)?;
        for _ in 0..MOST_BETWEEN {
            if self.get(last).is_some_and(|token| is_between(token.text)) {
                last = last.checked_sub(1)?;
            }
        }
        let token = self.get(last)?;
        match token.kind {
            TokenKind::Comma => self.subject_before_insertion(last),
            TokenKind::Word => match token.text {
                word if pronoun(word).is_some() => pronoun(word),
                "who" => self.antecedent(last),
                "and" | "but" => self.opening_subject(),
                "to" | "not" | "that" | "which" => None,
                _ => match self.name_ending_at(last) {
                    Some(name) if self.is_object(&name) => Some(Subject::Unnamed),
                    Some(name) => name.subject.or(Some(Subject::Unnamed)),
                    None => Some(Subject::Unnamed),
                },
            },
            _ => None,
        }
    }

    /// The subject before an insertion that ends with the comma at `end`.
    fn subject_before_insertion(&self, end: usize) -> Option<Subject> {
        let earliest = end.saturating_sub(LONGEST_INSERTION);
        for comma in (earliest..end).rev() {
            match self.kind(comma)? {
                TokenKind::Quotation | TokenKind::Colon => return None,
                TokenKind::Comma => {}
                TokenKind::Word | TokenKind::Other => continue,
            }
            let last = comma.checked_sub(1)?;
            if let Some(pronoun) = self.get(last).and_then(|token| pronoun(token.text)) {
                return Some(pronoun);
            }
            if let Some(name) = self.name_ending_at(last)
                && self.begins_clause(name.start)
                && let Some(Subject::Named(_)) = name.subject
            {
                return name.subject;
            }
        }
        None
    }

    /// The name that the "who" at `who` refers to.
    fn antecedent(&self, who: usize) -> Option<Subject> {
        let before = who.checked_sub(1)?;
        let last = if self.kind(before) == Some(TokenKind::Comma) {
            before.checked_sub(1)?
        } else {
            before
        };
        self.name_ending_at(last)?.subject
    }

    /// The subject of a sentence that begins with a name or pronoun and goes on with a word.
    fn opening_subject(&self) -> Option<Subject> {
        let starts = |index: usize| self.get(index).is_some_and(|token| is_starter(token.text));
        let pronoun_at = |index: usize| self.get(index).and_then(|token| pronoun(token.text));
        let mut start = 0;
        while start < 2 && pronoun_at(start).is_none() && starts(start) {
            start += 1;
        }
        if let Some(pronoun) = pronoun_at(start) {
            return Some(pronoun);
        }
        let mut end = start;
        while end < start + LONGEST_NAME && self.belongs_to_name(end) {
            end += 1;
        }
        let verb = self.get(end)?;
        let goes_on = verb.kind == TokenKind::Word && verb.text.starts_with(char::is_lowercase);
        if !goes_on || is_preposition(verb.text) || verb.text == "and" {
            return None;
        }
        self.subject(start, end)
    }
}

#[cfg(test)]
#[path = "attribution_tests.rs"]
mod tests;
