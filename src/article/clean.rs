//! Cleaning: which lines of a raw article are its story, which are headings, which are furniture.
//!
//! Every line gets a kind; nothing is cut out of the text. A line is furniture by its words
//! (`furniture`), as a copy of another line, or by its place at the top of the page.

mod heading;

use std::collections::HashSet;
use std::ops::Range;

use super::furniture::{self, FurnitureReason};
use super::text::{is_blank, lines, words};

/// What a paragraph is to the story.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum ParagraphKind {
    /// The title or a line between paragraphs that names what follows.
    Heading,
    /// The story.
    Body,
    /// No part of the story.
    Furniture(FurnitureReason),
}

/// Copies of fewer words are kept where they are sentences ("Thank you."): people repeat themselves.
const SHORTEST_DUPLICATE_WORDS: usize = 5;

/// A teaser printed before the article repeats at least this many of its words.
const SHORTEST_LEAD_WORDS: usize = 6;

/// One line under judgement.
struct Line<'t> {
    text: &'t str,
    range: Range<usize>,
    /// The words in lower case without marks at their ends, to compare lines by.
    key: String,
    /// Whether it is the known title of the article.
    is_title: bool,
    kind: Option<ParagraphKind>,
}

impl Line<'_> {
    fn set_furniture(&mut self, reason: FurnitureReason) {
        self.kind = Some(ParagraphKind::Furniture(reason));
    }

    fn is_open(&self) -> bool {
        self.kind.is_none()
    }

    fn has_at_most(&self, count: usize) -> bool {
        words(self.text).nth(count).is_none()
    }

    /// Whether the line reads like a paragraph of a story: a sentence of some length.
    fn is_sentence(&self) -> bool {
        ends_sentence(self.text) && words(self.text).nth(7).is_some()
    }
}

/// The lines of `text` in order, trimmed, each with its kind. `title` is the article's title where
/// the caller knows it.
pub(super) fn classify(text: &str, title: Option<&str>) -> Vec<(Range<usize>, ParagraphKind)> {
    let mut lines: Vec<Line> = lines(text)
        .map(|range| {
            let text = text.get(range.clone()).unwrap_or("");
            Line { text, range, key: key(text), is_title: false, kind: None }
        })
        .collect();
    let title = title.map(key).filter(|title| !title.is_empty());

    mark_title(&mut lines, title.as_deref());
    for line in lines.iter_mut().filter(|line| line.is_open()) {
        line.kind = furniture::reason(line.text).map(ParagraphKind::Furniture);
    }
    mark_bylines(&mut lines, title.is_some());
    mark_author_notes(&mut lines);
    mark_doubled_captions(&mut lines);
    mark_duplicates(&mut lines);
    heading::mark(&mut lines, title.is_some());
    for line in lines.iter_mut().filter(|line| line.is_open()) {
        line.kind = Some(ParagraphKind::Body);
    }
    mark_repeated_leads(&mut lines);
    lines.into_iter().map(|line| (line.range, line.kind.unwrap_or(ParagraphKind::Body))).collect()
}

/// The words of a line in lower case without marks at their ends, one space apart.
fn key(line: &str) -> String {
    let mut key = String::with_capacity(line.len());
    for word in words(line) {
        if !key.is_empty() {
            key.push(' ');
        }
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        if word.is_ascii() {
            let start = key.len();
            key.push_str(word);
            key.get_mut(start..).unwrap_or_default().make_ascii_lowercase();
        } else {
            key.extend(word.chars().flat_map(char::to_lowercase));
        }
    }
    key
}

/// The title printed above the story is a heading; printed again, it is a copy. A line equal to the
/// title that comes after the story began is a copy as well.
fn mark_title(lines: &mut [Line], title: Option<&str>) {
    let Some(title) = title else { return };
    let mut printed = false;
    for line in lines {
        if line.key == title {
            if printed {
                line.set_furniture(FurnitureReason::Duplicate);
            } else {
                line.kind = Some(ParagraphKind::Heading);
                line.is_title = true;
            }
            printed = true;
        } else if line.is_sentence() {
            printed = true;
        }
    }
}

/// Lines of nothing but names above the story are its authors. The first line is the title, unless
/// the title came apart from the text.
fn mark_bylines(lines: &mut [Line], title_is_known: bool) {
    let first = usize::from(!title_is_known);
    let top = lines.iter_mut().skip(first).take_while(|line| !line.is_sentence());
    for line in top.filter(|line| line.is_open() && is_names(line.text)) {
        line.set_furniture(FurnitureReason::Credit);
    }
}

/// Whether a line is one, two or three names of two or three words each.
fn is_names(line: &str) -> bool {
    let is_name = |name: &str| {
        let count = name.split_whitespace().count();
        (2..=3).contains(&count)
            && name.split_whitespace().all(|word| {
                word.starts_with(char::is_uppercase)
                    && word
                        .chars()
                        .skip(1)
                        .all(|c| c.is_lowercase() || matches!(c, '.' | '-' | '’' | '\''))
            })
    };
    line.len() < 100 && line.replace(" and ", ", ").split(", ").all(is_name)
}

/// Notes on the authors end the text; the same words within the story present somebody else.
fn mark_author_notes(lines: &mut [Line]) {
    let open = lines.iter().filter(|line| line.is_open()).count();
    let below = lines.iter_mut().filter(|line| line.is_open()).skip(open.saturating_sub(2).max(2));
    for line in below.filter(|line| furniture::is_author_note(line.text)) {
        line.set_furniture(FurnitureReason::Credit);
    }
}

/// A line printed twice in a row is a picture's alternative text and its caption, if it looks like a
/// caption: no sentence, or one that ends with a year. Other lines may be the story, doubled by a
/// fault of the page, and only their copies go.
fn mark_doubled_captions(lines: &mut [Line]) {
    let is_doubled = |index: usize, lines: &[Line]| match lines.get(index..index + 2) {
        Some([one, other]) => {
            one.is_open()
                && other.is_open()
                && one.key == other.key
                && (!ends_sentence(one.text) || ends_with_year(&one.key))
        }
        _ => false,
    };
    // The first line to keep is the title, and a title printed twice is no caption.
    let first = lines.iter().position(Line::is_open).unwrap_or(0);
    let doubled: Vec<usize> =
        (first + 1..lines.len()).filter(|index| is_doubled(*index, lines)).collect();
    for index in doubled {
        for line in lines.iter_mut().skip(index).take(2) {
            line.set_furniture(FurnitureReason::Caption);
        }
    }
}

fn ends_with_year(key: &str) -> bool {
    let last = key.rsplit(' ').next().unwrap_or("");
    last.len() == 4 && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Later copies of a line are furniture; the first copy is judged by itself.
fn mark_duplicates(lines: &mut [Line]) {
    let mut copies = Vec::new();
    let mut seen = HashSet::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        if !seen.insert(line.key.as_str()) && line.is_open() {
            copies.push(index);
        }
    }
    for index in copies {
        if let Some(line) = lines.get_mut(index)
            && (!ends_sentence(line.text)
                || words(line.text).nth(SHORTEST_DUPLICATE_WORDS - 1).is_some())
        {
            line.set_furniture(FurnitureReason::Duplicate);
        }
    }
}

/// A short paragraph that the next paragraph of the story begins with is a teaser.
fn mark_repeated_leads(lines: &mut [Line]) {
    let body: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.kind == Some(ParagraphKind::Body))
        .map(|(index, _)| index)
        .collect();
    for (index, next) in body.iter().zip(body.iter().skip(1)) {
        let (Some(lead), Some(full)) = (lines.get(*index), lines.get(*next)) else {
            continue;
        };
        if full.key.len() > lead.key.len()
            && full.key.starts_with(lead.key.as_str())
            && words(lead.text).nth(SHORTEST_LEAD_WORDS - 1).is_some()
            && let Some(lead) = lines.get_mut(*index)
        {
            lead.set_furniture(FurnitureReason::RepeatedLead);
        }
    }
}

/// Whether a line ends as a sentence, or a part of one, does. Marks and brackets that close after
/// the end do not count, nor does a link or the foot of a message behind it.
fn ends_sentence(line: &str) -> bool {
    let is_behind =
        |c: char| matches!(c, '"' | '”' | '“' | '’' | '\'' | '»' | ')' | ']') || is_blank(c);
    let ends = |line: &str| {
        line.trim_end_matches(is_behind)
            .ends_with(['.', '!', '?', '…', ':', ';', ',', '。', '！', '？', '؟', '۔', '।', '։'])
    };
    ends(line) || ends(furniture::without_aside(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use FurnitureReason::{Caption, Credit, Duplicate, RepeatedLead, Subheading};
    use ParagraphKind::{Body, Furniture, Heading};

    const STORY: &str =
        "The council of Oldtown voted on Saturday to close the old bridge for good.";

    fn kinds(text: &str, title: Option<&str>) -> Vec<ParagraphKind> {
        classify(text, title).into_iter().map(|(_, kind)| kind).collect()
    }

    #[test]
    fn the_first_line_without_a_full_stop_is_a_heading() {
        assert_eq!(kinds(&format!("Old bridge to close\n{STORY}"), None), [Heading, Body]);
    }

    #[test]
    fn a_title_printed_again_is_a_duplicate() {
        let text = format!("Menu\nOld bridge to close\n\nOld bridge to close\n{STORY}");
        let expected =
            [Furniture(FurnitureReason::Navigation), Heading, Furniture(Duplicate), Body];
        assert_eq!(kinds(&text, None), expected);
        assert_eq!(kinds(&text, Some("Old Bridge to Close ")), expected);
    }

    #[test]
    fn the_given_title_below_the_story_is_a_duplicate() {
        let text = format!("{STORY}\nOld bridge to close\nThe bridge is 90 years old.");
        assert_eq!(kinds(&text, Some("Old bridge to close")), [Body, Furniture(Duplicate), Body]);
    }

    #[test]
    fn a_line_printed_twice_in_a_row_is_a_caption() {
        let caption = "The old bridge at noon, seen from the river, on April 12, 2031.";
        let text = format!("Old bridge to close\n{caption}\n{caption}\n{STORY}");
        assert_eq!(kinds(&text, None), [Heading, Furniture(Caption), Furniture(Caption), Body]);
    }

    #[test]
    fn a_page_that_doubles_every_line_keeps_one_copy() {
        let text = "One bridge closed in town.\n".repeat(2)
            + &"Two bridges closed in town.\n".repeat(2)
            + &"Ten bridges closed in town.\n".repeat(2);
        let (kept, copy) = (Body, Furniture(Duplicate));
        assert_eq!(kinds(&text, None), [kept, copy, kept, copy, kept, copy]);
    }

    #[test]
    fn a_repeated_short_sentence_is_kept() {
        assert_eq!(
            kinds("Thank you.\nThe bridge is closed.\nThank you.", None),
            [Body, Body, Body]
        );
    }

    #[test]
    fn a_teaser_that_the_story_begins_with_is_a_repeated_lead() {
        let text = format!(
            "Old bridge to close\n{STORY}\nOld bridge to close\n0:00 0:12\n{STORY} It is 90."
        );
        let found = kinds(&text, None);
        assert_eq!(found.get(1), Some(&Furniture(RepeatedLead)));
        assert_eq!(found.last(), Some(&Body));
    }

    #[test]
    fn names_alone_above_the_story_are_its_authors() {
        let text = format!("Old bridge to close\nAnna Example and Ben Sample\n{STORY}\nNorth Bank");
        assert_eq!(kinds(&text, None), [Heading, Furniture(Credit), Body, Furniture(Subheading)]);
    }

    #[test]
    fn a_note_on_the_author_below_the_story_is_a_credit() {
        let note = "Anna Example is a professor of law.";
        assert_eq!(
            kinds(&format!("{STORY}\n{note}\n{STORY} It is old.\nIt voted.\n{note}"), None),
            [Body, Body, Body, Body, Furniture(Credit)]
        );
        assert_eq!(
            kinds(&format!("Old bridge to close\n{STORY}\nIt voted.\n{note}"), None),
            [Heading, Body, Body, Furniture(Credit)]
        );
    }

    #[test]
    fn lines_broken_inside_a_sentence_are_no_headings() {
        let text = "Bridge\nThe council of Oldtown voted on\nsaturday night to close the bridge.";
        assert_eq!(kinds(text, None), [Heading, Body, Body]);
    }

    #[test]
    fn a_long_last_line_that_was_cut_off_is_body() {
        let text = format!(
            "Bridge\n{STORY}\nThe mayor of the town, who was elected last year, told the council that the"
        );
        assert_eq!(kinds(&text, None), [Heading, Body, Body]);
    }
}
