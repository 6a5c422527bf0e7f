//! Subjects that stand behind their verb: "…," said the director, Ada Brook.

use super::super::cue::{is_cue, is_preposition};
use super::super::name::{LONGEST_NAME, Subject, Words, is_article, is_determiner, pronoun};
use super::super::token::TokenKind;

/// Small words of a description before a name or without one ("the lead author", "flight veteran
/// Ada Brook").
const LONGEST_DESCRIPTION: usize = 3;

impl Words<'_, '_> {
    /// "according to Ada Brook".
    pub(super) fn source_after(&self, according: usize) -> Option<Subject> {
        if self.get(according + 1)?.text != "to" {
            return None;
        }
        self.subject_after(according + 2)
    }

    /// The name behind a verb that begins the sentence ("Said Ada Brook: …").
    pub(super) fn subject_after_opening_verb(&self) -> Option<Subject> {
        self.subject_after(1).filter(|subject| matches!(subject, Subject::Named(_)))
    }

    /// The subject that begins at token `start`.
    pub(super) fn subject_after(&self, start: usize) -> Option<Subject> {
        let first = self.get(start)?;
        if let Some(pronoun) = pronoun(first.text) {
            return Some(pronoun);
        }
        let start = start + usize::from(is_determiner(first.text));
        let end = match self.name_end(start) {
            end if end > start => end,
            _ => self.description_end(start),
        };
        if end == start && is_determiner(first.text) {
            return self.name_behind_description(start).or(Some(Subject::Unnamed));
        }
        if self.kind(end) == Some(TokenKind::Comma) && self.names_person(end + 1) {
            // "the director, Ada Brook"
            let is_name = (start..end).any(|at| self.is_capitalised(at));
            if !is_name && end > start {
                return self.name_after(end + 1);
            }
        }
        match self.subject(start, end).unwrap_or(Subject::Unnamed) {
            // "a statement by the ministry"
            Subject::Paper(paper) => match self.get(end).map(|token| token.text) {
                Some("by" | "from" | "of") => self.name_after(end + 1),
                _ => Some(Subject::Paper(paper)),
            },
            subject => Some(subject),
        }
    }

    /// "the town's man for the old gate, Ada Brook"
    fn name_behind_description(&self, start: usize) -> Option<Subject> {
        let mut behind = start..start + LONGEST_NAME;
        let end = behind.find(|at| self.word(*at, 0).is_none_or(is_cue))?;
        let is_comma = self.kind(end) == Some(TokenKind::Comma);
        if is_comma && self.names_person(end + 1) { self.name_after(end + 1) } else { None }
    }

    /// Where a description ends that begins at token `start` with words that are no title: behind
    /// the name that follows it ("the sculptor Ada Brook"), or, behind an article, where the clause
    /// ends ("the old farmer."). It is empty where the words are something else ("the end of the
    /// war").
    fn description_end(&self, start: usize) -> usize {
        let is_small = |at: usize| {
            self.get(at).is_some_and(|token| {
                token.kind == TokenKind::Word
                    && token.text.starts_with(char::is_lowercase)
                    && !is_preposition(token.text)
                    && !is_cue(token.text)
                    && !is_clause_word(token.text)
            })
        };
        let mut end = start;
        while end < start + LONGEST_DESCRIPTION && is_small(end) && !self.belongs_to_name(end) {
            end += 1;
        }
        if end == start {
            return start;
        }
        let name_end = self.name_end(end);
        if name_end > end {
            return name_end;
        }
        let is_determined = start
            .checked_sub(1)
            .is_some_and(|before| self.get(before).is_some_and(|token| is_determiner(token.text)));
        let closes = match self.get(end) {
            None => true,
            Some(next) => {
                matches!(next.kind, TokenKind::Comma | TokenKind::Colon | TokenKind::Quotation)
                    || matches!(next.text, "." | ";" | "who")
            }
        };
        if is_determined && closes { end } else { start }
    }
}

/// Whether `word` begins a clause or stands for a noun, and so belongs to no description.
fn is_clause_word(word: &str) -> bool {
    is_article(word)
        || pronoun(word).is_some()
        || matches!(
            word,
            "and"
                | "as"
                | "because"
                | "but"
                | "if"
                | "or"
                | "that"
                | "there"
                | "this"
                | "when"
                | "where"
                | "which"
                | "while"
                | "who"
        )
}
