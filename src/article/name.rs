//! Names: which words of a sentence are a name or title, and what they are as a subject.

use std::ops::Range;

use super::abbreviation::{is_calendar_word, is_starter};
use super::cue::{is_cue, is_plural_pronoun, is_preposition, is_role, is_singular_pronoun};
use super::token::{Token, TokenKind};

/// Longest name or title, in words.
pub(super) const LONGEST_NAME: usize = 14;

/// Who an attribution says is speaking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Named(Name),
    /// "he", "she".
    Singular,
    /// "they".
    Plural,
    /// "the minister": somebody named before, if only one was.
    Definite,
    /// Somebody the text does not name.
    Unnamed,
}

/// A name as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) range: Range<usize>,
    /// Number of words.
    pub(super) words: usize,
    /// Whether it may be a person: not a lone word, and not "the" with a name of a body.
    pub(super) may_be_person: bool,
}

/// A name found by where it ends.
pub(super) struct NameAt {
    /// Index of its first token.
    pub(super) start: usize,
    pub(super) subject: Option<Subject>,
}

/// The tokens of a sentence and the ways to walk over them.
pub(super) struct Words<'a, 't>(pub(super) &'a [Token<'t>]);

impl<'t> Words<'_, 't> {
    pub(super) fn get(&self, index: usize) -> Option<&Token<'t>> {
        self.0.get(index)
    }

    pub(super) fn kind(&self, index: usize) -> Option<TokenKind> {
        self.get(index).map(|token| token.kind)
    }

    /// The word `back` tokens before `index`.
    pub(super) fn word(&self, index: usize, back: usize) -> Option<&'t str> {
        let token = self.get(index.checked_sub(back)?)?;
        (token.kind == TokenKind::Word).then_some(token.text)
    }

    /// The name or title that ends with token `last`.
    pub(super) fn name_ending_at(&self, last: usize) -> Option<NameAt> {
        let mut start = last + 1;
        while start + LONGEST_NAME > last + 1
            && start.checked_sub(1).is_some_and(|index| self.belongs_to_name(index))
        {
            start -= 1;
        }
        if start > last {
            return None;
        }
        // A connector cannot begin a name.
        while start < last && self.get(start).is_some_and(|token| is_connector(token.text)) {
            start += 1;
        }
        Some(NameAt { start, subject: self.subject(start, last + 1) })
    }

    /// Whether the token may be part of a name: a capitalised word, a word of a title, or a small
    /// word between two such.
    pub(super) fn belongs_to_name(&self, index: usize) -> bool {
        let Some(token) = self.get(index) else {
            return false;
        };
        if token.kind != TokenKind::Word || is_cue(token.text) {
            return false;
        }
        if is_connector(token.text) {
            let before = index.checked_sub(1).and_then(|index| self.get(index));
            let after = match self.get(index + 1) {
                Some(next) if next.text == "the" => self.get(index + 2),
                next => next,
            };
            // "Secretary of State", but "envoy to Oldtown" and not "Brook in Oldtown".
            let binds = |before: &Token| match token.text {
                "in" | "at" | "to" | "for" => is_role(&before.text.to_lowercase()),
                _ => is_name_word(before),
            };
            return before.is_some_and(binds) && after.is_some_and(is_name_word);
        }
        if token.text == "the" {
            let before = index.checked_sub(1).and_then(|index| self.get(index));
            return before.is_some_and(|token| is_connector(token.text))
                && self.get(index + 1).is_some_and(is_name_word);
        }
        is_name_word(token)
    }

    /// What the tokens `start..end` are as a subject; `None` for none.
    pub(super) fn subject(&self, start: usize, end: usize) -> Option<Subject> {
        let words = self.0.get(start..end)?;
        let (first, last) = (words.first()?, words.last()?);
        let article =
            start.checked_sub(1).and_then(|index| self.get(index)).map(|token| token.text);
        let has_role = words.iter().any(|token| is_role(&token.text.to_lowercase()));
        if !words.iter().any(|token| is_capitalised(token.text)) {
            let definite = article.is_some_and(|article| article.eq_ignore_ascii_case("the"));
            return Some(if definite { Subject::Definite } else { Subject::Unnamed });
        }
        let after_article = article.is_some_and(is_article);
        Some(Subject::Named(Name {
            range: first.range.start..last.range.end,
            words: words.len(),
            may_be_person: words.len() > 1 && (has_role || !after_article) && !is_plural(last.text),
        }))
    }

    /// Whether a name is governed by a preposition, or is the second of two joined names: it is not
    /// the subject, or not the whole of it.
    pub(super) fn is_object(&self, name: &NameAt) -> bool {
        let Some(mut before) = name.start.checked_sub(1) else {
            return false;
        };
        if self.get(before).is_some_and(|token| is_article(token.text)) {
            match before.checked_sub(1) {
                Some(index) => before = index,
                None => return false,
            }
        }
        let Some(token) = self.get(before) else {
            return false;
        };
        let joined = token.text == "and"
            && before.checked_sub(1).is_some_and(|index| self.belongs_to_name(index));
        is_preposition(token.text) || joined
    }

    /// Whether a clause begins at token `start`, but for an article.
    pub(super) fn begins_clause(&self, start: usize) -> bool {
        let Some(mut before) = start.checked_sub(1) else {
            return true;
        };
        if self.get(before).is_some_and(|token| is_article(token.text)) {
            match before.checked_sub(1) {
                Some(index) => before = index,
                None => return true,
            }
        }
        self.get(before).is_none_or(|token| token.kind != TokenKind::Word || is_starter(token.text))
            && !self.get(before).is_some_and(|token| is_preposition(&token.text.to_lowercase()))
    }
}

/// The subject that a pronoun is.
pub(super) fn pronoun(word: &str) -> Option<Subject> {
    if is_singular_pronoun(word) {
        Some(Subject::Singular)
    } else if is_plural_pronoun(word) {
        Some(Subject::Plural)
    } else if matches!(word, "I" | "we" | "We" | "it" | "It" | "you" | "You") {
        Some(Subject::Unnamed)
    } else {
        None
    }
}

pub(super) fn is_article(word: &str) -> bool {
    matches!(word, "the" | "The" | "a" | "A" | "an" | "An")
}

/// Small words inside names and titles: "Secretary of State", "envoy to Oldtown".
fn is_connector(word: &str) -> bool {
    matches!(
        word,
        "of" | "for"
            | "to"
            | "in"
            | "at"
            | "de"
            | "la"
            | "van"
            | "von"
            | "der"
            | "bin"
            | "al"
            | "da"
            | "di"
    )
}

/// Whether a word is capitalised as a name is: "Brook", "U.S.", "al-Hadi", but not "The".
fn is_capitalised(word: &str) -> bool {
    let capital = word.split('-').any(|part| part.starts_with(char::is_uppercase));
    capital && !is_starter(word) && !is_calendar_word(word)
}

fn is_name_word(token: &Token) -> bool {
    token.kind == TokenKind::Word && (is_capitalised(token.text) || is_role(token.text))
}

/// Whether a lower-case noun means several people.
fn is_plural(word: &str) -> bool {
    word.starts_with(char::is_lowercase) && word.ends_with('s') && is_role(word)
}
