//! The parsed form of an article.

use std::ops::Range;

use super::clean::{ParagraphKind, classify};
use super::language::Language;
use super::quotation::{Quotation, scan};
use super::sentence::{Sentence, SentenceKind, split};
use super::span::{Span, SpanIndex};
use super::speaker::{FoundSpeaker, Reading, Speaker, assign};
use super::text::words;

/// A line of the raw text, trimmed. Blank lines are no paragraphs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Paragraph {
    /// The line without the blanks at its ends.
    pub span: Span,
    /// What it is to the story.
    pub kind: ParagraphKind,
}

/// An article in parsed form: paragraphs, sentences and quotations as spans into its raw text.
#[derive(Clone, Debug)]
pub struct Document {
    /// The raw text as received.
    pub text: String,
    /// What the story is written in.
    pub language: Language,
    /// All lines but blank ones, in order.
    pub paragraphs: Vec<Paragraph>,
    /// The sentences of headings and body, in order. Furniture has none.
    pub sentences: Vec<Sentence>,
    /// The outermost quotations of headings and body, in order; they do not overlap.
    pub quotations: Vec<Quotation>,
    /// Length of the raw text in code points.
    pub code_points: usize,
    index: SpanIndex,
}

impl Document {
    /// Parses an article. `title` is its title where the caller knows it apart from the text; it
    /// serves to tell copies of the title from the story. Any text parses, in linear time.
    pub fn parse(text: String, title: Option<&str>) -> Self {
        let index = SpanIndex::new(&text);
        let lines = classify(&text, title);
        let story: Vec<(usize, &(Range<usize>, ParagraphKind))> = lines
            .iter()
            .enumerate()
            .filter(|(_, (_, kind))| !matches!(kind, ParagraphKind::Furniture(_)))
            .collect();
        let language =
            Language::detect(story.iter().filter_map(|(_, (range, _))| text.get(range.clone())));
        let readings: Vec<Reading> =
            story.iter().map(|(_, (range, kind))| read(&text, range, *kind)).collect();
        let speakers = assign(&text, &readings);

        let mut sentences = Vec::new();
        let mut quotations = Vec::new();
        for (((paragraph, (_, kind)), reading), speakers) in
            story.iter().zip(&readings).zip(speakers)
        {
            let kind = match kind {
                ParagraphKind::Heading => SentenceKind::Heading,
                ParagraphKind::Body | ParagraphKind::Furniture(_) => SentenceKind::Body,
            };
            sentences.extend(reading.sentences.iter().map(|range| Sentence {
                span: index.span(&text, range.clone()),
                paragraph: *paragraph,
                kind,
            }));
            quotations.extend(reading.quoted.iter().zip(speakers).map(|(quoted, speaker)| {
                Quotation {
                    span: index.span(&text, quoted.inner.clone()),
                    paragraph: *paragraph,
                    words: quoted.words(&text),
                    speaker: speaker.map(|found| speaker_in(&text, &index, found)),
                    closed: quoted.closed,
                    scare: quoted.is_scare(&text, &reading.range),
                }
            }));
        }
        let paragraphs = lines
            .into_iter()
            .map(|(range, kind)| Paragraph { span: index.span(&text, range), kind })
            .collect();
        let code_points = index.code_points();
        Self { text, language, paragraphs, sentences, quotations, code_points, index }
    }

    /// The paragraphs that are no part of the story.
    pub fn furniture(&self) -> impl Iterator<Item = &Paragraph> {
        self.paragraphs
            .iter()
            .filter(|paragraph| matches!(paragraph.kind, ParagraphKind::Furniture(_)))
    }

    /// The text of a sentence of this document.
    pub fn sentence_text(&self, sentence: &Sentence) -> &str {
        sentence.span.slice(&self.text)
    }

    /// The span of a range of bytes of the text. Ends are clamped to the text, and move outwards to
    /// the borders of characters.
    pub fn span(&self, bytes: Range<usize>) -> Span {
        self.index.span(&self.text, bytes)
    }

    /// The quotations that overlap a sentence of this document, in order.
    pub fn quotations_in(&self, sentence: &Sentence) -> &[Quotation] {
        let (start, end) = (sentence.span.start_byte, sentence.span.end_byte);
        let first = self.quotations.partition_point(|quotation| quotation.span.end_byte <= start);
        let after = self.quotations.partition_point(|quotation| quotation.span.start_byte < end);
        self.quotations.get(first..after).unwrap_or(&[])
    }

    /// The share of the words of a sentence that stand in quotations, between 0 and 1; 0 for a
    /// sentence without words.
    pub fn quoted_share(&self, sentence: &Sentence) -> f64 {
        let own = sentence.span.bytes();
        let count = |range: Range<usize>| words(self.text.get(range).unwrap_or("")).count();
        let quoted: usize = self
            .quotations_in(sentence)
            .iter()
            .map(|quotation| quotation.span.bytes())
            .map(|quoted| count(quoted.start.max(own.start)..quoted.end.min(own.end)))
            .sum();
        let all = count(own);
        if all == 0 { 0.0 } else { (quoted as f64 / all as f64).min(1.0) }
    }
}

/// Reads the marks and sentences of a paragraph of the story. A heading is one sentence.
fn read(text: &str, range: &Range<usize>, kind: ParagraphKind) -> Reading {
    let found = scan(text, range);
    let sentences = match kind {
        ParagraphKind::Heading => vec![range.clone()],
        ParagraphKind::Body | ParagraphKind::Furniture(_) => split(text, range, &found.marks),
    };
    Reading {
        is_heading: kind == ParagraphKind::Heading,
        range: range.clone(),
        sentences,
        quoted: found.quoted,
    }
}

fn speaker_in(text: &str, index: &SpanIndex, found: FoundSpeaker) -> Speaker {
    let span = index.span(text, found.name);
    Speaker { name: span.slice(text).to_owned(), span, basis: found.basis }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
