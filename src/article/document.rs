//! The parsed form of an article.

use std::ops::Range;

use super::clean::{ParagraphKind, classify};
use super::furniture::{self, FurnitureReason};
use super::indirect::{Reported, reported};
use super::language::{Language, detect};
use super::quotation::{Quotation, scan};
use super::sentence::{Sentence, SentenceKind, split};
use super::source::{Format, Source};
use super::span::{Span, SpanIndex};
use super::speaker::{FoundSpeaker, Reading, Speaker, voices};
use super::text::{trim, words};

/// A line of the article, trimmed. Blank lines are no paragraphs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Paragraph {
    /// The line without the blanks at its ends.
    pub span: Span,
    /// What it is to the story.
    pub kind: ParagraphKind,
    /// Whether it is part of the story, and reliably written in another language than the story.
    pub foreign: bool,
}

/// Furniture inside a paragraph of the story: a dateline, a link to another article.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Aside {
    /// Its text, trimmed.
    pub span: Span,
    /// Why it is no part of the story.
    pub reason: FurnitureReason,
}

/// An article in parsed form: paragraphs, sentences and quotations as spans into its raw text.
///
/// The readers work on a clean text: in Unicode normalisation form C, without markup, with plain
/// spaces and line ends, with character references decoded and invisible characters left out. Every
/// span covers exactly the raw bytes that its clean text comes from, tags inside it included.
#[derive(Clone, Debug)]
pub struct Document {
    /// The raw text as received.
    pub text: String,
    /// What the story is written in.
    pub language: Language,
    /// All lines but blank ones, in order.
    pub paragraphs: Vec<Paragraph>,
    /// The sentences of headings and body, in order. Furniture has none; nor have foreign paragraphs
    /// of an English story.
    pub sentences: Vec<Sentence>,
    /// What stands in paragraphs of the story, headings apart, and in no sentence, in order.
    pub asides: Vec<Aside>,
    /// The outermost quotations of the paragraphs that have sentences, in order; they do not
    /// overlap.
    pub quotations: Vec<Quotation>,
    /// The sentences that report in the author's words what somebody says, in order.
    pub reported: Vec<Reported>,
    /// Length of the raw text in code points.
    pub code_points: usize,
    source: Source,
    index: SpanIndex,
}

impl Document {
    /// Parses a plain text; see [`Document::parse_as`].
    pub fn parse(text: String, title: Option<&str>) -> Self {
        Self::parse_as(text, Format::Plain, title)
    }

    /// Parses an article. `title` is its title where the caller knows it apart from the text; it
    /// serves to tell copies of the title from the story. Any text parses, in linear time.
    pub fn parse_as(text: String, format: Format, title: Option<&str>) -> Self {
        let index = SpanIndex::new(&text);
        let source = Source::read(&text, format);
        let clean = source.clean(&text);
        let title = title.map(|title| (title, Source::read(title, Format::Plain)));
        let title = title.as_ref().map(|(raw, source)| source.clean(raw));
        let mut lines: Vec<Line> = classify(clean, title)
            .into_iter()
            .map(|(range, kind)| Line { kind: source.kind(&range, kind), range, foreign: false })
            .collect();
        let language = mark_foreign(clean, &mut lines);

        let story: Vec<(usize, &Line)> =
            lines.iter().enumerate().filter(|(_, line)| line.is_read(&language)).collect();
        let (readings, asides): (Vec<Reading>, Vec<_>) =
            story.iter().map(|(_, line)| read(clean, line)).unzip();
        let voices = voices(clean, &readings);
        let reports = reported(clean, &readings, &voices.sayings);
        let span = |bytes: Range<usize>| index.span(&text, source.to_raw(bytes));
        let speaker_at = |FoundSpeaker { name, basis }| {
            let span = span(name);
            let name = clean.get(source.to_clean(span.bytes())).unwrap_or("").to_owned();
            Speaker { name, span, basis }
        };
        let mut sentences = Vec::new();
        let mut quotations = Vec::new();
        let mut reported = Vec::new();
        for ((((paragraph, line), reading), speakers), reports) in
            story.iter().zip(&readings).zip(voices.speakers).zip(reports)
        {
            let first = sentences.len();
            reported.extend(reports.into_iter().enumerate().filter_map(|(at, report)| {
                let report = report?;
                Some(Reported {
                    sentence: first + at,
                    speaker: speaker_at(report.speaker),
                    span: span(report.clause),
                })
            }));
            let kind = match line.kind {
                ParagraphKind::Heading => SentenceKind::Heading,
                ParagraphKind::Body | ParagraphKind::Furniture(_) => SentenceKind::Body,
            };
            sentences.extend(reading.sentences.iter().map(|range| Sentence {
                span: span(range.clone()),
                paragraph: *paragraph,
                kind,
            }));
            quotations.extend(reading.quoted.iter().zip(speakers).map(|(quoted, speaker)| {
                Quotation {
                    span: span(quoted.inner.clone()),
                    paragraph: *paragraph,
                    words: quoted.words(clean),
                    speaker: speaker.map(speaker_at),
                    closed: quoted.closed,
                    scare: quoted.is_scare(clean, &reading.range),
                }
            }));
        }
        let asides = asides
            .into_iter()
            .flatten()
            .map(|(range, reason)| Aside { span: span(range), reason })
            .collect();
        let paragraphs = lines
            .into_iter()
            .map(|Line { range, kind, foreign }| Paragraph { span: span(range), kind, foreign })
            .collect();
        let code_points = index.code_points();
        Self {
            text,
            language,
            paragraphs,
            sentences,
            asides,
            quotations,
            reported,
            code_points,
            source,
            index,
        }
    }

    /// The clean text of the article.
    pub fn clean(&self) -> &str {
        self.source.clean(&self.text)
    }

    /// The bytes of the clean text that a span of this document comes from.
    pub fn clean_bytes(&self, span: &Span) -> Range<usize> {
        self.source.to_clean(span.bytes())
    }

    /// The clean text of a span of this document; `""` when the span does not fit it.
    pub fn clean_text(&self, span: &Span) -> &str {
        self.clean().get(self.clean_bytes(span)).unwrap_or("")
    }

    /// The clean text of a sentence of this document.
    pub fn sentence_text(&self, sentence: &Sentence) -> &str {
        self.clean_text(&sentence.span)
    }

    /// The span that a range of bytes of the clean text comes from. Ends are clamped to the text,
    /// and move outwards to the borders of characters. For a part of a sentence, add the start of
    /// the sentence's [`Document::clean_bytes`].
    pub fn span(&self, clean: Range<usize>) -> Span {
        self.index.span(&self.text, self.source.to_raw(clean))
    }

    /// What the sentence of this index reports somebody to say, if it does.
    pub fn report_in(&self, sentence: usize) -> Option<&Reported> {
        let at = self.reported.binary_search_by_key(&sentence, |report| report.sentence).ok()?;
        self.reported.get(at)
    }

    /// The quotations that overlap a sentence of this document, in order.
    pub fn quotations_in(&self, sentence: &Sentence) -> &[Quotation] {
        let (start, end) = (sentence.span.start_byte, sentence.span.end_byte);
        let first = self.quotations.partition_point(|quotation| quotation.span.end_byte <= start);
        let after = self.quotations.partition_point(|quotation| quotation.span.start_byte < end);
        self.quotations.get(first..after).unwrap_or(&[])
    }

    /// The share of the words of a sentence that somebody is quoted with, between 0 and 1; 0 for a
    /// sentence without words. Words set apart by marks are quoted from nobody.
    pub fn quoted_share(&self, sentence: &Sentence) -> f64 {
        let own = self.clean_bytes(&sentence.span);
        let count = |range: Range<usize>| words(self.clean().get(range).unwrap_or("")).count();
        let quoted: usize = self
            .quotations_in(sentence)
            .iter()
            .filter(|quotation| !quotation.scare)
            .map(|quotation| self.clean_bytes(&quotation.span))
            .map(|quoted| count(quoted.start.max(own.start)..quoted.end.min(own.end)))
            .sum();
        let all = count(own);
        if all == 0 { 0.0 } else { (quoted as f64 / all as f64).min(1.0) }
    }
}

/// A line of the clean text under judgement.
struct Line {
    range: Range<usize>,
    kind: ParagraphKind,
    foreign: bool,
}

impl Line {
    fn is_story(&self) -> bool {
        !matches!(self.kind, ParagraphKind::Furniture(_))
    }

    /// Whether its sentences are read in a story of that language.
    fn is_read(&self, language: &Language) -> bool {
        self.is_story() && !(self.foreign && language.is_english())
    }
}

/// The language of the story; its paragraphs in other languages are marked.
fn mark_foreign(clean: &str, lines: &mut [Line]) -> Language {
    let mut story: Vec<&mut Line> = lines.iter_mut().filter(|line| line.is_story()).collect();
    let texts = story.iter().map(|line| clean.get(line.range.clone()).unwrap_or(""));
    let (language, foreign) = detect(texts);
    for (line, foreign) in story.iter_mut().zip(foreign) {
        line.foreign = foreign;
    }
    language
}

/// Reads the marks and sentences of a paragraph of the story, and what in it is furniture. A heading
/// is one sentence.
fn read(clean: &str, line: &Line) -> (Reading, Vec<(Range<usize>, FurnitureReason)>) {
    let found = scan(clean, &line.range);
    let is_heading = line.kind == ParagraphKind::Heading;
    let mut sentences =
        if is_heading { vec![line.range.clone()] } else { split(clean, &line.range, &found.marks) };
    let asides = if is_heading { Vec::new() } else { take_asides(clean, line, &mut sentences) };
    // Nobody in the story says what an aside quotes.
    let is_aside = |at: usize| {
        let after = asides.partition_point(|(aside, _)| aside.start <= at);
        let last = after.checked_sub(1).and_then(|last| asides.get(last));
        last.is_some_and(|(aside, _)| at < aside.end)
    };
    let quoted = found.quoted.into_iter().filter(|quoted| !is_aside(quoted.outer.start)).collect();
    (Reading { is_heading, range: line.range.clone(), sentences, quoted }, asides)
}

/// The dateline of a paragraph and those of its sentences that are furniture, which are taken out.
fn take_asides(
    clean: &str,
    line: &Line,
    sentences: &mut Vec<Range<usize>>,
) -> Vec<(Range<usize>, FurnitureReason)> {
    let text = |range: &Range<usize>| clean.get(range.clone()).unwrap_or("");
    let first = sentences.first().map_or(line.range.start, |first| first.start);
    let dateline = trim(clean, line.range.start..first);
    let mut asides = Vec::new();
    if !dateline.is_empty() {
        asides.push((dateline, FurnitureReason::Dateline));
    }
    if furniture::may_hold_asides(text(&line.range)) {
        sentences.retain(|sentence| {
            let reason = furniture::aside_reason(text(sentence));
            asides.extend(reason.map(|reason| (sentence.clone(), reason)));
            reason.is_none()
        });
    }
    asides
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
