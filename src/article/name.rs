//! Names: which words of a sentence are a name or title, and what they are as a subject.

use std::ops::Range;

use super::abbreviation::{is_calendar_word, is_starter};
use super::cue::{
    is_body, is_cue, is_paper, is_plural_pronoun, is_preposition, is_role, is_singular_pronoun,
};
use super::token::{Token, TokenKind};

/// Longest name or title, in words.
pub(super) const LONGEST_NAME: usize = 14;

/// Tokens that an insertion between commas may hold ("Brook, who was elected last year, said").
pub(super) const LONGEST_INSERTION: usize = 25;

/// Who an attribution says is speaking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Named(Name),
    /// "he", "she".
    Singular,
    /// "they".
    Plural,
    /// "it": a body named before.
    Body,
    /// "the minister": somebody named before if only one was, else somebody without a name.
    Definite(Name),
    /// "the statement": whoever was named before, else a paper without a name.
    Paper(Name),
    /// "a senior official": somebody without a name.
    Described(Name),
    /// Somebody the text does not tell.
    Unnamed,
}

impl Subject {
    /// Whether it is a name or a pronoun, not a description.
    pub(super) fn is_told(&self) -> bool {
        matches!(self, Self::Named(_) | Self::Singular | Self::Plural | Self::Body)
    }
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

    /// The names of persons in the sentence, as far as their words tell: two words or more without
    /// an article, or a title with a name.
    pub(super) fn persons(&self) -> Vec<Name> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < self.0.len() {
            let end = self.name_end(start);
            let last = end.checked_sub(1).and_then(|last| self.get(last));
            if let Some(Subject::Named(name)) = self.subject(start, end)
                && name.may_be_person
                && last.is_some_and(|last| is_capitalised(last.text))
            {
                found.push(name);
            }
            // The word at `end` was tried, but for a name cut off at the longest.
            start = if end < start + LONGEST_NAME { end + 1 } else { end };
        }
        found
    }

    /// Whether the token may be part of a name: a capitalised word, a word of a title, or a small
    /// word between two such.
    pub(super) fn belongs_to_name(&self, index: usize) -> bool {
        let Some(token) = self.get(index) else {
            return false;
        };
        if token.kind != TokenKind::Word {
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
                "in" | "at" | "to" | "for" => is_role(before.text),
                // "Security and Counterterrorism Adviser", but not "Brook and Hill".
                "and" => is_capitalised(before.text) && self.is_role_soon(index + 1),
                _ => is_name_word(before),
            };
            return before.is_some_and(binds) && after.is_some_and(is_name_word);
        }
        if token.text == "the" {
            let before = index.checked_sub(1).and_then(|index| self.get(index));
            return before.is_some_and(|token| is_connector(token.text))
                && self.get(index + 1).is_some_and(is_name_word);
        }
        is_name_word(token) && !is_cue(token.text)
    }

    /// Whether the word at `index`, or one right behind it, belongs to a title with a name.
    fn is_role_soon(&self, index: usize) -> bool {
        let word = |index: usize| self.get(index).map_or("", |token| token.text);
        let capital = |index: usize| word(index).starts_with(char::is_uppercase);
        let is_office = |index: usize| capital(index) && is_role(word(index));
        is_office(index + 1) && capital(index) && capital(index + 2) && !is_office(index)
    }

    /// What the tokens `start..end` are as a subject; `None` for none.
    pub(super) fn subject(&self, start: usize, end: usize) -> Option<Subject> {
        let words = self.0.get(start..end)?;
        let (first, last) = (words.first()?, words.last()?);
        let article =
            start.checked_sub(1).and_then(|index| self.get(index)).map(|token| token.text);
        let has_role = words.iter().any(|token| is_role(token.text));
        let after_article = article.is_some_and(is_article);
        let name = |may_be_person| Name {
            range: first.range.start..last.range.end,
            words: words.len(),
            may_be_person,
        };
        if !words.iter().any(|token| is_capitalised(token.text)) {
            let definite = article.is_some_and(|article| article.eq_ignore_ascii_case("the"));
            return Some(match last.text {
                paper if is_paper(paper) => Subject::Paper(name(false)),
                plural if definite && !is_plural(plural) => Subject::Definite(name(true)),
                plural => Subject::Described(name(!is_plural(plural))),
            });
        }
        if is_possessive(last.text) {
            return None;
        }
        let is_one = words.len() > 1 && (has_role || !after_article);
        let is_group = is_plural(last.text) || is_body(last.text);
        Some(Subject::Named(name(is_one && !is_group && !is_paper(last.text))))
    }

    /// The name or title that begins at token `start` or behind an article there.
    pub(super) fn name_after(&self, start: usize) -> Option<Subject> {
        let start = start + usize::from(is_article(self.get(start)?.text));
        self.subject(start, self.name_end(start)).or(Some(Subject::Unnamed))
    }

    /// Where the name that begins at token `start` ends.
    pub(super) fn name_end(&self, start: usize) -> usize {
        let mut end = start;
        while end < start + LONGEST_NAME && self.belongs_to_name(end) {
            end += 1;
        }
        end
    }

    /// Whether the word at `index` is capitalised as a name is.
    pub(super) fn is_capitalised(&self, index: usize) -> bool {
        self.get(index).is_some_and(|token| is_capitalised(token.text))
    }

    /// Whether a name of two words or more begins at token `start`, without an article.
    pub(super) fn names_person(&self, start: usize) -> bool {
        let capital = |index| {
            self.get(index).is_some_and(|token: &Token| {
                token.kind == TokenKind::Word && token.text.starts_with(char::is_uppercase)
            })
        };
        capital(start) && capital(start + 1)
    }

    /// Whether a name stands behind a paper: "a statement by the council".
    pub(super) fn is_issuer(&self, name: &NameAt) -> bool {
        let articles = usize::from(self.word(name.start, 1).is_some_and(is_article));
        matches!(self.word(name.start, 1 + articles), Some("by" | "from"))
            && self.word(name.start, 2 + articles).is_some_and(is_paper)
    }

    /// Whether another comma and a verb stand behind the comma at token `comma`.
    pub(super) fn goes_on_behind_insertion(&self, comma: usize) -> bool {
        let mut behind = comma + 1..comma + LONGEST_INSERTION;
        let second = behind.find(|at| self.kind(*at) == Some(TokenKind::Comma));
        second.and_then(|second| self.get(second + 1)).is_some_and(|verb| {
            verb.kind == TokenKind::Word
                && verb.text.starts_with(char::is_lowercase)
                && !matches!(verb.text, "and" | "or")
        })
    }

    /// Whether a name is governed by a preposition: it is not the subject.
    pub(super) fn is_object(&self, name: &NameAt) -> bool {
        self.is_preposition_before(name.start)
    }

    /// Whether a preposition stands before token `start`, but for an article.
    pub(super) fn is_preposition_before(&self, start: usize) -> bool {
        let mut before = start.checked_sub(1).and_then(|index| self.get(index));
        if before.is_some_and(|token| is_article(token.text)) {
            before = start.checked_sub(2).and_then(|index| self.get(index));
        }
        before.is_some_and(|token| is_preposition(token.text))
    }

    /// Whether a name is the second of two that "and" joins.
    pub(super) fn is_joined(&self, name: &NameAt) -> bool {
        self.word(name.start, 1) == Some("and")
            && name.start.checked_sub(2).is_some_and(|index| self.belongs_to_name(index))
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
    } else if matches!(word, "it" | "It") {
        Some(Subject::Body)
    } else if matches!(word, "I" | "we" | "We" | "you" | "You") {
        Some(Subject::Unnamed)
    } else {
        None
    }
}

pub(super) fn is_article(word: &str) -> bool {
    matches!(word, "the" | "The" | "a" | "A" | "an" | "An" | "one" | "One" | "another" | "Another")
}

/// Whether `word` is an article or a possessive: "its director".
pub(super) fn is_determiner(word: &str) -> bool {
    is_article(word) || matches!(word, "her" | "his" | "its" | "my" | "our" | "their" | "whose")
}

/// Small words inside names and titles: "Secretary of State", "envoy to Oldtown".
pub(super) fn is_connector(word: &str) -> bool {
    matches!(
        word,
        "of" | "for"
            | "to"
            | "in"
            | "at"
            | "and"
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
    let is_small = word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_small || !word.split('-').any(|part| part.starts_with(char::is_uppercase)) {
        return false;
    }
    // "I'm", "He'll"
    let head = word.split(['\'', '’']).next().unwrap_or(word);
    !is_starter(head) && !is_calendar_word(word)
}

fn is_name_word(token: &Token) -> bool {
    token.kind == TokenKind::Word && (is_capitalised(token.text) || is_role(token.text))
}

/// Whether a name says whose something is: "Brook's".
pub(super) fn is_possessive(word: &str) -> bool {
    without_possessive(word) != word
}

/// A word without the ending that says whose something is.
pub(super) fn without_possessive(word: &str) -> &str {
    ["'s", "’s"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word)
}

/// Whether a lower-case noun means several people.
fn is_plural(word: &str) -> bool {
    word.starts_with(char::is_lowercase) && word.ends_with('s') && is_role(word)
}
