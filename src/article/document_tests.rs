use proptest::prelude::*;

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

/// The texts of the sentences.
fn sentences(document: &Document) -> Vec<&str> {
    document.sentences.iter().map(|sentence| document.sentence_text(sentence)).collect()
}

/// The paragraphs that are no part of the story.
fn furniture(document: &Document) -> impl Iterator<Item = &Paragraph> {
    let paragraphs = document.paragraphs.iter();
    paragraphs.filter(|paragraph| matches!(paragraph.kind, ParagraphKind::Furniture(_)))
}

#[test]
fn a_page_is_told_apart_from_its_story() {
    let document = parse(PAGE);
    assert_eq!(
        sentences(&document),
        [
            "Old Bridge to Close",
            "The council of Oldtown voted on Saturday to close the old bridge.",
            "The vote was close.",
            "“The bridge has carried us for 90 years,” said Mayor Ada Brook, who voted for it.",
            "“It is time.”",
        ]
    );
    let reasons: Vec<_> = furniture(&document).map(|paragraph| paragraph.kind).collect();
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
fn datelines_and_links_inside_a_paragraph_are_no_sentences() {
    let text = "Bridge shut\n\
                OLDTOWN, March 5 (Wire) — The bridge is shut. (RELATED: “Never a bridge so old as this”)\n\
                Nobody knew that the bridge, which is ninety years old, would be shut. Sad! \
                — Ada Brook (@ada) March 4, 2031\n\
                It opens in June.";
    let document = parse(text);
    assert_eq!(
        sentences(&document),
        [
            "Bridge shut",
            "The bridge is shut.",
            "Nobody knew that the bridge, which is ninety years old, would be shut.",
            "Sad!",
            "It opens in June.",
        ]
    );
    let asides: Vec<_> = document
        .asides
        .iter()
        .map(|aside| (document.clean_text(&aside.span), aside.reason))
        .collect();
    assert_eq!(
        asides,
        [
            ("OLDTOWN, March 5 (Wire) —", FurnitureReason::Dateline),
            ("(RELATED: “Never a bridge so old as this”)", FurnitureReason::Navigation),
            ("— Ada Brook (@ada) March 4, 2031", FurnitureReason::Credit),
        ]
    );
    assert_eq!(document.quotations, []);
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
    for text in ["", " \n\t\r\n ", "\u{FEFF}", "&nbsp;", "<p>\0</p><script>x</script>"] {
        let document = Document::parse_as(text.to_owned(), Format::Html, Some(text));
        assert!(document.paragraphs.is_empty() && document.sentences.is_empty(), "{text:?}");
        assert_eq!(document.language.code, "und");
    }
}

#[test]
fn a_page_reads_as_its_text_does() {
    let html = "<html><head><title>Old Bridge to Close - The Post</title></head><body>\
        <nav><a href='/'>Home</a> <a href='/n'>News of the whole country today.</a></nav>\
        <h1>Old Bridge to&nbsp;Close</h1><figure><img src='b.jpg'><figcaption>The bridge.</figcaption></figure>\n\
        <p>The council of <a href='/o'>Old&shy;town</a> voted on Saturday.\n The vote was close.</p>\
        <p>&ldquo;It is <em>time</em>,&rdquo; said Mayor Zoe\u{308} Brook.</body>";
    let document = Document::parse_as(html.to_owned(), Format::Html, None);
    let sentences: Vec<_> = document
        .sentences
        .iter()
        .map(|sentence| (document.sentence_text(sentence), sentence.span.slice(html)))
        .collect();
    assert_eq!(
        sentences,
        [
            ("Old Bridge to Close", "Old Bridge to&nbsp;Close"),
            (
                "The council of Oldtown voted on Saturday.",
                "The council of <a href='/o'>Old&shy;town</a> voted on Saturday."
            ),
            ("The vote was close.", "The vote was close."),
            (
                "“It is time,” said Mayor Zoë Brook.",
                "&ldquo;It is <em>time</em>,&rdquo; said Mayor Zoe\u{308} Brook."
            ),
        ]
    );
    let quotation = &document.quotations[0];
    assert_eq!(quotation.span.slice(html), "It is <em>time</em>,");
    assert_eq!(document.clean_text(&quotation.span), "It is time,");
    assert_eq!(quotation.words, 3);
    let speaker = quotation.speaker.as_ref().expect("named");
    assert_eq!((speaker.name.as_str(), speaker.basis), ("Mayor Zoë Brook", SpeakerBasis::Named));
    let furniture: Vec<_> = furniture(&document)
        .map(|paragraph| (document.clean_text(&paragraph.span), paragraph.kind))
        .collect();
    assert_eq!(
        furniture,
        [
            (
                "Home News of the whole country today.",
                ParagraphKind::Furniture(FurnitureReason::Navigation)
            ),
            ("The bridge.", ParagraphKind::Furniture(FurnitureReason::Caption)),
        ]
    );
}

#[test]
fn a_span_of_a_part_of_a_sentence_points_into_the_raw_text() {
    let raw = "No. The A&amp;B bridge closed.";
    let document = parse(raw);
    let sentence = &document.sentences[document.sentences.len() - 1];
    let at = document.sentence_text(sentence).find("A&B").expect("printed");
    let start = document.clean_bytes(&sentence.span).start + at;
    assert_eq!(document.span(start..start + 3).slice(raw), "A&amp;B");
}

#[test]
fn foreign_paragraphs_of_an_english_story_have_no_sentences() {
    let russian = "«Мост закрыт навсегда», — сказал мэр города на заседании совета.";
    let english = "The council of Oldtown voted on Saturday to close the old bridge for good, and nobody \
        on the square had a good word for it.";
    let document = parse(&format!("{english}\n{russian}\nThe vote was close, and it was late."));
    let foreign: Vec<_> = document.paragraphs.iter().map(|paragraph| paragraph.foreign).collect();
    assert_eq!(foreign, [false, true, false]);
    assert_eq!((document.sentences.len(), document.quotations.len()), (2, 0));
    let document = parse(&format!(
        "{russian}\n{english}\nЭто решение было принято вчера, и жители города были рады: мост давно считали опасным."
    ));
    assert_eq!(document.language.code, "ru");
    assert!(document.paragraphs[1].foreign);
    assert_eq!(document.sentences.iter().filter(|sentence| sentence.paragraph == 1).count(), 1);
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
        "(RELATED: “a”) A. ",
        "1:00 ",
        "the minister said “a”. A B said. ",
    ] {
        let document = parse(&part.repeat(2_000_000 / part.len()));
        assert!(document.code_points > 0);
    }
}

fn check(document: &Document) {
    let text = document.text.as_str();
    let clean = document.clean();
    let fits = |span: &Span| {
        let before = text.get(..span.start_byte).map(|before| before.chars().count());
        before == Some(span.start_code_point)
            && span.slice(text).chars().count() == span.end_code_point - span.start_code_point
            && !span.slice(text).is_empty()
            && document.span(document.clean_bytes(span)) == *span
            && !document.clean_text(span).is_empty()
    };
    assert!(document.paragraphs.iter().all(|paragraph| fits(&paragraph.span)));
    let mut covered = vec![false; clean.len()];
    let mut end = 0;
    for sentence in &document.sentences {
        let paragraph =
            document.paragraphs.get(sentence.paragraph).expect("sentence has its paragraph");
        assert!(fits(&sentence.span));
        assert!(paragraph.span.contains(&sentence.span));
        assert!(sentence.span.start_byte >= end, "sentences overlap");
        end = sentence.span.end_byte;
        covered.get_mut(document.clean_bytes(&sentence.span)).expect("span fits").fill(true);
    }
    for aside in &document.asides {
        assert!(fits(&aside.span));
        let own = covered.get_mut(document.clean_bytes(&aside.span)).expect("span fits");
        assert!(own.iter().all(|covered| !covered), "an aside lies in a sentence");
        own.fill(true);
    }
    for paragraph in &document.paragraphs {
        let furniture = matches!(paragraph.kind, ParagraphKind::Furniture(_));
        let foreign = paragraph.foreign && document.language.is_english();
        let is_read = !furniture && !foreign;
        let start = document.clean_bytes(&paragraph.span).start;
        let printed = document.clean_text(&paragraph.span).char_indices();
        for (offset, c) in printed.filter(|(_, c)| !c.is_whitespace()) {
            assert_eq!(covered.get(start + offset), Some(&is_read), "{c:?} at {start} + {offset}");
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
            assert_eq!(document.clean_text(&speaker.span), speaker.name);
        }
    }
}

proptest! {
    #[test]
    fn any_text_parses_into_spans_that_fit(
        text in any::<String>(),
        title in any::<Option<String>>(),
        is_html in any::<bool>(),
    ) {
        let format = if is_html { Format::Html } else { Format::Plain };
        check(&Document::parse_as(text, format, title.as_deref()));
    }

    #[test]
    fn texts_of_marks_and_words_parse_into_spans_that_fit(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "\"", "“", "”", "„", "«", "»", "'", "‘", "’", "''", "``", " ", " ", " ", "\n", "\r\n", "\u{2028}",
                ".", "...", "…", "!", "?", ",", ":", "(", ")", "—", "-", "a", "said", "Brook", "Ada Brook", "he",
                "She", "the minister", "according to", "U.S.", "Mr.", "No.", "3", "p.m.", "who", "and", "saying", "as",
                "😀", "\0", "é", "漢", "。", "שלום", "\u{FEFF}", "\u{200B}", "\u{301}", "\u{A0}", "&quot;", "&rsquo;",
                "OLDTOWN —", "(RELATED: a)", "pic.twitter.com/a", "— Ada Brook (@ada)", "&nbsp;", "<p>", "</p>", "<b>", "</b>", "<nav>", "</nav>", "<br>", "<script>",
            ]),
            0..60,
        ),
        is_html in any::<bool>(),
    ) {
        let format = if is_html { Format::Html } else { Format::Plain };
        check(&Document::parse_as(parts.concat(), format, None));
    }
}
