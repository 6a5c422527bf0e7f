//! Headings: short lines that end no sentence. Those that sum the article up stay; the others, of
//! sections and of articles linked, are furniture.

use super::super::furniture::FurnitureReason;
use super::super::text::words;
use super::{Line, ParagraphKind, ends_sentence};

/// A heading has at most this many words.
const LONGEST_HEADING_WORDS: usize = 25;

/// A last line longer than this is a sentence that was cut off, not a heading over nothing.
const LONGEST_CLOSING_HEADING_WORDS: usize = 12;

/// A line of fewer words in a list that nothing announces is taken for a heading.
const SHORTEST_ITEM_WORDS: usize = 6;

/// A heading above the story with more words sums it up; one with fewer names a section of the page.
const LONGEST_KICKER_WORDS: usize = 8;

/// A heading below with more words may be a paragraph that lost its full stop.
const LONGEST_SUBHEADING_WORDS: usize = 12;

/// Judges the lines that nothing else has judged yet; what stays open is the story.
pub(super) fn mark(lines: &mut [Line], title_is_known: bool) {
    mark_headings(lines);
    mark_capitals(lines);
    mark_lists(lines);
    mark_subheadings(lines, title_is_known);
}

/// Short lines without the end of a sentence that stand apart: not in a list, and not broken off
/// before a line that goes on in lower case.
fn mark_headings(lines: &mut [Line]) {
    let last = lines.iter().rposition(Line::is_open);
    let goes_on: Vec<bool> = lines
        .iter()
        .skip(1)
        .map(|next| next.is_open() && next.text.starts_with(char::is_lowercase))
        .chain([false])
        .collect();
    for (index, (line, goes_on)) in lines.iter_mut().zip(goes_on).enumerate() {
        let longest = if index > 0 && Some(index) == last {
            LONGEST_CLOSING_HEADING_WORDS
        } else {
            LONGEST_HEADING_WORDS
        };
        let is_heading = line.is_open()
            && !goes_on
            && !ends_sentence(line.text)
            && !continues(line.text)
            && words(line.text).nth(longest).is_none();
        if is_heading {
            line.kind = Some(ParagraphKind::Heading);
        }
    }
}

/// Headings that neither are the title nor stand with it to sum the article up: short ones,
/// headlines of other articles between the paragraphs, and what follows the last paragraph.
fn mark_subheadings(lines: &mut [Line], title_is_known: bool) {
    let story = lines.iter().position(|line| line.is_open() && line.is_sentence());
    let story = story.unwrap_or(lines.len());
    let end = lines.iter().rposition(Line::is_open).unwrap_or(lines.len());
    let mut title_is_open = !title_is_known;
    for (index, line) in lines.iter_mut().enumerate() {
        if line.kind != Some(ParagraphKind::Heading) || line.is_title {
            continue;
        }
        let is_dropped = if index < story {
            !std::mem::take(&mut title_is_open) && line.has_at_most(LONGEST_KICKER_WORDS)
        } else {
            index > end || line.has_at_most(LONGEST_SUBHEADING_WORDS) || is_headline(line.text)
        };
        if is_dropped {
            line.set_furniture(FurnitureReason::Subheading);
        }
    }
}

/// Lines in a row without full stops are a list, and part of the story, if a line with a colon
/// announces them, or if they are three or more below a sentence and none reads like a headline.
fn mark_lists(lines: &mut [Line]) {
    let mut rest = lines;
    while let Some(before) = rest.iter().position(Line::is_open) {
        let announced = rest.get(before).is_some_and(|line| line.text.ends_with(':'));
        rest = rest.split_at_mut(before + 1).1;
        let count = rest
            .iter()
            .take_while(|line| line.kind == Some(ParagraphKind::Heading) && !line.is_title)
            .count();
        let (run, _) = rest.split_at_mut(count);
        let is_list = if announced {
            count > 1
        } else {
            count > 2 && run.iter().all(|line| is_long_item(line.text))
        };
        for line in run.iter_mut().filter(|_| is_list) {
            line.kind = Some(ParagraphKind::Body);
        }
    }
}

/// Whether a line has the words of a sentence and is not set like a headline.
fn is_long_item(line: &str) -> bool {
    words(line).nth(SHORTEST_ITEM_WORDS - 1).is_some() && !is_headline(line)
}

/// Short lines in capitals are headings whatever they end with, unless the story is set in capitals.
fn mark_capitals(lines: &mut [Line]) {
    if lines.iter().any(|line| line.is_open() && line.is_sentence() && is_capitals(line.text)) {
        return;
    }
    for line in lines.iter_mut().filter(|line| line.is_open()) {
        if line.has_at_most(LONGEST_KICKER_WORDS)
            && words(line.text).nth(1).is_some()
            && is_capitals(line.text)
        {
            line.kind = Some(ParagraphKind::Heading);
        }
    }
}

fn is_capitals(line: &str) -> bool {
    line.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase)
}

/// Whether a line is set in capitals, or most of its words begin with one.
fn is_headline(line: &str) -> bool {
    let is_capital = |word: &str| {
        word.trim_start_matches(|c: char| !c.is_alphanumeric())
            .starts_with(|c: char| c.is_uppercase() || c.is_numeric())
    };
    let capitals = words(line).filter(|word| is_capital(word)).count();
    is_capitals(line) || capitals * 4 >= words(line).count() * 3
}

/// Whether a line goes on with what stands before it: an item of a list, or a broken sentence.
fn continues(line: &str) -> bool {
    line.starts_with(|c: char| {
        c.is_lowercase() || matches!(c, '•' | '-' | '–' | '—' | '*' | ',' | ';' | '.' | '…')
    })
}

#[cfg(test)]
mod tests {
    use super::super::classify;
    use super::*;
    use ParagraphKind::{Body, Furniture, Heading};

    const STORY: &str =
        "The council of Oldtown voted on Saturday to close the old bridge for good.";
    const SUBHEADING: ParagraphKind = Furniture(FurnitureReason::Subheading);

    #[track_caller]
    fn assert_kinds(lines: &[&str], title: Option<&str>, expected: &[ParagraphKind]) {
        let found: Vec<_> =
            classify(&lines.join("\n"), title).into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_heading_between_paragraphs_is_a_subheading() {
        assert_kinds(
            &["Old bridge to close", STORY, "What comes next", "It will be sold."],
            None,
            &[Heading, Body, SUBHEADING, Body],
        );
    }

    #[test]
    fn what_sums_the_article_up_stays_above_the_story() {
        let standfirst = "After ninety years the town gives up its bridge and plans a ferry";
        let expected = [Heading, Heading, SUBHEADING, Body];
        assert_kinds(&["Old bridge to close", standfirst, "Town", STORY], None, &expected);
        let known = Some("Old bridge to close");
        assert_kinds(&["Old bridge to close", standfirst, "Town", STORY], known, &expected);
    }

    #[test]
    fn a_list_is_part_of_the_story() {
        assert_kinds(
            &["Bridge", STORY, "The council wants:", "A ferry", "A new bridge", "It voted."],
            None,
            &[Heading, Body, Body, Body, Body, Body],
        );
        let item = "The ferry is to cross the river every hour";
        let other = "The old bridge is to be sold to a museum";
        let last = "The town is to pay for both of them";
        assert_kinds(
            &["Bridge", STORY, item, other, last, STORY],
            None,
            &[Heading, Body, Body, Body, Body, Furniture(FurnitureReason::Duplicate)],
        );
    }

    #[test]
    fn a_long_line_that_lost_its_full_stop_stays() {
        let long =
            "The mayor told the council on Saturday that the ferry would be paid for by the region";
        assert_kinds(&["Bridge", STORY, long, "It voted."], None, &[Heading, Body, Heading, Body]);
        assert_kinds(
            &["Bridge", STORY, &long.to_uppercase(), "It voted."],
            None,
            &[Heading, Body, SUBHEADING, Body],
        );
    }

    #[test]
    fn short_lines_in_capitals_are_subheadings_unless_all_is_in_capitals() {
        let lines = ["Bridge", STORY, "WHO PAYS FOR IT?", "Nobody does."];
        assert_kinds(&lines, None, &[Heading, Body, SUBHEADING, Body]);
        let capitals = lines.map(str::to_uppercase);
        let lines = capitals.each_ref().map(String::as_str);
        assert_kinds(&lines, None, &[Heading, Body, Body, Body]);
    }
}
