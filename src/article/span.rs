//! Spans: half-open ranges into the raw text, in bytes and in code points at once.

use std::ops::Range;

/// Half-open range into the raw article text, in bytes and in Unicode code points.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start_byte: usize,
    /// One past the last byte.
    pub end_byte: usize,
    /// First code point.
    pub start_code_point: usize,
    /// One past the last code point.
    pub end_code_point: usize,
}

impl Span {
    /// The part of `text` the span covers; `""` when it does not fit the text.
    pub fn slice<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.bytes()).unwrap_or("")
    }

    /// Whether every byte of `other` lies inside this span.
    pub fn contains(&self, other: &Span) -> bool {
        self.start_byte <= other.start_byte && other.end_byte <= self.end_byte
    }

    /// The range in bytes.
    pub fn bytes(&self) -> Range<usize> {
        self.start_byte..self.end_byte
    }
}

/// Bytes between two checkpoints: one lookup counts at most this many bytes.
const STRIDE: usize = 64;

/// Turns byte ranges of one text into spans.
///
/// It keeps the number of code points before every 64th byte, so a lookup costs a constant and the
/// table is an eighth of the text.
#[derive(Clone, Debug)]
pub struct SpanIndex {
    /// `checkpoints[i]`: code points that start before byte `i * STRIDE`.
    checkpoints: Vec<usize>,
    code_points: usize,
}

impl SpanIndex {
    /// Reads `text` once.
    pub fn new(text: &str) -> Self {
        let mut code_points = 0;
        let checkpoints = text
            .as_bytes()
            .chunks(STRIDE)
            .map(|chunk| {
                let before = code_points;
                code_points += starts_in(chunk);
                before
            })
            .collect();
        Self { checkpoints, code_points }
    }

    /// The span of `bytes` in `text`, which must be the text the index was made of.
    ///
    /// Ends beyond the text are clamped; ends inside a character move outwards to its borders; a
    /// range that ends before it starts becomes the empty span at its start.
    pub fn span(&self, text: &str, bytes: Range<usize>) -> Span {
        let mut start_byte = bytes.start.min(text.len());
        while !text.is_char_boundary(start_byte) {
            start_byte -= 1;
        }
        let mut end_byte = bytes.end.clamp(start_byte, text.len());
        while !text.is_char_boundary(end_byte) {
            end_byte += 1;
        }
        Span {
            start_byte,
            end_byte,
            start_code_point: self.code_point_at(text, start_byte),
            end_code_point: self.code_point_at(text, end_byte),
        }
    }

    /// Code points in the whole text.
    pub fn code_points(&self) -> usize {
        self.code_points
    }

    /// Code points that start before `byte`, which lies on a character border of `text`.
    fn code_point_at(&self, text: &str, byte: usize) -> usize {
        let checkpoint = byte / STRIDE;
        let Some(before) = self.checkpoints.get(checkpoint) else {
            return self.code_points;
        };
        let rest = text.as_bytes().get(checkpoint * STRIDE..byte);
        before + rest.map_or(0, starts_in)
    }
}

/// Code points that start in `bytes`: all bytes but UTF-8 continuation bytes (`10xxxxxx`).
fn starts_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, bytes: Range<usize>) -> Span {
        SpanIndex::new(text).span(text, bytes)
    }

    #[test]
    fn bytes_and_code_points_differ_after_a_wide_character() {
        let text = "é is one";
        let found = span(text, 3..5);
        assert_eq!(found.slice(text), "is");
        assert_eq!((found.start_code_point, found.end_code_point), (2, 4));
    }

    #[test]
    fn lookups_agree_with_counting_on_a_long_text() {
        let text = "aé漢😀".repeat(100);
        let index = SpanIndex::new(&text);
        for (code_point, (byte, c)) in text.char_indices().enumerate() {
            let found = index.span(&text, byte..byte + c.len_utf8());
            assert_eq!(
                (found.start_code_point, found.end_code_point),
                (code_point, code_point + 1)
            );
        }
        assert_eq!(index.code_points(), 400);
    }

    #[test]
    fn ends_move_outwards_to_character_borders() {
        assert_eq!(span("a😀b", 2..3).bytes(), 1..5);
    }

    #[test]
    fn ends_beyond_the_text_are_clamped() {
        assert_eq!(span("abc", 1..99).bytes(), 1..3);
        assert_eq!(span("abc", 50..99).bytes(), 3..3);
        assert_eq!(span("", 0..1).bytes(), 0..0);
    }

    #[test]
    fn a_reversed_range_is_empty() {
        let reversed = Range { start: 2, end: 1 };
        assert_eq!(span("abc", reversed).bytes(), 2..2);
    }

    #[test]
    fn a_span_of_another_text_slices_to_nothing() {
        assert_eq!(span("abcdef", 2..5).slice("a"), "");
    }

    #[test]
    fn contains_compares_bytes() {
        let (outer, inner) = (span("abcdef", 0..4), span("abcdef", 1..3));
        assert!(outer.contains(&inner) && !inner.contains(&outer));
    }
}
