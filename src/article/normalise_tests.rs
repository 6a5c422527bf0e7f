use proptest::prelude::*;

use super::*;

fn clean(raw: &str) -> String {
    plain(raw).map_or_else(|| raw.to_owned(), |cleaned| cleaned.text)
}

#[test]
fn a_clean_text_is_not_copied() {
    for raw in
        ["", "Plain.\n\tAT&T, “Zoë” & Søren — ok…", "漢字 Русский שלום 😀", "q\u{323} x\u{301}"]
    {
        assert!(plain(raw).is_none(), "{raw}");
    }
}

#[test]
fn blanks_and_line_ends_are_ascii() {
    assert_eq!(clean("a\u{A0}b\u{2009}c\u{3000}d\u{B}e\0f"), "a b c d e f");
    assert_eq!(clean("a\r\nb\rc\u{2028}d\u{2029}e\n\rf"), "a\nb\nc\nd\ne\n\nf");
}

#[test]
fn characters_that_print_nothing_vanish() {
    assert_eq!(clean("\u{FEFF}mo\u{AD}ther\u{200B}land \u{202B}x\u{202C}"), "motherland x");
}

#[test]
fn letters_are_composed() {
    assert_eq!(clean("Zoe\u{308} and A\u{30A}ngstro\u{308}m"), "Zoë and Ångström");
    assert_eq!(clean("e\u{AD}\u{301}"), "é");
    assert_eq!(clean("\u{212B} \u{1112}\u{1161}\u{11AB}"), "Å 한");
}

#[test]
fn character_references_are_decoded_and_cleaned() {
    assert_eq!(clean("&quot;A&amp;B&#8217;s&nbsp;x&#xAD;y&#13;&rsquo;&quot;"), "\"A&B’s xy\n’\"");
    assert_eq!(clean("e&#x301;"), "é");
    assert_eq!(clean("&amp;quot;"), "&quot;");
}

#[test]
fn unknown_and_broken_references_stay() {
    for raw in ["&foo;", "&;", "& amp;", "&amp", "&notit;", "&#;", "&#x;", "AT&T; x", "&&&"] {
        assert_eq!(clean(raw), raw);
    }
}

#[test]
fn c1_controls_are_windows_1252() {
    assert_eq!(clean("don\u{92}t \u{85} &#146; \u{81}"), "don’t … ’  ");
}

/// Every character alone, between letters and behind a mark must come out in form C.
#[test]
fn every_character_composes_as_the_standard_says() {
    for c in '\0'..=char::MAX {
        if !matches!(fate(c), Fate::Stays | Fate::Combines) {
            continue;
        }
        for raw in [format!("{c}"), format!("e{c}i"), format!("a\u{323}{c}\u{301}z")] {
            assert_eq!(clean(&raw), raw.nfc().collect::<String>(), "{c:?}");
        }
    }
}

#[test]
fn marks_without_end_are_composed_in_linear_time() {
    let raw = "a".to_owned() + &"\u{301}\u{323}".repeat(500_000);
    assert!(clean(&raw).starts_with('ạ'));
}

proptest! {
    #[test]
    fn a_clean_text_stays_as_it_is(raw in any::<String>()) {
        let once = clean(&raw);
        prop_assert!(once.nfc().eq(once.chars()));
        // A decoded ampersand may begin another reference.
        if !raw.contains('&') {
            prop_assert_eq!(clean(&once), once);
        }
    }
}
