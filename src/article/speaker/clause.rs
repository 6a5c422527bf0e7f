//! What each sentence of a paragraph says about who speaks.

use std::ops::Range;

use super::super::attribution::{Attribution, attributions, opening_subject, persons, signature};
use super::super::name::{Name, Subject};
use super::super::token::{Token, TokenKind, tokens};
use super::Reading;

/// What one sentence says about who speaks.
pub(super) struct Clause {
    pub(super) attributions: Vec<Attribution>,
    /// The subject that the sentence begins with.
    pub(super) opening: Option<Subject>,
    /// The persons named in full.
    pub(super) persons: Vec<Name>,
    /// The person whose name alone stands in the sentence, or behind a quotation in it ("“No.” Ada
    /// Brook, Oldtown Post").
    pub(super) signature: Option<Name>,
    /// Whether nothing but quotations, or a word that joins them, stands in the sentence.
    pub(super) is_quotation: bool,
    /// Whether it ends with a colon, and so introduces what follows.
    pub(super) introduces: bool,
    /// Whether a quotation begins inside it, behind other words.
    pub(super) quotes_inside: bool,
    /// Where it begins.
    pub(super) start: usize,
    /// The quotations that overlap it, by index in their paragraph.
    pub(super) quoted: Range<usize>,
}

/// Reads the sentences of a paragraph.
pub(super) fn clauses(text: &str, reading: &Reading) -> Vec<Clause> {
    let read = |sentence: &Range<usize>| {
        let first = reading.quoted.partition_point(|quoted| quoted.outer.end <= sentence.start);
        let end = reading.quoted.partition_point(|quoted| quoted.outer.start < sentence.end);
        let tokens = tokens(text, sentence, reading.quoted.get(first..end).unwrap_or(&[]));
        Clause {
            attributions: attributions(&tokens),
            opening: opening_subject(&tokens),
            persons: persons(&tokens),
            signature: signature(&tokens),
            is_quotation: is_quotation(&tokens),
            introduces: tokens.last().is_some_and(|token| token.kind == TokenKind::Colon),
            quotes_inside: reading
                .quoted
                .get(first)
                .is_some_and(|quoted| quoted.outer.start > sentence.start),
            start: sentence.start,
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
