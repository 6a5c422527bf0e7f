//! Normalisation: from raw characters to the clean text.
//!
//! The clean text is in Unicode normalisation form C. Blanks other than tabs are spaces, lines end
//! with a line feed, character references are decoded, and marks that print nothing (soft hyphens,
//! zero-width characters, direction marks) are gone. Control characters become spaces; those of the
//! C1 block are read as Windows-1252, which is what they are on web pages.

use std::ops::Range;

use html5gum::{Token, Tokenizer};
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::source::{Cleaned, Piece};

/// Longest character reference, with its ampersand and semicolon: that of U+2233,
/// `&CounterClockwiseContourIntegral;`, and room for numbers with leading zeros.
const LONGEST_REFERENCE: usize = 40;

/// The clean text of a text without markup; `None` where it is the raw text.
pub(super) fn plain(raw: &str) -> Option<Cleaned> {
    let mut builder = Builder::new(raw);
    builder.read(0..raw.len(), Blanks::Kept);
    builder.finish()
}

/// What becomes of blanks and line ends.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Blanks {
    /// Line ends are line ends, and every blank counts.
    Kept,
    /// Runs of ASCII blanks and line ends are one space, as HTML prints them.
    Folded,
    /// Blanks are folded as in HTML, but line ends are line ends.
    FoldedInLines,
}

/// What becomes of a character.
enum Fate {
    Stays,
    Becomes(char),
    Vanishes,
    /// It may combine with its neighbours.
    Combines,
    /// It begins a character reference.
    Decodes(String),
}

/// A character under way to the clean text, with the raw bytes it comes from.
type Item = (char, Range<usize>);

/// Builds a clean text from stretches of a raw one, taken in order.
pub(super) struct Builder<'r> {
    raw: &'r str,
    cleaned: Cleaned,
    /// A character with those that may combine with it, until all of them are known.
    cluster: Vec<Item>,
}

impl<'r> Builder<'r> {
    pub(super) fn new(raw: &'r str) -> Self {
        let text = String::with_capacity(raw.len());
        let cleaned = Cleaned { text, pieces: Vec::new() };
        Self { raw, cleaned, cluster: Vec::new() }
    }

    /// Appends the clean form of a range of the raw text.
    pub(super) fn read(&mut self, range: Range<usize>, blanks: Blanks) {
        let raw = self.raw;
        // What lies between `run` and `at` stays as it is.
        let (mut run, mut at) = (range.start, range.start);
        while let Some(rest) = raw.get(at..range.end)
            && let Some(skip) = rest.bytes().position(|byte| is_suspect(byte, blanks))
        {
            at += skip;
            let rest = rest.get(skip..).unwrap_or("");
            let Some(c) = rest.chars().next() else { break };
            let before = raw.get(run..at).and_then(|run| run.bytes().next_back());
            let (fate, len) = match c {
                '\r' if blanks != Blanks::Folded && rest.starts_with("\r\n") => {
                    (Fate::Becomes('\n'), 2)
                }
                '&' => reference(rest)
                    .map_or((Fate::Stays, 1), |(text, len)| (Fate::Decodes(text), len)),
                _ => (self.fate(c, before, blanks), c.len_utf8()),
            };
            let from = at..at + len;
            at += len;
            if matches!(fate, Fate::Stays) {
                continue;
            }
            self.copy(run..from.start);
            run = at;
            let Fate::Decodes(text) = fate else {
                self.take(c, fate, from);
                continue;
            };
            for c in text.chars() {
                let fate = self.fate(c, None, blanks);
                self.take(c, fate, from.clone());
            }
        }
        self.copy(run..range.end);
    }

    /// Ends a line at `raw`, unless one ends there already.
    pub(super) fn end_line(&mut self, raw: Range<usize>) {
        self.flush();
        if !self.cleaned.text.is_empty() && !self.cleaned.text.ends_with('\n') {
            self.put('\n', raw);
        }
    }

    /// Length of the clean text so far, in bytes. What comes next does not combine with it.
    pub(super) fn len(&mut self) -> usize {
        self.flush();
        self.cleaned.text.len()
    }

    /// The clean text; `None` where it is the raw text.
    pub(super) fn finish(mut self) -> Option<Cleaned> {
        self.flush();
        (self.cleaned.text != self.raw).then_some(self.cleaned)
    }

    /// What becomes of `c`, which stands behind the raw byte `before` if that is not yet in the
    /// clean text.
    fn fate(&self, c: char, before: Option<u8>, blanks: Blanks) -> Fate {
        if blanks == Blanks::Kept || !c.is_ascii_whitespace() {
            return fate(c);
        }
        if blanks == Blanks::FoldedInLines && matches!(c, '\n' | '\r') {
            return Fate::Becomes('\n');
        }
        match before.map_or_else(|| self.ends_blank(), |before| before == b' ') {
            true => Fate::Vanishes,
            false if c == ' ' => Fate::Stays,
            false => Fate::Becomes(' '),
        }
    }

    /// Whether a further blank would be one too many.
    fn ends_blank(&self) -> bool {
        let text = &self.cleaned.text;
        self.cluster.is_empty() && (text.is_empty() || text.ends_with([' ', '\n']))
    }

    /// Does to a character as its fate demands.
    fn take(&mut self, c: char, fate: Fate, raw: Range<usize>) {
        match fate {
            Fate::Stays => self.put(c, raw),
            Fate::Becomes(c) => self.put(c, raw),
            Fate::Combines => self.combine(c, raw),
            Fate::Vanishes | Fate::Decodes(_) => {}
        }
    }

    /// Appends raw bytes that stay as they are and combine with nothing before them.
    fn copy(&mut self, raw: Range<usize>) {
        let Some(text) = self.raw.get(raw.clone()).filter(|text| !text.is_empty()) else { return };
        self.flush();
        self.append(text, raw, true);
    }

    /// Appends a character that combines with nothing before it.
    fn put(&mut self, c: char, raw: Range<usize>) {
        self.flush();
        self.append(c.encode_utf8(&mut [0; 4]), raw, false);
    }

    fn append(&mut self, text: &str, raw: Range<usize>, is_copy: bool) {
        let pieces = &mut self.cleaned.pieces;
        match pieces.last_mut() {
            Some(last) if is_copy && last.is_copy && last.raw.end == raw.start => {
                last.raw.end = raw.end;
            }
            _ => pieces.push(Piece { clean: self.cleaned.text.len(), raw, is_copy }),
        }
        self.cleaned.text.push_str(text);
    }

    /// Takes a character that may combine with those before it, or that form C spells otherwise.
    fn combine(&mut self, c: char, raw: Range<usize>) {
        if !joins_back(c) {
            self.flush();
        } else if self.cluster.is_empty() {
            let base = self.take_last();
            self.cluster.extend(base);
        }
        self.cluster.push((c, raw));
    }

    /// Takes the last character back out of the clean text.
    fn take_last(&mut self) -> Option<Item> {
        let c = self.cleaned.text.pop()?;
        let piece = self.cleaned.pieces.last_mut()?;
        let raw = if piece.is_copy {
            let end = piece.raw.end;
            piece.raw.end -= c.len_utf8();
            piece.raw.end..end
        } else {
            piece.raw.clone()
        };
        if piece.clean >= self.cleaned.text.len() {
            self.cleaned.pieces.pop();
        }
        Some((c, raw))
    }

    /// Composes the open cluster. What composition leaves alone keeps its own place; the rest goes
    /// back to the raw text as a whole.
    fn flush(&mut self) {
        if self.cluster.is_empty() {
            return;
        }
        let cluster = std::mem::take(&mut self.cluster);
        let mut composed = cluster.iter().map(|(c, _)| *c).nfc().peekable();
        let mut items = cluster.iter().peekable();
        while let Some((c, raw)) = items.next_if(|(c, _)| composed.peek() == Some(c)) {
            composed.next();
            let printed = self.raw.get(raw.clone());
            let mut buffer = [0; 4];
            let text = &*c.encode_utf8(&mut buffer);
            self.append(text, raw.clone(), printed == Some(text));
        }
        let rest: String = composed.collect();
        if let (Some((_, first)), Some((_, last))) = (items.next(), cluster.last()) {
            self.append(&rest, first.start..last.end, false);
        }
    }
}

/// Whether a byte begins a character that may not stay as it is. Below U+0300 those are few: `&`,
/// control characters, the no-break space and the soft hyphen (first byte C2).
fn is_suspect(byte: u8, blanks: Blanks) -> bool {
    match byte {
        b' ' | b'\n' | b'\t' => blanks != Blanks::Kept,
        b'&' | 0x7F | 0xC2 | 0xCC.. => true,
        _ => byte < 0x20,
    }
}

/// What becomes of a character, other than a reference or the first half of a line end.
fn fate(c: char) -> Fate {
    match c {
        '\n' | '\t' | ' '..='~' => Fate::Stays,
        '\r' | '\u{2028}' | '\u{2029}' => Fate::Becomes('\n'),
        '\u{80}'..='\u{9F}' => Fate::Becomes(windows_1252(c)),
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => Fate::Vanishes,
        _ if c.is_whitespace() || c.is_control() => Fate::Becomes(' '),
        '\u{A0}'..='\u{2FF}' | '\u{2010}'..='\u{2027}' => Fate::Stays,
        _ if is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
            && canonical_combining_class(c) == 0 =>
        {
            Fate::Stays
        }
        _ => Fate::Combines,
    }
}

/// Whether a character that is not stable in form C may combine with the one before it.
fn joins_back(c: char) -> bool {
    let mut first = None;
    decompose_canonical(c, |part| first = first.or(Some(part)));
    first.is_some_and(|first| canonical_combining_class(first) != 0)
        || is_nfc_quick(std::iter::once(c)) == IsNormalized::Maybe
}

/// The character that a C1 control code is in Windows-1252; a space where it is none. HTML reads
/// numeric references to these codes so.
fn windows_1252(c: char) -> char {
    let decoded = decode(&format!("&#{};", u32::from(c)));
    decoded.and_then(|text| text.chars().next()).filter(|c| !c.is_control()).unwrap_or(' ')
}

/// The characters that the reference at the start of `text` stands for, and its length in bytes. A
/// reference counts with its semicolon only; an unknown one is none.
fn reference(text: &str) -> Option<(String, usize)> {
    let end = text.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';')?;
    let reference = text.get(..=end)?;
    let name = reference.get(1..end)?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
    if !is_name || name.is_empty() {
        return None;
    }
    let decoded = decode(reference)?;
    // No reference stands for more than two characters; more are a shorter one and a rest.
    (decoded != reference && decoded.chars().nth(2).is_none()).then_some((decoded, reference.len()))
}

/// The text of a piece of HTML without tags.
fn decode(html: &str) -> Option<String> {
    Tokenizer::new(html).flatten().find_map(|token| match token {
        Token::String(text) => String::from_utf8(text.value.into()).ok(),
        _ => None,
    })
}

#[cfg(test)]
#[path = "normalise_tests.rs"]
mod tests;
