//! Quoted words per side, against a count by hand, in three texts of our own in the shape in which
//! articles arrive: a press piece that quotes one official throughout, a wire story whose
//! paragraphs came in the wrong order, and a report. All persons are invented.

#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

use parallax::article::Document;
use parallax::contest::{Catalog, SpeakerSides};

/// Words quoted of each side, of third parties and other speakers, and of nobody known.
#[derive(Debug, Default, PartialEq)]
struct Count {
    us_nato: usize,
    russia: usize,
    others: usize,
    unattributed: usize,
}

fn count(text: &str) -> Count {
    let catalog = Catalog::built_in().expect("the built-in contests are valid");
    let contest = catalog.get("us-russia").expect("it is built in");
    let document = Document::parse(text.to_owned(), None);
    let speakers = SpeakerSides::of(&document, &contest.finder);
    let mut count = Count::default();
    for quotation in document.quotations.iter().filter(|quotation| !quotation.scare) {
        let party = quotation.speaker.as_ref().map(|speaker| speakers.party(&speaker.name));
        let words = match party {
            None => &mut count.unattributed,
            Some(Some(party)) if party.0 == 0 => &mut count.us_nato,
            Some(Some(party)) if party.0 == 1 => &mut count.russia,
            Some(_) => &mut count.others,
        };
        *words += quotation.words;
    }
    count
}

/// Every figure lies within a tenth of the count by hand.
#[track_caller]
fn assert_counts(text: &str, by_hand: Count) {
    let count = count(text);
    let near = |found: usize, expected: usize| found.abs_diff(expected) * 10 <= expected;
    assert!(
        near(count.us_nato, by_hand.us_nato)
            && near(count.russia, by_hand.russia)
            && near(count.others, by_hand.others)
            && near(count.unattributed, by_hand.unattributed),
        "{count:?}, by hand {by_hand:?}"
    );
}

#[test]
fn a_press_piece_quotes_one_official_throughout() {
    // Whitfield: 12 + 15 + 12 + 2 + 9 + 5; the Kremlin's one word is set apart, not quoted.
    let text = "\
Allies Press Moscow at the Border Talks

The United States and its allies worked this week to calm the tensions at the border.

“Russia has moved forty trains of armour to the border since May,” said US Deputy Secretary Carol \
Whitfield, who led the American delegation.

“We will not let anyone slam shut the “open gate” that our alliance has kept,” she said. “We will \
not trade away friends. And we will not be hurried.”

“Those costs,” Whitfield noted, “will be heavy, and they will come at once.”

Nonetheless, “the table is still laid,” said Deputy Secretary Whitfield.

The Kremlin called the trains an “exercise” on Monday.
";
    assert_counts(text, Count { us_nato: 55, ..Count::default() });
}

#[test]
fn a_wire_story_has_its_paragraphs_shuffled() {
    // Landsmeer 8 + 4, the diplomat 13 without a closing mark; Petrenko 10 + 6; 9 of nobody, since
    // the paragraph before is not theirs.
    let text = "\
\"The talks were hard, and they were needed,\" NATO Secretary General Pieter Landsmeer told \
reporters in Brussels.
Moscow wants to have its answer in writing before the month is over.
After the meeting, a senior U.S. diplomat said: \"We heard the same six demands again, read from \
the same six pages.
Kremlin spokesman Igor Petrenko said earlier: \"Nobody can tell us where to put our own soldiers.\"
The allies have not met in this form since the spring of last year.
\"It is late in the day for new maps.\"
Petrenko refused to be drawn further. \"We do not trade in threats,\" he added.
Landsmeer said Russia would have no veto. \"Not now, not later,\" he said.
";
    let by_hand = Count { us_nato: 25, russia: 16, unattributed: 9, ..Count::default() };
    assert_counts(text, by_hand);
}

#[test]
fn a_report_gives_several_sides_the_word() {
    // Whitfield 15 + 6 + 4, Orlov 10, Hrytsak 6.
    let text = "\
US ready to go on talking

The US said on Wednesday that it was ready to go on talking but turned down the \"non-starters\" of \
the other side.

\"We told the Russian delegation that the gate stays open, and it will stay open,\" said US envoy \
Carol Whitfield.

Whitfield spoke after a meeting with her counterpart, Deputy Foreign Minister Lev Orlov, who led \
the Russian delegation.

\"It bears repeating who moved first,\" she said. \"It was not us.\"

Orlov disagreed. \"Our soldiers are on our own soil and threaten nobody,\" he told reporters.

Olena Hrytsak, Ukraine's deputy foreign minister, was not in the room. \"Nobody decides for us \
without us,\" she wrote.
";
    assert_counts(text, Count { us_nato: 25, russia: 10, others: 6, unattributed: 0 });
}
