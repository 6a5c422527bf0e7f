//! The source of a document: its raw text, the clean text the readers work on, and the way back.

use std::ops::Range;

use super::clean::ParagraphKind;
use super::furniture::FurnitureReason;
use super::{html, normalise};

/// What kind of text an article is.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text without markup. Character references that scraping left behind ("&amp;amp;",
    /// "&amp;#8217;") are decoded all the same.
    #[default]
    Plain,
    /// HTML, a page or a part of one, well-formed or not.
    Html,
}

/// A stretch of the clean text and where in the raw text it comes from. It ends where the next
/// piece begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// First byte in the clean text.
    pub(super) clean: usize,
    /// Bytes of the raw text.
    pub(super) raw: Range<usize>,
    /// Whether the clean text is that of the raw bytes, byte by byte; otherwise the piece stands
    /// for its raw bytes as a whole.
    pub(super) is_copy: bool,
}

/// A clean text that differs from its raw text.
#[derive(Clone, Debug)]
pub(super) struct Cleaned {
    pub(super) text: String,
    /// In order, in both texts, and without a gap in the clean one.
    pub(super) pieces: Vec<Piece>,
}

/// The clean text of an article, tied to the raw text byte by byte.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// `None` where the raw text is clean as it is.
    cleaned: Option<Cleaned>,
    /// Stretches of the clean text that the markup says are furniture, in order.
    marked: Vec<(Range<usize>, FurnitureReason)>,
}

impl Source {
    /// Cleans `raw`, in time linear in its length.
    pub(super) fn read(raw: &str, format: Format) -> Self {
        match format {
            Format::Plain => Self { cleaned: normalise::plain(raw), marked: Vec::new() },
            Format::Html => {
                let (cleaned, marked) = html::read(raw);
                Self { cleaned, marked }
            }
        }
    }

    /// The clean text. `raw` must be the text that was read.
    pub(super) fn clean<'s>(&'s self, raw: &'s str) -> &'s str {
        self.cleaned.as_ref().map_or(raw, |cleaned| &cleaned.text)
    }

    /// The raw bytes that a range of the clean text comes from: from the start of its first source
    /// character to the end of its last.
    pub(super) fn to_raw(&self, clean: Range<usize>) -> Range<usize> {
        match &self.cleaned {
            None => clean,
            Some(cleaned) => cleaned.to_raw(clean),
        }
    }

    /// The clean bytes that come from a range of the raw text; the inverse of [`Source::to_raw`].
    /// A character that came from several raw ones counts if the range holds any of them.
    pub(super) fn to_clean(&self, raw: Range<usize>) -> Range<usize> {
        match &self.cleaned {
            None => raw,
            Some(cleaned) => cleaned.to_clean(raw),
        }
    }

    /// What the markup says about a line of the clean text, where its words say nothing.
    pub(super) fn kind(&self, line: &Range<usize>, by_words: ParagraphKind) -> ParagraphKind {
        let behind = self.marked.partition_point(|(range, _)| range.end <= line.start);
        match (self.marked.get(behind), by_words) {
            (_, ParagraphKind::Furniture(_)) | (None, _) => by_words,
            (Some((range, _)), _) if line.end <= range.start => by_words,
            (Some((_, reason)), _) => ParagraphKind::Furniture(*reason),
        }
    }
}

impl Cleaned {
    fn to_raw(&self, clean: Range<usize>) -> Range<usize> {
        let after = self.pieces.partition_point(|piece| piece.clean <= clean.start);
        let start = match after.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some(piece) if piece.is_copy => {
                (piece.raw.start + (clean.start - piece.clean)).min(piece.raw.end)
            }
            Some(piece) => piece.raw.start,
            None => 0,
        };
        if clean.end <= clean.start {
            return start..start;
        }
        let after = self.pieces.partition_point(|piece| piece.clean < clean.end);
        let end = match after.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some(piece) if piece.is_copy => {
                (piece.raw.start + (clean.end - piece.clean)).min(piece.raw.end)
            }
            Some(piece) => piece.raw.end,
            None => start,
        };
        start..end.max(start)
    }

    fn to_clean(&self, raw: Range<usize>) -> Range<usize> {
        let first = self.pieces.partition_point(|piece| piece.raw.end <= raw.start);
        let start = match self.pieces.get(first) {
            Some(piece) if piece.is_copy => piece.clean + raw.start.saturating_sub(piece.raw.start),
            Some(piece) => piece.clean,
            None => self.text.len(),
        };
        let after = self.pieces.partition_point(|piece| piece.raw.start < raw.end);
        let end = match after.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some(piece) if piece.is_copy => {
                piece.clean + (raw.end.min(piece.raw.end) - piece.raw.start)
            }
            Some(_) => self.pieces.get(after).map_or(self.text.len(), |next| next.clean),
            None => start,
        };
        start..end.max(start)
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
