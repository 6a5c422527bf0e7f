//! Attributions: a verb of saying and its subject, in the words of one sentence.
//!
//! Nothing is guessed: the subject stands beside the verb, or the attribution has none. Every walk
//! over the tokens is bounded, so a sentence is read in time linear in its length.

use std::ops::Range;

use super::abbreviation::is_starter;
use super::cue::{
    is_between, is_cue, is_noun_too, is_participle, is_preposition, is_weak_cue, takes_no_person,
};
use super::name::{
    LONGEST_INSERTION, LONGEST_NAME, Name, NameAt, Subject, Words, is_article, pronoun,
};
use super::token::{Token, TokenKind};

pub(super) use self::signature::signature;

mod after;
mod signature;

/// Words that may stand between a subject and its verb.
const MOST_BETWEEN: usize = 4;

/// Tokens that brackets behind a name may hold.
const LONGEST_BRACKETS: usize = 10;

/// Words of a description without a title ("the old farmer").
const LONGEST_DESCRIPTION: usize = 4;

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
        // The subject of the clause so far goes on to participles and colons.
        let going_on = || match found.last() {
            Some(last) => Some(last.subject.clone()),
            None => sentence.opening_subject(),
        };
        let subject = match token.kind {
            TokenKind::Word if index == 0 && is_cue(&token.text.to_lowercase()) => {
                sentence.subject_after_opening_verb()
            }
            TokenKind::Word if is_cue(token.text) => {
                let subject = sentence.subject_of(index);
                subject.filter(|subject| {
                    !is_noun_too(token.text) || subject.is_told() || sentence.joins_quotation(index)
                })
            }
            TokenKind::Word if is_weak_cue(token.text) && sentence.joins_quotation(index) => {
                sentence.subject_of(index)
            }
            TokenKind::Word if token.text == "saying" && sentence.word(index, 1) == Some("as") => {
                sentence.subject_before(index)
            }
            TokenKind::Word if token.text.eq_ignore_ascii_case("according") => {
                sentence.source_after(index)
            }
            TokenKind::Word if is_participle(token.text) => going_on(),
            TokenKind::Colon => sentence.subject_of_colon(index).or_else(|| {
                let introduces = sentence.kind(index + 1) == Some(TokenKind::Quotation);
                if introduces && found.is_empty() { going_on() } else { None }
            }),
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

/// The subject that a sentence begins with, where a verb follows it.
pub(super) fn opening_subject(tokens: &[Token]) -> Option<Subject> {
    Words(tokens).opening_subject()
}

/// The persons that a sentence names in full.
pub(super) fn persons(tokens: &[Token]) -> Vec<Name> {
    Words(tokens).persons()
}

fn is_dash(text: &str) -> bool {
    matches!(text, "-" | "–" | "—")
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
        match self.subject_before(cue) {
            unnamed @ (None | Some(Subject::Unnamed)) => self.inverted(cue).or(unnamed),
            told => told,
        }
    }

    /// "It leaks, says Ada Brook, the mayor.": a person between a verb that takes no person for its object, behind a comma, and
    /// the next comma or the end.
    fn inverted(&self, cue: usize) -> Option<Subject> {
        let end = self.name_end(cue + 1);
        let is_bare = takes_no_person(self.get(cue)?.text)
            && self.kind(cue.checked_sub(1)?) == Some(TokenKind::Comma)
            && self.names_person(cue + 1)
            && self.get(end).is_none_or(|next| {
                next.kind == TokenKind::Comma || matches!(next.text, "." | ";" | "–" | "—")
            });
        let subject = self.subject(cue + 1, end).filter(|_| is_bare);
        subject.filter(|subject| matches!(subject, Subject::Named(name) if name.may_be_person))
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

    /// `Brook: It is "old"`, at the start of a sentence.
    fn subject_of_colon(&self, colon: usize) -> Option<Subject> {
        if colon > LONGEST_NAME {
            return None;
        }
        // Looked for only behind the first words, so that a row of colons costs nothing.
        if !self.0.iter().any(|token| token.kind == TokenKind::Quotation) {
            return None;
        }
        let name = self.name_ending_at(colon.checked_sub(1)?)?;
        // "From the Oldtown Post: …"
        let opens = match name.start {
            0 => true,
            start => (0..start).all(|at| {
                self.get(at).is_some_and(|token| {
                    matches!(token.text, "From" | "Per" | "Via") || is_article(token.text)
                })
            }),
        };
        opens.then_some(())?;
        name.subject.filter(|subject| matches!(subject, Subject::Named(_)))
    }

    /// The subject that stands before the verb at `cue`.
    fn subject_before(&self, cue: usize) -> Option<Subject> {
        let mut last = self.before_brackets(cue.checked_sub(1)?)?;
        for _ in 0..MOST_BETWEEN {
            if self.get(last).is_some_and(|token| is_between(token.text)) {
                last = self.before_brackets(last.checked_sub(1)?)?;
            }
        }
        let token = self.get(last)?;
        match token.kind {
            TokenKind::Comma => self.subject_before_insertion(last),
            TokenKind::Other if is_dash(token.text) => self.subject_before_insertion(last),
            TokenKind::Word => match token.text {
                word if pronoun(word).is_some() => pronoun(word),
                "who" => self.antecedent(last),
                "and" | "but" => self.opening_subject(),
                "to" | "not" | "that" | "That" | "which" => None,
                _ => match self.name_ending_at(last) {
                    Some(name) if self.is_issuer(&name) => name.subject,
                    Some(name) if self.is_home(&name) => self.whose_home(&name),
                    Some(name) if self.is_object(&name) => Some(Subject::Unnamed),
                    Some(name) if self.is_joined(&name) => self.joined_names(&name),
                    Some(name) => name.subject.or(Some(Subject::Unnamed)),
                    None if self.joins_quotation(cue) => Some(self.description_ending_at(last)),
                    None => Some(Subject::Unnamed),
                },
            },
            _ => None,
        }
    }

    /// "Ada Brook and Ben Hill": both names as one subject, or nobody where the first is no name.
    fn joined_names(&self, second: &NameAt) -> Option<Subject> {
        let first = self.name_ending_at(second.start.checked_sub(2)?)?;
        match (first.subject, &second.subject) {
            (Some(Subject::Named(one)), Some(Subject::Named(two)))
                if !self.is_preposition_before(first.start) =>
            {
                Some(Subject::Named(Name {
                    range: one.range.start..two.range.end,
                    words: one.words + 1 + two.words,
                    may_be_person: false,
                }))
            }
            _ => Some(Subject::Unnamed),
        }
    }

    /// Whether a name is the home that stands behind a person's brackets: "Ada Brook (R) of Norland said".
    fn is_home(&self, name: &NameAt) -> bool {
        let behind = name.start.checked_sub(2).and_then(|index| self.get(index));
        self.word(name.start, 1) == Some("of") && behind.is_some_and(|token| token.text == ")")
    }

    /// Who stands before those brackets.
    fn whose_home(&self, home: &NameAt) -> Option<Subject> {
        let person = self.name_ending_at(self.before_brackets(home.start.checked_sub(2)?)?);
        match person {
            Some(person) if self.is_joined(&person) => self.joined_names(&person),
            Some(person) if !self.is_object(&person) => person.subject.or(Some(Subject::Unnamed)),
            _ => Some(Subject::Unnamed),
        }
    }

    /// The last token before the brackets that end at `last` ("Ada Brook (Oldtown) said"), or `last`
    /// where none end there.
    fn before_brackets(&self, last: usize) -> Option<usize> {
        if self.get(last)?.text != ")" {
            return Some(last);
        }
        let earliest = last.saturating_sub(LONGEST_BRACKETS);
        let open =
            (earliest..last).rev().find(|at| self.get(*at).is_some_and(|t| t.text == "("))?;
        open.checked_sub(1)
    }

    /// The description that ends with token `last`: an article and up to three small words ("the
    /// old farmer").
    fn description_ending_at(&self, last: usize) -> Subject {
        let first = (last.saturating_sub(LONGEST_DESCRIPTION)..last).rev().find(|index| {
            self.get(*index).is_none_or(|token| {
                token.kind != TokenKind::Word
                    || is_article(token.text)
                    || is_preposition(token.text)
            })
        });
        match first {
            Some(first)
                if self.get(first).is_some_and(|token| is_article(token.text))
                    && self.begins_clause(first) =>
            {
                self.subject(first + 1, last + 1).unwrap_or(Subject::Unnamed)
            }
            _ => Subject::Unnamed,
        }
    }

    /// The subject before an insertion that ends with the comma or dash at `end`: the name, nearest
    /// to the verb, that begins a clause and is itself no insertion behind another name.
    fn subject_before_insertion(&self, end: usize) -> Option<Subject> {
        let mut found = None;
        let earliest = end.saturating_sub(LONGEST_INSERTION);
        for comma in (earliest..end).rev() {
            match self.kind(comma)? {
                TokenKind::Quotation | TokenKind::Colon => break,
                kind if Some(kind) == self.kind(end) => {}
                _ => continue,
            }
            let Some(last) = comma.checked_sub(1).and_then(|last| self.before_brackets(last))
            else {
                break;
            };
            if let Some(pronoun) = self.get(last).and_then(|token| pronoun(token.text)) {
                return found.or(Some(pronoun));
            }
            let Some(name) =
                self.name_ending_at(last).filter(|name| self.begins_clause(name.start))
            else {
                continue;
            };
            // "the director, Ada Brook, said"
            let describes =
                matches!(name.subject, Some(Subject::Definite(_) | Subject::Described(_)));
            if describes && self.names_person(comma + 1) {
                return found.or(self.name_ending_at(end.checked_sub(1)?)?.subject);
            }
            // "Ada Brook, director of the Oldtown Museum, said"
            let is_insertion =
                name.start.checked_sub(1).and_then(|before| self.kind(before)) == self.kind(comma);
            if !is_insertion {
                return name.subject;
            }
            found = found.or(name.subject);
        }
        found.or_else(|| {
            // "one of them, Ada Brook, said"
            let name = self.name_ending_at(end.checked_sub(1)?)?;
            let comma = name.start.checked_sub(1).and_then(|before| self.kind(before));
            let is_whole = comma == self.kind(end) && self.names_person(name.start);
            name.subject.filter(|_| is_whole)
        })
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

    /// The subject of a sentence that begins with a name or pronoun and goes on with a word; a
    /// phrase before it ends with a comma ("On Monday, Brook left").
    fn opening_subject(&self) -> Option<Subject> {
        let first = self.get(0)?;
        self.opening_subject_at(0).or_else(|| {
            let is_phrase = is_starter(first.text)
                || is_preposition(&first.text.to_lowercase())
                || first.text.ends_with("ing");
            let comma = (1..LONGEST_INSERTION).find(|at| self.kind(*at) == Some(TokenKind::Comma));
            if is_phrase { self.opening_subject_at(comma? + 1) } else { None }
        })
    }

    /// The subject that begins at token `start`, but for words that begin sentences.
    fn opening_subject_at(&self, mut start: usize) -> Option<Subject> {
        let starts = |index: usize| self.get(index).is_some_and(|token| is_starter(token.text));
        let pronoun_at = |index: usize| self.get(index).and_then(|token| pronoun(token.text));
        let limit = start + 2;
        while start < limit && pronoun_at(start).is_none() && starts(start) {
            start += 1;
        }
        if let Some(pronoun) = pronoun_at(start) {
            return Some(pronoun);
        }
        let end = self.name_end(start);
        let verb = self.get(end)?;
        let goes_on = verb.kind == TokenKind::Word && verb.text.starts_with(char::is_lowercase);
        if verb.kind == TokenKind::Comma && self.names_person(end + 1) {
            // "The director, Ada Brook, left"
            return self.name_after(end + 1);
        }
        if verb.kind == TokenKind::Comma && self.goes_on_behind_insertion(end) {
            // "Ada Brook, the mayor, left"
            let subject = self.subject(start, end);
            return subject
                .filter(|subject| matches!(subject, Subject::Named(name) if name.may_be_person));
        }
        if !goes_on || is_preposition(verb.text) || verb.text == "and" {
            return None;
        }
        self.subject(start, end)
    }
}

#[cfg(test)]
#[path = "attribution_tests.rs"]
mod tests;
