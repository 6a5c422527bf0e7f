use proptest::prelude::*;

use super::super::text::is_blank;
use super::super::{FurnitureReason, SpeakerBasis};
use super::*;

const PAGE: &str = "Accessibility links\n\nOld Bridge to Close\n\n\
    The old bridge at noon, seen from the river, on April 12, 2031.\n\
    The old bridge at noon, seen from the river, on April 12, 2031.\n\n\
    The council of Oldtown voted on Saturday to close the old bridge.\n\n\
    Old Bridge to Close\nplease wait\n\n0:00 0:03:48 0:00\n\n\
    The council of Oldtown voted on Saturday to close the old bridge. The vote was close.\n\n\
    “The bridge has carried us for 90 years,” said Mayor Ada Brook, who voted for it. “It is time.”\n\n\
    XS\nSM";

fn parse(text: &str) -> Document {
    Document::parse(text.to_owned(), None)
}

#[test]
fn a_page_is_told_apart_from_its_story() {
    let document = parse(PAGE);
    let texts: Vec<_> =
        document.sentences.iter().map(|sentence| document.sentence_text(sentence)).collect();
    assert_eq!(
        texts,
        [
            "Old Bridge to Close",
            "The council of Oldtown voted on Saturday to close the old bridge.",
            "The vote was close.",
            "“The bridge has carried us for 90 years,” said Mayor Ada Brook, who voted for it.",
            "“It is time.”",
        ]
    );
    let reasons: Vec<_> = document.furniture().map(|paragraph| paragraph.kind).collect();
    use FurnitureReason::{Caption, Duplicate, Navigation, Player, RepeatedLead, SizeSelector};
    let expected = [
        Navigation,
        Caption,
        Caption,
        RepeatedLead,
        Duplicate,
        Navigation,
        Player,
        SizeSelector,
        SizeSelector,
    ];
    assert_eq!(reasons, expected.map(ParagraphKind::Furniture));
    assert_eq!(document.language.code, "en");
}

#[test]
fn quotations_carry_words_and_speakers() {
    let document = parse(PAGE);
    let found: Vec<_> = document
        .quotations
        .iter()
        .map(|quotation| {
            let speaker =
                quotation.speaker.as_ref().map(|speaker| (speaker.name.as_str(), speaker.basis));
            (quotation.span.slice(&document.text), quotation.words, speaker)
        })
        .collect();
    let mayor = Some(("Mayor Ada Brook", SpeakerBasis::Named));
    assert_eq!(
        found,
        [("The bridge has carried us for 90 years,", 8, mayor), ("It is time.", 3, mayor)]
    );
}

#[test]
fn a_sentence_knows_its_quotations() {
    let document = parse("“It is time. It is late,” said Ada Brook. Nobody spoke.");
    let shares: Vec<_> =
        document.sentences.iter().map(|sentence| document.quoted_share(sentence)).collect();
    assert_eq!(shares, [1.0, 0.5, 0.0]);
    let counts: Vec<_> =
        document.sentences.iter().map(|sentence| document.quotations_in(sentence).len()).collect();
    assert_eq!(counts, [1, 1, 0]);
}

#[test]
fn an_empty_text_is_an_empty_document() {
    for text in ["", " \n\t\r\n ", "\u{FEFF}"] {
        let document = parse(text);
        assert!(document.paragraphs.is_empty() && document.sentences.is_empty());
        assert_eq!(document.language.code, "und");
    }
}

/// Two megabytes of one hostile shape must come back, whatever they come back as.
#[test]
fn hostile_texts_of_two_megabytes_are_read() {
    for part in [
        "word ",
        "x",
        "\"",
        "“a ",
        "\0",
        "😀",
        "\n",
        "a\n",
        "شرق ",
        "He said \"no\" ",
        "\"a\" said B. ",
        "A said, ",
        "B, ",
        "“a.\n",
        "he said “a” ",
        "Mr. ",
        "AP/",
        "(a/ap ",
        "1:00 ",
        "the minister said “a”. A B said. ",
    ] {
        let document = parse(&part.repeat(2_000_000 / part.len()));
        assert!(document.code_points > 0);
    }
}

fn check(document: &Document) {
    let text = document.text.as_str();
    let fits = |span: &Span| {
        let before = text.get(..span.start_byte).map(|before| before.chars().count());
        before == Some(span.start_code_point)
            && span.slice(text).chars().count() == span.end_code_point - span.start_code_point
            && !span.slice(text).is_empty()
    };
    assert!(document.paragraphs.iter().all(|paragraph| fits(&paragraph.span)));
    let mut covered = vec![false; text.len()];
    let mut end = 0;
    for sentence in &document.sentences {
        let paragraph =
            document.paragraphs.get(sentence.paragraph).expect("sentence has its paragraph");
        assert!(fits(&sentence.span));
        assert!(paragraph.span.contains(&sentence.span));
        assert!(sentence.span.start_byte >= end, "sentences overlap");
        end = sentence.span.end_byte;
        covered.get_mut(sentence.span.bytes()).expect("span fits").fill(true);
    }
    for paragraph in &document.paragraphs {
        let is_furniture = matches!(paragraph.kind, ParagraphKind::Furniture(_));
        for (offset, c) in paragraph.span.slice(text).char_indices().filter(|(_, c)| !is_blank(*c))
        {
            let byte = paragraph.span.start_byte + offset;
            assert_eq!(covered.get(byte), Some(&!is_furniture), "{c:?} at {byte}");
        }
    }
    let mut end = 0;
    for quotation in &document.quotations {
        let paragraph =
            document.paragraphs.get(quotation.paragraph).expect("quotation has its paragraph");
        assert!(fits(&quotation.span) && paragraph.span.contains(&quotation.span));
        assert!(quotation.span.start_byte >= end, "quotations overlap");
        end = quotation.span.end_byte;
        if let Some(speaker) = &quotation.speaker {
            assert!(fits(&speaker.span));
            assert_eq!(speaker.span.slice(text), speaker.name);
        }
    }
}

proptest! {
    #[test]
    fn any_text_parses_into_spans_that_fit(text in any::<String>(), title in any::<Option<String>>()) {
        check(&Document::parse(text, title.as_deref()));
    }

    #[test]
    fn texts_of_marks_and_words_parse_into_spans_that_fit(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "\"", "“", "”", "„", "«", "»", "'", "‘", "’", "''", "``", " ", " ", " ", "\n", "\r\n", "\u{2028}",
                ".", "...", "…", "!", "?", ",", ":", "(", ")", "—", "-", "a", "said", "Brook", "Ada Brook", "he",
                "She", "the minister", "according to", "U.S.", "Mr.", "No.", "3", "p.m.", "who", "and", "saying", "as",
                "😀", "\0", "é", "漢", "。", "שלום", "\u{FEFF}", "\u{200B}",
            ]),
            0..60,
        ),
    ) {
        check(&Document::parse(parts.concat(), None));
    }
}
