//! Furniture by the words of one line; `clean` judges a line by its neighbours.
//!
//! The rules err on the side of keeping: what reads like a sentence of a story stays.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::RegexSet;

use super::furniture_table::{AGENCY, CASED_PATTERNS, MONTH, PATTERNS, PHRASES};
use super::text::words;

/// Why a paragraph is no part of the story.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum FurnitureReason {
    /// Menus, links to other pages, newsletters, advertisement marks, topic tags.
    Navigation,
    /// The words under or in place of a picture or video.
    Caption,
    /// Who took the picture, wrote, edited or supplied the article.
    Credit,
    /// A date or time of publication on a line of its own.
    Date,
    /// A place and date, or a place and agency, on a line of their own.
    Dateline,
    /// The controls of a media player.
    Player,
    /// A choice of text sizes.
    SizeSelector,
    /// Buttons to share or follow.
    Share,
    /// Copyright and licence notes.
    Copyright,
    /// A bare address on the network.
    Link,
    /// A line without a letter or a digit.
    Separator,
    /// A later copy of a line, or of the title.
    Duplicate,
    /// A teaser that the next paragraph begins with.
    RepeatedLead,
}

/// No line with more words than this is furniture by its words alone.
const LONGEST_LINE_WORDS: usize = 60;

/// Nor is one with more bytes: it bounds the work on hostile lines.
const LONGEST_LINE_BYTES: usize = 600;

/// The tables, made ready for use.
struct Rules {
    phrases: HashMap<&'static str, FurnitureReason>,
    any_case: RegexSet,
    cased: RegexSet,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    phrases: PHRASES
        .iter()
        .flat_map(|(reason, phrases)| phrases.split('|').map(|phrase| (phrase, *reason)))
        .collect(),
    any_case: compile(PATTERNS, "(?i)"),
    cased: compile(CASED_PATTERNS, ""),
});

/// One set of all patterns of a table, each behind `flags`.
fn compile(table: &[(FurnitureReason, &str)], flags: &str) -> RegexSet {
    let patterns = table.iter().map(|(_, pattern)| {
        // Word borders of ASCII letters: those of all scripts would keep the set off its fast path.
        let pattern = pattern
            .replace("{MONTH}", MONTH)
            .replace("{AGENCY}", AGENCY)
            .replace(r"\b", r"(?-u:\b)");
        format!("{flags}{pattern}")
    });
    #[expect(clippy::expect_used, reason = "the patterns are constants that a test compiles")]
    RegexSet::new(patterns).expect("constant patterns compile")
}

/// Why `line`, trimmed, is furniture by its words alone; `None` for a line to keep.
pub(super) fn reason(line: &str) -> Option<FurnitureReason> {
    if !line.contains(char::is_alphanumeric) {
        return Some(FurnitureReason::Separator);
    }
    if line.len() > LONGEST_LINE_BYTES || words(line).count() > LONGEST_LINE_WORDS {
        return None;
    }
    let phrase = line.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let page_number = || {
        let bare = !line.contains(char::is_alphabetic) && !is_amount(line);
        bare.then_some(FurnitureReason::Navigation)
    };
    RULES
        .phrases
        .get(phrase.as_str())
        .copied()
        .or_else(|| first_match(&RULES.any_case, PATTERNS, line))
        .or_else(|| first_match(&RULES.cased, CASED_PATTERNS, line))
        .or_else(page_number)
}

fn first_match(
    set: &RegexSet,
    table: &[(FurnitureReason, &str)],
    line: &str,
) -> Option<FurnitureReason> {
    let first = set.matches(line).iter().next()?;
    table.get(first).map(|(reason, _)| *reason)
}

/// Whether a line of figures says something by itself ("$5,000", "40%"): a heading, no page number.
fn is_amount(line: &str) -> bool {
    line.contains(['$', '€', '£', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use FurnitureReason::{
        Caption, Copyright, Credit, Date, Dateline, Link, Navigation, Player, Separator, Share,
        SizeSelector,
    };

    #[track_caller]
    fn assert_reason(expected: FurnitureReason, lines: &[&str]) {
        for line in lines {
            assert_eq!(reason(line), Some(expected), "{line}");
        }
    }

    #[track_caller]
    fn assert_kept(lines: &[&str]) {
        for line in lines {
            assert_eq!(reason(line), None, "{line}");
        }
    }

    #[test]
    fn menus_and_newsletters_are_navigation() {
        assert_reason(
            Navigation,
            &[
                "Accessibility links",
                "Please wait...",
                "ADVERTISEMENT",
                "Read more",
                "See also: The bridge",
                "( PHOTOS: The bridge in pictures)",
                "Sign up for our Bridge newsletter",
                "Bridge opens after ten years Read more",
                "BridgeTalks",
                "Summit2031",
                "#bridge #summit",
            ],
        );
    }

    #[test]
    fn dates_alone_on_a_line_are_dates() {
        assert_reason(
            Date,
            &[
                "20310412",
                "2031-04-12",
                "April 12, 2031",
                "Saturday, April 12, 2031 3:04 PM EST",
                "12 April 2031",
                "Updated: Apr. 12, 2031",
                "This article is more than 2 years old",
            ],
        );
    }

    #[test]
    fn a_place_and_date_alone_are_a_dateline() {
        assert_reason(Dateline, &["Oldtown, March 5, 2031", "OLDTOWN (AP) —"]);
    }

    #[test]
    fn player_times_and_controls_are_a_player() {
        assert_reason(
            Player,
            &[
                "0:00 0:03:48 0:00",
                "01:16",
                "No media source currently available",
                "240p | 360p | 480p",
            ],
        );
    }

    #[test]
    fn text_sizes_are_a_size_selector() {
        assert_reason(SizeSelector, &["XS", "SM", "MD", "LG", "XS SM MD LG"]);
    }

    #[test]
    fn picture_lines_are_captions_or_credits() {
        assert_reason(
            Caption,
            &[
                "Image copyright Agency Image caption The bridge at noon",
                "FILE PHOTO: The bridge is seen at noon in Oldtown, April 12, 2031.",
                "The bridge at noon (Photo: Anna Example, AP)",
                "The bridge is seen at noon. REUTERS/Anna Example",
            ],
        );
        assert_reason(
            Credit,
            &[
                "(AP Photo/Anna Example, File)",
                "REUTERS/Anna Example",
                "Anna Example/AFP/Getty Images",
                "Photograph: Anna Example",
                "By Anna Example and Ben Sample",
                "Ben Sample contributed to this report.",
                "— Anna Example (@annaexample) April 14, 2031",
            ],
        );
    }

    #[test]
    fn copyright_share_and_link_lines_are_named_so() {
        assert_reason(
            Copyright,
            &["Copyright © 2031 The Oldtown Post, LLC.", "All rights reserved."],
        );
        assert_reason(Share, &["Share on Facebook", "Tweet", "Follow us on Twitter."]);
        assert_reason(Link, &["https://example.org/2031/04/12/bridge-a1", "www.example.org"]);
    }

    #[test]
    fn lines_without_letters_are_separators_or_navigation() {
        assert_reason(Separator, &["***", "”", "<...>", "😀"]);
        assert_reason(Navigation, &["190712", "1 / 4"]);
    }

    #[test]
    fn sentences_of_a_story_are_kept() {
        assert_kept(&[
            "The photo: a bridge at noon, taken by the mayor, was shown to the council on April 12, 2031.",
            "OLDTOWN (AP) — The bridge will close, the mayor said on Saturday.",
            "By noon the bridge had closed.",
            "Watch the river rise, the mayor told the town.",
            "“More than 40 bridges will close,” she said.",
            "On April 12, 2031, the bridge closed.",
            "Reuters reported on Monday that the bridge would close.",
            "$5,000",
            "McKay",
            "Close the bridge now",
        ]);
    }

    #[test]
    fn a_very_long_line_is_kept_whatever_it_says() {
        assert_kept(&[&format!("Sign up for {}", "more ".repeat(200))]);
    }
}
