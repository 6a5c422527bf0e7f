use super::super::quotation::scan;
use super::super::speaker::voices;
use super::*;

/// Speaker and reported clause of each sentence; each line of `text` is a sentence and a paragraph.
fn reports(text: &str) -> Vec<Option<(String, String)>> {
    let mut start = 0;
    let readings: Vec<Reading> = text
        .split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.trim_end().len();
            start += line.len();
            let quoted = scan(text, &range).quoted;
            Reading { is_heading: false, sentences: vec![range.clone()], range, quoted }
        })
        .collect();
    let voices = voices(text, &readings);
    let slice = |range: Range<usize>| text.get(range).unwrap_or("").to_owned();
    reported(text, &readings, &voices.sayings)
        .into_iter()
        .flatten()
        .map(|report| report.map(|report| (slice(report.speaker.name), slice(report.clause))))
        .collect()
}

#[track_caller]
fn assert_reports(text: &str, speaker: &str, clause: &str) {
    let expected = Some((speaker.to_owned(), clause.to_owned()));
    assert_eq!(reports(text), [expected], "{text}");
}

#[test]
fn a_clause_behind_the_verb_is_reported() {
    let clause = "the old gate leaks badly";
    for text in [
        "Ada Brook said that the old gate leaks badly.",
        "Ada Brook said the old gate leaks badly.",
        "Ada Brook told the town on Monday that the old gate leaks badly.",
        "Ada Brook, the mayor, warned reporters the old gate leaks badly.",
        "Ada Brook: the old gate leaks badly.",
        "According to Ada Brook, the old gate leaks badly.",
    ] {
        // A colon reports what a quotation does not say already.
        if text.contains(':') {
            assert_eq!(reports(text), [None]);
        } else {
            assert_reports(text, "Ada Brook", clause);
        }
    }
}

#[test]
fn a_clause_before_the_verb_is_reported() {
    assert_reports(
        "The old gate leaks, Ada Brook said on Monday.",
        "Ada Brook",
        "The old gate leaks",
    );
    assert_reports(
        "The old gate leaks, according to Ada Brook.",
        "Ada Brook",
        "The old gate leaks",
    );
}

#[test]
fn a_pronoun_reports_for_the_name_it_stands_for() {
    let text = "Ada Brook said “no”.\nShe said the old gate leaks.";
    let expected = Some(("Ada Brook".to_owned(), "the old gate leaks".to_owned()));
    assert_eq!(reports(text), [None, expected]);
}

#[test]
fn a_quotation_is_no_report() {
    for text in ["“The old gate leaks badly,” Ada Brook said.", "Ada Brook said: “It leaks.”"]
    {
        assert_eq!(reports(text), [None], "{text}");
    }
}

#[test]
fn a_report_of_nobody_is_none() {
    assert_eq!(reports("It is said that the old gate leaks."), [None]);
    assert_eq!(reports("She said that the old gate leaks."), [None]);
}

#[test]
fn a_million_reports_are_read() {
    for part in ["Ada Brook said, ", "according to Brook ", "said that ", "Ada Brook said it. "] {
        assert!(!reports(&part.repeat(1_000_000 / part.len())).is_empty());
    }
}
