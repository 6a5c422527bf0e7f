//! What the reader of articles takes for blank, for a word and for a line.

use std::ops::Range;

/// Whether `c` prints nothing: white space, and the zero-width marks that scraping leaves behind.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// `range` of `text` without blanks at its ends; empty where nothing is left.
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(range.clone()) else {
        return range.start..range.start;
    };
    let end = range.start + part.trim_end_matches(is_blank).len();
    let start = range.end - part.trim_start_matches(is_blank).len();
    start.min(end)..end
}

/// The words of `text`: runs without blanks that hold a letter or a digit.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_blank).filter(|word| word.contains(char::is_alphanumeric))
}

/// The non-blank lines of `text`, trimmed, in order. A line ends at `\n`, `\r\n`, `\r`, U+2028 or
/// U+2029.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split(['\n', '\r', '\u{2028}', '\u{2029}']).filter_map(move |line| {
        let range = start..start + line.len();
        let separator = text.get(range.end..).and_then(|rest| rest.chars().next());
        start = range.end + separator.map_or(0, char::len_utf8);
        let trimmed = trim(text, range);
        (!trimmed.is_empty()).then_some(trimmed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let text = "\u{FEFF}one\ntwo\r\nthree\rfour\u{2028}five\u{2029} \n six \0";
        let found: Vec<_> = lines(text).filter_map(|line| text.get(line)).collect();
        assert_eq!(found, ["one", "two", "three", "four", "five", "six \0"]);
    }

    #[test]
    fn marks_alone_are_no_words() {
        assert_eq!(words("one — “two” ...").count(), 2);
    }

    #[test]
    fn trimming_blanks_only_leaves_an_empty_range() {
        assert!(trim("a  \u{200B} b", 1..6).is_empty());
    }
}
