//! Quotation marks: which characters are marks, and what one mark does by where it stands.
//!
//! Position decides: a mark after a gap and before a word opens, one after a word and before a gap
//! closes. The shape of the mark breaks ties, because texts mix `"`, `“` and `”` at will.

use super::text::is_blank;

/// Marks that pair with each other.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `"`, `“`, `”`, `„`, `‟`, `''` and ` `` `.
    Double,
    /// `«`, `»`, `‹`, `›`, `「`, `」`, `『`, `』`.
    Angle,
    /// `'`, `‘`, `’`, `‚`: apostrophes too.
    Single,
}

/// What a mark does.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A quotation begins after the mark.
    Opens,
    /// A quotation ends before the mark.
    Closes,
}

/// A mark as printed, before its role is settled.
#[derive(Copy, Clone, Debug)]
pub(super) struct Glyph {
    pub(super) family: Family,
    /// What the shape alone says; `None` for straight marks.
    pub(super) shape: Option<Role>,
    /// Length in bytes.
    pub(super) len: usize,
}

impl Glyph {
    /// The mark that `rest` begins with.
    pub(super) fn at_start_of(rest: &str) -> Option<Self> {
        use Family::{Angle, Double, Single};
        use Role::{Closes, Opens};
        let mut chars = rest.chars();
        let first = chars.next()?;
        let (family, shape) = match first {
            '"' | '＂' => (Double, None),
            '“' | '„' | '‟' => (Double, Some(Opens)),
            '”' => (Double, Some(Closes)),
            '«' | '‹' | '「' | '『' => (Angle, Some(Opens)),
            '»' | '›' | '」' | '』' => (Angle, Some(Closes)),
            '\'' if chars.next() == Some('\'') => {
                return Some(Self { family: Double, shape: None, len: 2 });
            }
            '`' if chars.next() == Some('`') => {
                return Some(Self { family: Double, shape: Some(Opens), len: 2 });
            }
            '\'' => (Single, None),
            '‘' | '‚' => (Single, Some(Opens)),
            '’' => (Single, Some(Closes)),
            _ => return None,
        };
        Some(Self { family, shape, len: first.len_utf8() })
    }

    /// How many bytes at the start of `text` are ASCII and no mark.
    pub(super) fn plain_len(text: &str) -> usize {
        let may_be_mark = |byte: u8| !byte.is_ascii() || matches!(byte, b'"' | b'\'' | b'`');
        text.bytes().position(may_be_mark).unwrap_or(text.len())
    }

    /// The role of this mark between `before` and `after`, where `open` says whether a quotation of
    /// its family is open.
    pub(super) fn role(&self, before: Before, after: &str, open: bool) -> Role {
        let by_state = if open { Role::Closes } else { Role::Opens };
        match (position(before, after), self.shape) {
            (Some(position), None) => position,
            (None, Some(shape)) => shape,
            (Some(position), Some(shape)) if position == shape => position,
            // A mark of the wrong shape, or one set on the wrong side of a space.
            (Some(_), Some(_)) | (None, None) => by_state,
        }
    }
}

/// What stands before a mark.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// The start of the paragraph, white space, an opening bracket, a dash or an opening mark.
    Gap,
    /// A letter, a digit, punctuation or a closing mark.
    Word,
}

impl Before {
    /// What the character `c` before a mark counts for.
    pub(super) fn of(c: char) -> Self {
        if is_blank(c) || matches!(c, '(' | '[' | '{' | '–' | '—' | '-' | '/') {
            Self::Gap
        } else {
            Self::Word
        }
    }
}

/// Marks in a row that are looked past to find what follows them.
const LONGEST_ROW: usize = 4;

/// The role a mark has by its place alone; `None` where the place is open to both.
fn position(before: Before, after: &str) -> Option<Role> {
    let mut rest = after;
    for _ in 0..LONGEST_ROW {
        let Some(next) = Glyph::at_start_of(rest) else {
            break;
        };
        rest = rest.get(next.len..).unwrap_or("");
    }
    let next = rest.chars().next().unwrap_or(' ');
    let ends_clause = matches!(next, '.' | ',' | ';' | ':' | '!' | '?') && !rest.starts_with("..");
    let blank = is_blank(next);
    let closing = ends_clause || matches!(next, ')' | ']' | '}' | '–' | '—' | '-' | '/');
    match (before, blank, closing) {
        (Before::Gap, false, false) => Some(Role::Opens),
        (Before::Gap, false, true) if ends_clause => Some(Role::Closes),
        (Before::Word, true, _) | (Before::Word, _, true) => Some(Role::Closes),
        (Before::Gap, ..) | (Before::Word, false, false) => None,
    }
}
