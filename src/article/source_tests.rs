use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Pieces that normalisation, references and markup change.
fn parts() -> impl Strategy<Value = String> {
    let parts = vec![
        "a",
        "b",
        "e",
        "s",
        " ",
        " ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\u{A0}",
        "\u{AD}",
        "\u{200B}",
        "\u{FEFF}",
        "\u{301}",
        "\u{323}",
        "\u{308}",
        "é",
        "ạ",
        "\u{212B}",
        "\u{958}",
        "가",
        "\u{1161}",
        "\u{11A8}",
        "漢",
        "😀",
        "“",
        "”",
        "\"",
        "&amp;",
        "&#8217;",
        "&nbsp;",
        "&shy;",
        "&#x301;",
        "&NotEqualTilde;",
        "&foo;",
        "&",
        ";",
        "#",
        "amp",
        "\u{92}",
        "\0",
        "<",
        ">",
        "</",
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<br>",
        "<a href=\"x\">",
        "<!-- x -->",
        "<script>",
        "</script>",
        "<nav>",
        "</nav>",
        "<pre>",
        "</pre>",
        "<svg>",
        "</svg>",
        "<svg/>",
        "<title>",
        "</title>",
        "</>",
        ".",
    ];
    proptest::collection::vec(select(parts), 0..40).prop_map(|parts| parts.concat())
}

fn clean_of(raw: &str, format: Format) -> String {
    Source::read(raw, format).clean(raw).to_owned()
}

/// Maps the range there and back; the raw bytes of what comes back must read as its clean text.
fn check(raw: &str, format: Format, clean: Range<usize>) -> Result<(), TestCaseError> {
    let source = Source::read(raw, format);
    let found = source.to_raw(clean.clone());
    prop_assert!(raw.get(found.clone()).is_some(), "{:?} of {:?}", found, raw);
    let back = source.to_clean(found.clone());
    prop_assert!(back.start <= clean.start && clean.end <= back.end, "{clean:?} {back:?}");
    prop_assert_eq!(source.to_raw(back.clone()), found.clone());
    let text = source.clean(raw).get(back).unwrap_or("");
    // HTML prints no blanks at the ends of what it is given, and whether a line feed ends a line
    // depends on the element around it.
    if format == Format::Plain || (text.trim() == text && !text.contains('\n')) {
        prop_assert_eq!(clean_of(raw.get(found).unwrap_or(""), format), text);
    }
    Ok(())
}

proptest! {
    #[test]
    fn raw_bytes_of_a_clean_range_read_as_it(
        raw in prop_oneof![parts(), any::<String>()],
        format in select(vec![Format::Plain, Format::Html]),
        ends in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let clean = clean_of(&raw, format);
        let borders: Vec<usize> = clean.char_indices().map(|(at, _)| at).chain([clean.len()]).collect();
        let (one, other) = (*ends.0.get(&borders), *ends.1.get(&borders));
        if one != other {
            check(&raw, format, one.min(other)..one.max(other))?;
        }
    }

    #[test]
    fn the_map_is_monotone(raw in parts(), format in select(vec![Format::Plain, Format::Html])) {
        let source = Source::read(&raw, format);
        let clean = source.clean(&raw);
        let mut last = 0..0;
        for (at, c) in clean.char_indices() {
            let found = source.to_raw(at..at + c.len_utf8());
            prop_assert!(!found.is_empty());
            prop_assert!(last.start <= found.start && last.end <= found.end);
            prop_assert!(last == found || last.end <= found.start);
            last = found;
        }
    }
}

#[test]
fn a_span_covers_its_source_characters_and_no_more() {
    let raw = "\u{FEFF}A&amp;B\u{AD} cafe\u{301}\r\nend";
    let source = Source::read(raw, Format::Plain);
    let clean = source.clean(raw);
    assert_eq!(clean, "A&B café\nend");
    let raw_of = |part: &str| {
        let at = clean.find(part).expect("part");
        &raw[source.to_raw(at..at + part.len())]
    };
    assert_eq!(raw_of("A&B"), "A&amp;B");
    assert_eq!(raw_of("B"), "B");
    assert_eq!(raw_of("é"), "e\u{301}");
    assert_eq!(raw_of("\n"), "\r\n");
    assert_eq!(raw_of("end"), "end");
}

#[test]
fn an_empty_range_is_empty_in_the_other_text() {
    let raw = "&amp; x";
    let source = Source::read(raw, Format::Plain);
    assert_eq!(source.to_raw(1..1), 5..5);
    assert!(source.to_clean(5..5).is_empty());
    assert!(source.to_raw(99..99).is_empty());
}
