//! Furniture by the words of one line; `clean` judges a line by its neighbours.
//!
//! The rules err on the side of keeping: what reads like a sentence of a story stays.

mod rare;

use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::memchr3;
use regex::{Regex, RegexSet, RegexSetBuilder};

use super::furniture_table::{
    AGENCY, ASIDE_AT_END, AUTHOR_NOTE, CASED_PATTERNS, LINK, MESSAGE_FOOT, MONTH, PATTERNS, PHRASES,
};
use super::text::words;
use rare::{ASIDES, PATTERNS_OF_ANY_LINE, PATTERNS_OF_LONG_LINES, RARE_PATTERNS, Rare};

/// Why a paragraph, or a part of one, is no part of the story.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum FurnitureReason {
    /// Menus, links to other pages, newsletters, advertisement marks, topic tags.
    Navigation,
    /// The words under or in place of a picture or video.
    Caption,
    /// Who took the picture, wrote, edited or supplied the article.
    Credit,
    /// A date or time of publication on a line of its own.
    Date,
    /// A place and date, or a place and agency, on a line of their own or before the first sentence.
    Dateline,
    /// The controls of a media player.
    Player,
    /// A choice of text sizes.
    SizeSelector,
    /// Buttons to share or follow.
    Share,
    /// Copyright and licence notes.
    Copyright,
    /// A bare address on the network.
    Link,
    /// A line without a letter or a digit, or with a code in place of a line end.
    Separator,
    /// A later copy of a line, or of the title.
    Duplicate,
    /// A teaser that the next paragraph begins with.
    RepeatedLead,
    /// A heading that is not the article's own: of a section, of a column, of another article.
    Subheading,
}

/// No line with more words than this is furniture by its words alone, but for `PATTERNS_OF_ANY_LINE` and
/// `PATTERNS_OF_LONG_LINES`.
const LONGEST_LINE_WORDS: usize = 60;

/// Nor is one with more bytes: it bounds the work on hostile lines.
const LONGEST_LINE_BYTES: usize = 600;

/// Nor is one with more bytes by `PATTERNS_OF_LONG_LINES`: it may be a whole article that lost its line ends.
const LONGEST_LONG_LINE_BYTES: usize = 1_500;

/// No phrase of the table has more bytes.
const LONGEST_PHRASE_BYTES: usize = 48;

/// Memory for the states of a set of patterns, so that none is worked out twice.
const DFA_BYTES: usize = 8 << 20;

/// The tables, made ready for use.
struct Rules {
    phrases: HashMap<&'static str, FurnitureReason>,
    any_case: RegexSet,
    cased: RegexSet,
    rare: Rare,
    /// Tried whatever the length of a line, up to limits of their own.
    of_longer_lines: Rare,
    asides: Rare,
}

impl Rules {
    /// Why a line of nothing but `phrase`, in any case, is furniture.
    fn phrase(&self, phrase: &str) -> Option<FurnitureReason> {
        if phrase.len() > LONGEST_PHRASE_BYTES {
            return None;
        }
        self.phrases.get(phrase.to_lowercase().as_str()).copied()
    }
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    phrases: PHRASES
        .iter()
        .flat_map(|(reason, phrases)| phrases.split('|').map(|phrase| (phrase, *reason)))
        .collect(),
    any_case: compile(PATTERNS, "(?i)"),
    cased: compile(CASED_PATTERNS, ""),
    rare: Rare::compile(&[(RARE_PATTERNS, LONGEST_LINE_BYTES)]),
    of_longer_lines: Rare::compile(&[
        (PATTERNS_OF_ANY_LINE, usize::MAX),
        (PATTERNS_OF_LONG_LINES, LONGEST_LONG_LINE_BYTES),
    ]),
    asides: Rare::compile(&[(ASIDES, LONGEST_LINE_BYTES)]),
});

/// One set of all patterns of a table, each behind `flags`.
#[expect(clippy::expect_used, reason = "the patterns are constants that a test compiles")]
fn compile(table: &[(FurnitureReason, &str)], flags: &str) -> RegexSet {
    let patterns = table.iter().map(|(_, pattern)| format!("{flags}{}", filled_in(pattern)));
    RegexSetBuilder::new(patterns)
        .dfa_size_limit(DFA_BYTES)
        .build()
        .expect("constant patterns compile")
}

/// A pattern with the lists it names. Word borders are those of ASCII letters: those of all scripts
/// would keep a pattern off its fast path.
fn filled_in(pattern: &str) -> String {
    pattern
        .replace("{LINK}", LINK)
        .replace("{MESSAGE_FOOT}", MESSAGE_FOOT)
        .replace("{MONTH}", MONTH)
        .replace("{AGENCY}", AGENCY)
        .replace(r"\b", r"(?-u:\b)")
}

/// Why `line`, trimmed, is furniture by its words alone; `None` for a line to keep.
pub(super) fn reason(line: &str) -> Option<FurnitureReason> {
    if !line.contains(char::is_alphanumeric) {
        return Some(FurnitureReason::Separator);
    }
    if let Some(reason) = RULES.of_longer_lines.reason(line) {
        return Some(reason);
    }
    if line.len() > LONGEST_LINE_BYTES || words(line).nth(LONGEST_LINE_WORDS).is_some() {
        return None;
    }
    let phrase = line.trim_matches(|c: char| !c.is_alphanumeric());
    let page_number = || {
        let bare = !line.contains(char::is_alphabetic) && !is_amount(line);
        bare.then_some(FurnitureReason::Navigation)
    };
    RULES
        .phrase(phrase)
        .or_else(|| first_match(&RULES.any_case, PATTERNS, line))
        .or_else(|| first_match(&RULES.cased, CASED_PATTERNS, line))
        .or_else(|| RULES.rare.reason(line))
        .or_else(page_number)
}

/// Whether a sentence of `paragraph` may be furniture by itself; nearly always not.
pub(super) fn may_hold_asides(paragraph: &str) -> bool {
    memchr3(b'(', b'[', b'/', paragraph.as_bytes()).is_some()
        && RULES.asides.is_worth_trying(paragraph)
}

/// A line without the link to another article or the foot of a message that it ends in.
pub(super) fn without_aside(line: &str) -> &str {
    static END: LazyLock<Regex> = LazyLock::new(|| constant(ASIDE_AT_END));
    if !may_hold_asides(line) {
        return line;
    }
    END.find(line).and_then(|aside| line.get(..aside.start())).unwrap_or(line)
}

/// Why a sentence inside a paragraph of the story is no part of it; `None` for nearly all.
pub(super) fn aside_reason(sentence: &str) -> Option<FurnitureReason> {
    RULES.asides.reason(sentence)
}

fn first_match(
    set: &RegexSet,
    table: &[(FurnitureReason, &str)],
    line: &str,
) -> Option<FurnitureReason> {
    let first = set.matches(line).iter().next()?;
    table.get(first).map(|(reason, _)| *reason)
}

/// Whether a line says who an author is, as notes below a story do.
pub(super) fn is_author_note(line: &str) -> bool {
    static NOTE: LazyLock<Regex> = LazyLock::new(|| constant(AUTHOR_NOTE));
    line.len() <= LONGEST_LINE_BYTES && NOTE.is_match(line)
}

#[expect(clippy::expect_used, reason = "the patterns are constants that a test compiles")]
fn constant(pattern: &str) -> Regex {
    Regex::new(&filled_in(pattern)).expect("constant pattern compiles")
}

/// Whether a line of figures says something by itself ("$5,000", "40%"): a heading, no page number.
fn is_amount(line: &str) -> bool {
    line.contains(['$', '€', '£', '%'])
}

#[cfg(test)]
#[path = "furniture_tests.rs"]
mod tests;
