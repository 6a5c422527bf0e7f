//! Datelines: the place, date and agency that a story may begin with.

use std::sync::LazyLock;

use regex::Regex;

use super::super::furniture_table::MONTH;
use super::super::quote_mark::Glyph;
use super::super::text::is_blank;

/// A dateline ends within this many bytes.
const LONGEST_BYTES: usize = 160;

/// Names in capitals that are no places and may stand before a dash.
const NO_PLACES: [&str; 8] = ["ASEAN", "BRICS", "BREXIT", "ISIS", "NATO", "OPEC", "OSCE", "UNESCO"];

/// The longest word of a place has at least as many letters.
const LETTERS_OF_A_NAME: usize = 4;

/// OLDTOWN, Northland, March 5, 2031 (Wire) — | OLDTOWN, March 5. /WIRE/. | OLDTOWN, Northland (by the river)
static DATELINE: LazyLock<Regex> = LazyLock::new(|| {
    let place = r"\p{Lu}[\p{Lu}.’'-]{2,}(?:[ /]\p{Lu}[\p{Lu}.’'/-]+){0,3}";
    let region = r"(?:, \p{Lu}[\p{L}.]+(?: \p{Lu}[\p{L}.]+)?)";
    let date = format!(r"(?:,? (?i:{MONTH} \d{{1,2}}|\d{{1,2}} {MONTH})(?:,? \d{{4}})?)");
    let source = r"(?:,? \([^()]{2,60}\))";
    let dash = r"(?: ?(?:—|–|--)| -)";
    #[expect(clippy::expect_used, reason = "the pattern is a constant that a test compiles")]
    Regex::new(&format!(
        r"^({place}){region}{{0,2}}?(?:{date}?{source}?{dash}|{date}\.? /[\p{{L}} ]+/\.?(?: ?[—–-])?)|^({place}){region}{source}"
    ))
    .expect("constant pattern compiles")
});

/// The length in bytes of the dateline that `paragraph` begins with, 0 where there is none. Only
/// clear forms count: a place in capitals, set off from a sentence that begins with a capital.
pub(super) fn len(paragraph: &str) -> usize {
    if !paragraph.starts_with(char::is_uppercase) {
        return 0;
    }
    let head = paragraph.floor_char_boundary(LONGEST_BYTES);
    let Some(found) = paragraph.get(..head).and_then(|head| DATELINE.captures(head)) else {
        return 0;
    };
    let is_place = found
        .get(1)
        .or_else(|| found.get(2))
        .is_some_and(|place| is_name_in_capitals(place.as_str()));
    let end = found.get(0).map_or(0, |whole| whole.end());
    let rest = paragraph.get(end..).unwrap_or("").trim_start_matches(is_blank);
    if is_place && begins_sentence(rest) { end } else { 0 }
}

/// Whether letters of a word stand beside each other, as they do not in "U.S.".
fn is_name_in_capitals(place: &str) -> bool {
    !NO_PLACES.contains(&place)
        && place
            .split(|c: char| !c.is_alphabetic())
            .any(|word| word.chars().nth(LETTERS_OF_A_NAME - 1).is_some())
}

/// Whether `text` begins as a sentence does that is not set in capitals.
fn begins_sentence(text: &str) -> bool {
    let text = Glyph::at_start_of(text).and_then(|glyph| text.get(glyph.len..)).unwrap_or(text);
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_uppercase() || c.is_numeric())
        && !chars.next().is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_dateline(dateline: &str, rest: &str) {
        assert_eq!(len(&format!("{dateline}{rest}")), dateline.len(), "{dateline}{rest}");
    }

    #[test]
    fn a_place_in_capitals_before_a_dash_is_a_dateline() {
        for dateline in [
            "OLDTOWN, March 5 —",
            "OLDTOWN (AP) —",
            "OLDTOWN —",
            "OLDTOWN—",
            "NORTH OLDTOWN, Northland, Mar. 5, 2031 (Wire) –",
            "OLDTOWN/NEWTOWN (Reuters) -",
            "ST. OLDTOWN, N.C. --",
            "OLDTOWN, March 5. /WIRE/.",
            "OLDTOWN, Northland (by the river)",
        ] {
            assert_dateline(dateline, " The bridge is shut.");
            assert_dateline(dateline, " “The bridge is shut,” she said.");
        }
    }

    #[test]
    fn what_is_no_dateline_stays() {
        for text in [
            "OLDTOWN — the town by the river — is old.",
            "NATO — The alliance met.",
            "NATO-Russia talks failed.",
            "THE BRIDGE IS SHUT — THE MAYOR KNEW.",
            "Oldtown — The bridge is shut.",
            "OLDTOWN (AP) said it.",
            "USA Today — The paper said so.",
            "COVID-19 Cases rose.",
            "A — The first.",
            "U.S. — She left.",
        ] {
            assert_eq!(len(text), 0, "{text}");
        }
    }
}
