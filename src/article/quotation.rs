//! Quotations: the words between quotation marks.
//!
//! One pass over a paragraph settles the role of every double and angled mark and pairs them on a
//! small stack; marks nested in an open quotation stay inside it. Single marks are looked at
//! afterwards, outside the double ones, and pair only where they cannot be apostrophes.

use std::ops::Range;

use super::quote_mark::{Before, Family, Glyph, Role};
use super::span::Span;
use super::speaker::Speaker;
use super::text::{is_blank, trim, words};

/// Words between quotation marks, and who says them.
#[derive(Clone, Debug, PartialEq)]
pub struct Quotation {
    /// The quoted words, without the marks.
    pub span: Span,
    /// Index of the paragraph it stands in.
    pub paragraph: usize,
    /// Number of words quoted.
    pub words: usize,
    /// Who says them; `None` where the text does not tell.
    pub speaker: Option<Speaker>,
    /// Whether a mark ends the quotation; one that none ends runs to the end of its paragraph, or
    /// to where the next one opens after a full stop.
    pub closed: bool,
    /// Whether these are at most three words inside a running sentence, set apart rather than said.
    pub scare: bool,
}

/// A quotation longer than this is no scare quote.
const LONGEST_SCARE_WORDS: usize = 3;

/// Deepest nesting that is followed; marks that open deeper are left out. It bounds the search for
/// the mark that a closing one pairs with.
const DEEPEST: usize = 8;

/// The words that begin with an apostrophe.
const ELISIONS: [&str; 8] = ["em", "n", "til", "tis", "twas", "cause", "bout", "round"];

/// A mark with its role settled.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) role: Role,
}

/// A quotation as bytes of the text.
#[derive(Clone, Debug)]
pub(super) struct Quoted {
    /// With the marks.
    pub(super) outer: Range<usize>,
    /// Without the marks, trimmed.
    pub(super) inner: Range<usize>,
    pub(super) closed: bool,
}

impl Quoted {
    /// Number of words quoted.
    pub(super) fn words(&self, text: &str) -> usize {
        words(text.get(self.inner.clone()).unwrap_or("")).count()
    }

    /// Whether a few words are set apart inside a running sentence of `paragraph`, without the
    /// comma, colon or question that goes with speech.
    pub(super) fn is_scare(&self, text: &str, paragraph: &Range<usize>) -> bool {
        let before = text.get(paragraph.start..self.outer.start).unwrap_or("");
        let inner = text.get(self.inner.clone()).unwrap_or("");
        let runs_on = before.trim_end().ends_with(|c: char| {
            !matches!(c, '.' | '!' | '?' | '…' | ':' | ',' | ';' | '"' | '”' | '—' | '–')
        });
        let is_said = inner.ends_with([',', '!', '?'])
            || (inner.ends_with('.') && inner.starts_with(char::is_uppercase));
        self.closed && runs_on && !is_said && words(inner).nth(LONGEST_SCARE_WORDS).is_none()
    }
}

/// The quotation marks of one paragraph.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// Double and angled marks, in order.
    pub(super) marks: Vec<Mark>,
    /// Outermost quotations, in order; they do not overlap.
    pub(super) quoted: Vec<Quoted>,
}

/// A single mark or apostrophe and what stands around it.
struct Single {
    range: Range<usize>,
    shape: Option<Role>,
    before: Before,
    previous: Option<char>,
}

/// Finds the marks and the quotations of `paragraph`.
pub(super) fn scan(text: &str, paragraph: &Range<usize>) -> Marks {
    let mut pairing = Pairing { text, open: Vec::new(), found: Marks::default() };
    let mut singles = Vec::new();
    let mut before = Before::Gap;
    let mut previous = None;
    let mut after_sentence = false;
    let mut at = paragraph.start;
    while let Some(rest) = text.get(at..paragraph.end)
        && let Some(c) = rest.chars().next()
    {
        let Some(glyph) = Glyph::at_start_of(rest) else {
            let plain = rest.get(..Glyph::plain_len(rest).max(c.len_utf8())).unwrap_or("");
            previous = plain.chars().next_back();
            before = previous.map_or(before, Before::of);
            if let Some(printed) = plain.trim_end_matches(is_blank).chars().next_back() {
                after_sentence = matches!(printed, '.' | '!' | '?' | '…');
            }
            at += plain.len();
            continue;
        };
        let range = at..at + glyph.len;
        at = range.end;
        if glyph.family == Family::Single {
            singles.push(Single { range, shape: glyph.shape, before, previous });
        } else {
            let after = rest.get(glyph.len..).unwrap_or("");
            let role = glyph.role(before, after, pairing.is_open(glyph.family));
            pairing.take(glyph.family, Mark { range, role }, after_sentence);
            before = if role == Role::Opens { Before::Gap } else { Before::Word };
        }
        previous = Some(c);
    }
    let mut found = pairing.finish(paragraph);
    let single = pair_singles(text, paragraph, &singles, &found.quoted);
    merge(&mut found.quoted, single);
    found
}

/// An opening mark that waits for its closing one.
struct Open {
    family: Family,
    range: Range<usize>,
}

/// Pairs double and angled marks.
struct Pairing<'t> {
    text: &'t str,
    open: Vec<Open>,
    found: Marks,
}

impl Pairing<'_> {
    fn is_open(&self, family: Family) -> bool {
        self.open.iter().any(|open| open.family == family)
    }

    fn take(&mut self, family: Family, mark: Mark, after_sentence: bool) {
        match mark.role {
            Role::Opens => {
                // After a full stop a new quotation of the same kind cannot be nested: the closing
                // mark of the one before was forgotten.
                let forgotten = self.open.last().is_some_and(|open| open.family == family);
                if after_sentence && forgotten {
                    self.close_outermost(mark.range.start..mark.range.start, false);
                }
                if self.open.len() < DEEPEST {
                    self.open.push(Open { family, range: mark.range.clone() });
                }
            }
            Role::Closes => match self.open.iter().rposition(|open| open.family == family) {
                Some(0) => self.close_outermost(mark.range.clone(), true),
                Some(depth) => self.open.truncate(depth),
                None => {}
            },
        }
        self.found.marks.push(mark);
    }

    /// Ends the outermost open quotation, and all inside it, at the closing mark `end`.
    fn close_outermost(&mut self, end: Range<usize>, closed: bool) {
        if let Some(open) = self.open.first() {
            let inner = trim(self.text, open.range.end..end.start);
            if !inner.is_empty() {
                self.found.quoted.push(Quoted { outer: open.range.start..end.end, inner, closed });
            }
        }
        self.open.clear();
    }

    /// Ends what is still open at the end of the paragraph. A nested quotation that closes there
    /// closes the outer one too: the second mark is often left out.
    fn finish(mut self, paragraph: &Range<usize>) -> Marks {
        let shared = self.found.marks.last().filter(|mark| {
            let after = self.text.get(mark.range.end..paragraph.end).unwrap_or("");
            mark.role == Role::Closes && !after.contains(char::is_alphanumeric)
        });
        match shared.map(|mark| mark.range.clone()) {
            Some(end) => self.close_outermost(end, true),
            None => self.close_outermost(paragraph.end..paragraph.end, false),
        }
        self.found
    }
}

/// Pairs single marks outside the quotations found so far. An opening mark stands after a gap and
/// before a letter; the closing mark after a word and not inside one. A mark after "s" that the
/// sentence runs on from is taken for a possessive unless no other closes.
fn pair_singles(
    text: &str,
    paragraph: &Range<usize>,
    singles: &[Single],
    quoted: &[Quoted],
) -> Vec<Quoted> {
    let mut found = Vec::new();
    let mut quoted = quoted.iter().peekable();
    let mut opened: Option<&Single> = None;
    let mut possessive: Option<&Single> = None;
    for single in singles {
        while quoted.next_if(|quoted| quoted.outer.end <= single.range.start).is_some() {}
        if quoted.peek().is_some_and(|quoted| quoted.outer.start < single.range.start) {
            continue;
        }
        let after = text.get(single.range.end..paragraph.end).unwrap_or("");
        if can_open(single, after) {
            found.extend(single_quoted(text, opened, possessive));
            (opened, possessive) = (Some(single), None);
        } else if can_close(single, after) && opened.is_some() {
            if runs_on_from_possessive(single, after) {
                possessive = possessive.or(Some(single));
            } else {
                found.extend(single_quoted(text, opened, Some(single)));
                (opened, possessive) = (None, None);
            }
        }
    }
    found.extend(single_quoted(text, opened, possessive));
    found
}

fn can_open(single: &Single, after: &str) -> bool {
    let word = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    single.before == Before::Gap
        && single.shape != Some(Role::Closes)
        && word.starts_with(char::is_alphabetic)
        && !ELISIONS.contains(&word)
}

fn can_close(single: &Single, after: &str) -> bool {
    single.before == Before::Word && !after.starts_with(char::is_alphanumeric)
}

fn runs_on_from_possessive(single: &Single, after: &str) -> bool {
    let mut after = after.chars();
    matches!(single.previous, Some('s' | 'S' | 'x' | 'z'))
        && after.next().is_some_and(is_blank)
        && after.next().is_some_and(char::is_alphabetic)
}

/// The quotation between two single marks, if it is one: straight marks must hold several words,
/// because between apostrophes anything is possible.
fn single_quoted(text: &str, open: Option<&Single>, close: Option<&Single>) -> Option<Quoted> {
    let (open, close) = (open?, close?);
    let inner = trim(text, open.range.end..close.range.start);
    let quoted = Quoted { outer: open.range.start..close.range.end, inner, closed: true };
    let fewest = if open.shape.is_some() { 1 } else { 2 };
    (quoted.words(text) >= fewest).then_some(quoted)
}

/// Puts single quotations in order among the others, which vanish where a single one holds them.
fn merge(quoted: &mut Vec<Quoted>, single: Vec<Quoted>) {
    if single.is_empty() {
        return;
    }
    quoted.extend(single);
    quoted.sort_by_key(|quoted| quoted.outer.start);
    let mut end = 0;
    quoted.retain(|quoted| {
        let is_outermost = quoted.outer.start >= end;
        if is_outermost {
            end = quoted.outer.end;
        }
        is_outermost
    });
}

#[cfg(test)]
#[path = "quotation_tests.rs"]
mod tests;
