//! Tokens: the words of a sentence outside its quotations, for reading who speaks.

use std::ops::Range;

use super::abbreviation::{is_dotted, is_title};
use super::quotation::Quoted;

/// What a token is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word,
    Comma,
    Colon,
    /// A whole quotation with its marks.
    Quotation,
    /// Other punctuation.
    Other,
}

/// Room is made for a token for so many bytes of a sentence; on average one takes a little more.
const BYTES_PER_TOKEN: usize = 5;

/// One token of a sentence.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
    /// The word, or the punctuation; `""` for a quotation.
    pub(super) text: &'t str,
}

/// The tokens of `sentence`. `quoted` are the quotations that overlap it, in order; each gives one
/// token however much of it lies in the sentence.
pub(super) fn tokens<'t>(
    text: &'t str,
    sentence: &Range<usize>,
    quoted: &[Quoted],
) -> Vec<Token<'t>> {
    let mut tokens = Vec::with_capacity(sentence.len() / BYTES_PER_TOKEN + 1);
    let mut quoted = quoted.iter().peekable();
    let mut at = sentence.start;
    while at < sentence.end {
        if let Some(quotation) = quoted.next_if(|quotation| quotation.outer.start <= at) {
            let range = at..quotation.outer.end.min(sentence.end);
            at = range.end.max(at);
            tokens.push(Token { kind: TokenKind::Quotation, range, text: "" });
            continue;
        }
        let limit = quoted.peek().map_or(sentence.end, |next| next.outer.start.min(sentence.end));
        let rest = text.get(at..limit).unwrap_or("");
        let Some(c) = rest.chars().next() else { break };
        let (kind, len) = match c {
            _ if c.is_alphanumeric() => (TokenKind::Word, word_len(rest)),
            ',' => (TokenKind::Comma, 1),
            ':' => (TokenKind::Colon, 1),
            _ => (TokenKind::Other, c.len_utf8()),
        };
        if kind != TokenKind::Other || !c.is_whitespace() {
            let text = rest.get(..len).unwrap_or("");
            tokens.push(Token { kind, range: at..at + len, text });
        }
        at += len;
    }
    tokens
}

/// Length of the word at the start of `rest`: letters and digits, marks between them ("U.S",
/// "al-Assad", "town's"), and the full stop of an initial or a short title if text follows.
fn word_len(rest: &str) -> usize {
    let mut len = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let mut chars = rest.get(len..).unwrap_or("").chars().peekable();
    while let Some(c) = chars.next() {
        let joins = matches!(c, '.' | '-' | '\'' | '’' | '‘' | '&')
            && chars.peek().is_some_and(|next| next.is_alphanumeric());
        if !c.is_alphanumeric() && !joins {
            break;
        }
        len += c.len_utf8();
    }
    let word = rest.get(..len).unwrap_or("");
    let after = rest.get(len..).unwrap_or("");
    let is_short = || word.chars().nth(1).is_none() || is_dotted(word) || is_title(word);
    let goes_on = || after.get(1..).is_some_and(|after| !after.trim_start().is_empty());
    if after.starts_with('.') && is_short() && goes_on() { len + 1 } else { len }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokens(text, &(0..text.len()), &[]).iter().map(|token| token.text).collect()
    }

    #[test]
    fn initials_and_titles_keep_their_full_stop() {
        assert_eq!(
            texts("Sen. A. Brook, of the U.S."),
            ["Sen.", "A.", "Brook", ",", "of", "the", "U.S", "."]
        );
    }

    #[test]
    fn marks_inside_a_word_belong_to_it() {
        assert_eq!(texts("the town's al-Hadi: no"), ["the", "town's", "al-Hadi", ":", "no"]);
    }

    #[test]
    fn a_quotation_is_one_token() {
        let text = "He said “no way” now";
        let quoted = Quoted { outer: 8..21, inner: 11..17, closed: true };
        let kinds: Vec<_> =
            tokens(text, &(0..text.len()), &[quoted]).iter().map(|token| token.kind).collect();
        use TokenKind::{Quotation, Word};
        assert_eq!(kinds, [Word, Word, Quotation, Word]);
    }
}
