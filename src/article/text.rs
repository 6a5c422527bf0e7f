//! What the reader of articles takes for blank, for a word and for a line.

use std::ops::Range;

/// Whether `c` is a blank of the clean text.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t')
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

/// The non-blank lines of `text`, trimmed, in order.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split('\n').filter_map(move |line| {
        let range = start..start + line.len();
        start = range.end + 1;
        let trimmed = trim(text, range);
        (!trimmed.is_empty()).then_some(trimmed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_no_lines() {
        let text = "one\n\n \ttwo \n \nthree";
        let found: Vec<_> = lines(text).filter_map(|line| text.get(line)).collect();
        assert_eq!(found, ["one", "two", "three"]);
    }

    #[test]
    fn marks_alone_are_no_words() {
        assert_eq!(words("one — “two” ...").count(), 2);
    }

    #[test]
    fn trimming_blanks_only_leaves_an_empty_range() {
        assert!(trim("a  \t b", 1..5).is_empty());
    }
}
