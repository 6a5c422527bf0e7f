//! Names that sign a quotation: "…" — Ada Brook, Oldtown Post.

use super::super::name::{LONGEST_NAME, Name, Subject, Words, is_article, is_connector};
use super::super::token::{Token, TokenKind};

/// The person whose name is all that stands in a sentence, behind its quotations, with what goes
/// with it in capitals.
pub(in crate::article) fn signature(tokens: &[Token]) -> Option<Name> {
    let is_mark = |token: &Token| token.kind != TokenKind::Word;
    let start = tokens.iter().position(|token| !is_mark(token))?;
    let (before, behind) = tokens.split_at_checked(start)?;
    let belongs = |token: &Token| {
        is_mark(token)
            || token.text.starts_with(char::is_uppercase)
            || is_connector(token.text)
            || is_article(token.text)
    };
    let is_bare = before.iter().all(|token| token.kind != TokenKind::Colon)
        && behind.len() <= LONGEST_NAME
        && behind.iter().all(|token| token.kind != TokenKind::Quotation && belongs(token));
    let words = Words(tokens);
    if !is_bare || !words.names_person(start) {
        return None;
    }
    match words.subject(start, words.name_end(start)) {
        Some(Subject::Named(name)) if name.may_be_person => Some(name),
        _ => None,
    }
}
