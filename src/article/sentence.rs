//! Sentences: where one ends and the next begins within a paragraph.
//!
//! A run of `.`, `!`, `?` or `…` ends a sentence together with the marks and brackets that close
//! behind it, unless what stands around it says otherwise. Every decision looks at a bounded
//! stretch of text, so the work is linear in the length of the paragraph.

mod dateline;

use std::ops::Range;

use super::abbreviation::{is_calendar_word, is_dotted, is_short_word, is_starter, is_title};
use super::cue::is_cue;
use super::quotation::{Mark, scan};
use super::quote_mark::{Glyph, Role};
use super::span::Span;
use super::text::{is_blank, trim};

/// What a sentence belongs to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum SentenceKind {
    /// It is a heading.
    Heading,
    /// It stands in the story.
    Body,
}

/// A sentence of the story, or a heading.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sentence {
    /// Its text, trimmed, with the quotation marks that belong to it.
    pub span: Span,
    /// Index of the paragraph it stands in.
    pub paragraph: usize,
    /// Whether it is a heading.
    pub kind: SentenceKind,
}

/// Longest word, in code points, that is looked at before a full stop.
const LONGEST_WORD: usize = 24;

/// Opening marks, brackets and dashes that are looked past to find how a sentence begins.
const MOST_OPENINGS: usize = 6;

/// Words within which "…?” asked Ada Brook" names the speaker.
const ATTRIBUTION_WORDS: usize = 6;

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '؟' | '۔' | '।' | '։') || ends_without_space(c)
}

/// Full stops of scripts that set no space after them.
fn ends_without_space(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '．')
}

/// Where the first terminator of `text` stands. Nearly all of a story is passed over without being decoded.
fn find_terminator(text: &str) -> Option<usize> {
    let may_begin = |byte: u8| !byte.is_ascii() || is_terminator(char::from(byte));
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        at += rest.bytes().position(may_begin)?;
        let c = text.get(at..)?.chars().next()?;
        if is_terminator(c) {
            return Some(at);
        }
        at += c.len_utf8();
    }
}

/// The sentences of a text that is one paragraph, trimmed, in order.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let marks = scan(text, &(0..text.len())).marks;
    split(text, &(0..text.len()), &marks).into_iter().filter_map(|range| text.get(range))
}

/// The sentences of `paragraph`, trimmed, in order. `marks` are the double and angled quotation
/// marks of the paragraph. Every character but blanks and those of a dateline falls into a sentence.
pub(super) fn split(text: &str, paragraph: &Range<usize>, marks: &[Mark]) -> Vec<Range<usize>> {
    let mut sentences: Vec<Range<usize>> = Vec::new();
    let mut marks = marks.iter().peekable();
    let mut start =
        paragraph.start + dateline::len(text.get(paragraph.clone()).unwrap_or_default());
    let mut has_word = false;
    let mut at = start;
    while let Some(rest) = text.get(at..paragraph.end) {
        let Some((before, _)) = find_terminator(rest).and_then(|len| rest.split_at_checked(len))
        else {
            has_word |= rest.contains(char::is_alphanumeric);
            break;
        };
        has_word |= before.contains(char::is_alphanumeric);
        at += before.len();
        while marks.next_if(|mark| mark.range.start < at).is_some() {}
        let end = end_of_run(text, at..paragraph.end);
        let closed = end_of_closers(text, end..paragraph.end, &mut marks);
        let stop = Stop { text, sentence: start, run: at..end, closed, limit: paragraph.end };
        if has_word && stop.ends_sentence() {
            sentences.push(trim(text, start..closed));
            start = closed;
            has_word = false;
        }
        at = closed;
    }
    let rest = trim(text, start..paragraph.end);
    match sentences.last_mut() {
        _ if rest.is_empty() => {}
        // Marks left over belong to the sentence they follow.
        Some(last) if !has_word => last.end = rest.end,
        _ => sentences.push(rest),
    }
    sentences
}

/// Where the run of terminators at the start of `range` ends.
fn end_of_run(text: &str, range: Range<usize>) -> usize {
    let rest = text.get(range.clone()).unwrap_or("");
    range.end - rest.trim_start_matches(is_terminator).len()
}

/// Where the marks and brackets that close behind a terminator end. A closing quotation mark may
/// stand one space off; a further terminator behind the marks belongs to them.
fn end_of_closers<'m>(
    text: &str,
    range: Range<usize>,
    marks: &mut std::iter::Peekable<impl Iterator<Item = &'m Mark>>,
) -> usize {
    let mut end = range.start;
    while let Some(rest) = text.get(end..range.end)
        && let Some(c) = rest.chars().next()
    {
        let gap = if is_blank(c) { c.len_utf8() } else { 0 };
        let next = marks.next_if(|mark| mark.range.start == end + gap && mark.role == Role::Closes);
        let after = rest.get(c.len_utf8()..).unwrap_or("");
        if let Some(mark) = next {
            end = mark.range.end;
        } else if matches!(c, ')' | ']' | '}')
            || is_terminator(c)
            || (matches!(c, '\'' | '’') && !after.starts_with(char::is_alphanumeric))
        {
            end += c.len_utf8();
        } else {
            break;
        }
    }
    end
}

/// A run of terminators that may end a sentence.
struct Stop<'t> {
    text: &'t str,
    /// Where the sentence begins.
    sentence: usize,
    /// The terminators.
    run: Range<usize>,
    /// Where the closing marks behind them end.
    closed: usize,
    /// Where the paragraph ends.
    limit: usize,
}

impl<'t> Stop<'t> {
    fn ends_sentence(&self) -> bool {
        let run = self.text.get(self.run.clone()).unwrap_or("");
        let rest = self.text.get(self.closed..self.limit).unwrap_or("");
        let next = rest.trim_start_matches(is_blank);
        let opening = without_openings(next);
        let Some(first) = opening.chars().next() else {
            return false;
        };
        if run.contains(ends_without_space) {
            return true;
        }
        if first.is_lowercase() || is_terminator(first) || matches!(first, ',' | ';' | ':') {
            return false;
        }
        if next.len() == rest.len() {
            return self.ends_glued(opening);
        }
        if run.contains(['!', '?']) {
            return self.closed == self.run.end || !names_speaker(next);
        }
        if run == "." {
            return self.closed > self.run.end && !self.abbreviates_in_brackets(opening)
                || self.closed == self.run.end
                    && !self.abbreviates_before_dash(next)
                    && self.full_stop_ends(opening);
        }
        // An ellipsis that stands free marks an omission inside a sentence.
        !self.before().is_empty() || is_starter(first_word(opening))
    }

    /// Whether the sentence ends although the next follows without a space.
    fn ends_glued(&self, next: &str) -> bool {
        let mut chars = next.chars();
        let capital = chars.next().is_some_and(char::is_uppercase);
        let word = self.before();
        let lower_case = word.chars().count() > 1 && word.chars().all(char::is_lowercase);
        capital
            && (self.closed > self.run.end
                || (lower_case && chars.next().is_some_and(char::is_lowercase)))
    }

    /// Whether the full stop belongs to an abbreviation in brackets: "Order (E.O.) 13".
    fn abbreviates_in_brackets(&self, next: &str) -> bool {
        let closers = self.text.get(self.run.end..self.closed).unwrap_or("");
        closers == ")" && is_dotted(self.before()) && !is_starter(first_word(next))
    }

    /// Whether the full stop belongs to an abbreviation that a dash follows: "Columbia, S.C. — It".
    fn abbreviates_before_dash(&self, next: &str) -> bool {
        next.starts_with(['—', '–', '-'])
            && (is_dotted(self.before()) || is_short_word(self.before()))
    }

    /// Whether a single full stop ends the sentence, where `next` begins the text after it.
    fn full_stop_ends(&self, next: &str) -> bool {
        let word = self.before();
        let next_word = first_word(next);
        let digit_follows = next.starts_with(|c: char| c.is_ascii_digit());
        let is_single = word.chars().count() == 1;
        if word.is_empty() {
            // A full stop that stands free ends a sentence, the last of ". . ." may not.
            let before = self.text.get(self.sentence..self.run.start).unwrap_or("");
            return !before.trim_end().ends_with(is_terminator) || is_starter(next_word);
        }
        if word.chars().all(|c| c.is_ascii_digit()) {
            // A number that begins the sentence counts the items of a list.
            let number = self.run.start - word.len();
            return self
                .text
                .get(self.sentence..number)
                .is_some_and(|before| !before.trim().is_empty());
        }
        if is_title(word) {
            return false;
        }
        if matches!(word, "a.m" | "p.m") {
            let zone = next_word.len() > 1 && next_word.chars().all(char::is_uppercase);
            return !digit_follows && !zone && !is_calendar_word(next_word);
        }
        if word == "No" || (is_single && word.chars().all(char::is_lowercase)) {
            return !digit_follows;
        }
        if is_single || is_dotted(word) || is_short_word(word) {
            return is_starter(next_word);
        }
        true
    }

    /// The word that ends at the terminators; empty where a blank stands before them.
    fn before(&self) -> &'t str {
        let before = self.text.get(self.sentence..self.run.start).unwrap_or("");
        let len: usize = before
            .chars()
            .rev()
            .take(LONGEST_WORD)
            .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '\'' | '’' | '%'))
            .map(char::len_utf8)
            .sum();
        before.get(before.len() - len..).unwrap_or("")
    }
}

/// `next` without the marks, brackets and dashes that open a sentence.
fn without_openings(next: &str) -> &str {
    let mut rest = next;
    for _ in 0..MOST_OPENINGS {
        let Some(c) = rest.chars().next() else { break };
        let len = match Glyph::at_start_of(rest) {
            Some(glyph) => glyph.len,
            None if is_blank(c) || matches!(c, '(' | '[' | '{' | '–' | '—' | '-' | '•') => {
                c.len_utf8()
            }
            None => break,
        };
        rest = rest.get(len..).unwrap_or("");
    }
    rest
}

/// The letters and digits that `text` begins with, at most a word's length of them.
fn first_word(text: &str) -> &str {
    let len = text
        .chars()
        .take(LONGEST_WORD)
        .take_while(|c| c.is_alphanumeric())
        .map(char::len_utf8)
        .sum();
    text.get(..len).unwrap_or("")
}

/// Whether `next`, after a quotation that asks or exclaims, says who spoke: a verb of saying comes
/// within a few words and before any punctuation.
fn names_speaker(next: &str) -> bool {
    let words = next.split(is_blank).take(ATTRIBUTION_WORDS);
    let mut open = true;
    for word in words {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if open && is_cue(bare) {
            return true;
        }
        // "Sen." and "J." go on; other punctuation ends the search.
        open &= bare.len() == word.len()
            || is_title(bare)
            || bare.chars().count() == 1
            || is_dotted(bare);
    }
    false
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
