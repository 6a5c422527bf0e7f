//! Any text, plain or as HTML, parses into spans that slice, in order and inside their paragraphs.
//! The first byte decides the format and whether the first line is the title.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax::article::{Document, Format, Span};

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let format = if first & 1 == 0 { Format::Plain } else { Format::Html };
    let title = if first & 2 == 0 { None } else { text.lines().next() };
    check(&Document::parse_as(text.to_owned(), format, title));
});

fn check(document: &Document) {
    let fits = |span: &Span| {
        let before = document.text.get(..span.start_byte).map(|before| before.chars().count());
        assert_eq!(before, Some(span.start_code_point));
        assert!(!span.slice(&document.text).is_empty());
        assert!(!document.clean_text(span).is_empty());
        assert_eq!(document.span(document.clean_bytes(span)), *span);
    };
    let mut end = 0;
    for paragraph in &document.paragraphs {
        fits(&paragraph.span);
        assert!(paragraph.span.start_byte >= end, "paragraphs overlap");
        end = paragraph.span.end_byte;
    }
    let mut end = 0;
    for sentence in &document.sentences {
        fits(&sentence.span);
        assert!(document.paragraphs[sentence.paragraph].span.contains(&sentence.span));
        assert!(sentence.span.start_byte >= end, "sentences overlap");
        assert!((0.0..=1.0).contains(&document.quoted_share(sentence)));
        end = sentence.span.end_byte;
    }
    for aside in &document.asides {
        fits(&aside.span);
        assert!(document.sentences.iter().all(|sentence| !sentence.span.contains(&aside.span)));
    }
    let mut end = 0;
    for quotation in &document.quotations {
        fits(&quotation.span);
        assert!(document.paragraphs[quotation.paragraph].span.contains(&quotation.span));
        assert!(quotation.span.start_byte >= end, "quotations overlap");
        end = quotation.span.end_byte;
        if let Some(speaker) = &quotation.speaker {
            fits(&speaker.span);
        }
    }
}
