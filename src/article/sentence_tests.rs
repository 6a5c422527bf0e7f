use super::super::quotation::scan;
use super::*;

#[track_caller]
fn assert_split(text: &str, expected: &[&str]) {
    let paragraph = 0..text.len();
    let marks = scan(text, &paragraph).marks;
    let found: Vec<_> =
        split(text, &paragraph, &marks).into_iter().filter_map(|range| text.get(range)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_full_stop_before_a_capital_ends_a_sentence() {
    assert_split(
        "The gate is shut. It is old! Is it? Yes.",
        &["The gate is shut.", "It is old!", "Is it?", "Yes."],
    );
}

#[test]
fn abbreviations_and_initials_do_not_end_a_sentence() {
    for text in [
        "Sen. Ada J. Brook met Mr. Hill on Jan. 12 in the U.S. Senate.",
        "The No. 2 of Hill Inc. Brook met Lt. Gen. Ford at 3 p.m. EST.",
        "It cost $4.5 million, or 3.2 percent.",
        "1. The gate is shut.",
    ] {
        assert_split(text, &[text]);
    }
}

#[test]
fn an_abbreviation_before_a_function_word_ends_a_sentence() {
    assert_split(
        "They live in the U.S. They like it.",
        &["They live in the U.S.", "They like it."],
    );
    assert_split("It shut at 3 p.m. Brook left.", &["It shut at 3 p.m.", "Brook left."]);
    assert_split("It shut in 2031. Brook left.", &["It shut in 2031.", "Brook left."]);
}

#[test]
fn an_ellipsis_ends_a_sentence_only_before_a_capital() {
    assert_split(
        "We were firm … in pushing. We wait... Brook left.",
        &["We were firm … in pushing.", "We wait...", "Brook left."],
    );
    assert_split("We told . . . Brook.", &["We told . . . Brook."]);
}

#[test]
fn closing_marks_belong_to_the_sentence_they_close() {
    assert_split(
        "“It is old.” It shut. (It did.) So be it.",
        &["“It is old.”", "It shut.", "(It did.)", "So be it."],
    );
    assert_split("Yet “it is new. ”It is old.", &["Yet “it is new. ”", "It is old."]);
    assert_split("\"It is old.\" \"It shut.\"", &["\"It is old.\"", "\"It shut.\""]);
}

#[test]
fn a_quotation_of_several_sentences_is_split() {
    assert_split(
        "“It is old. It shut,” said Brook. “So be it.”",
        &["“It is old.", "It shut,” said Brook.", "“So be it.”"],
    );
}

#[test]
fn a_question_quoted_goes_with_its_speaker() {
    assert_split(
        "“Is it old?” Mayor Ada J. Brook asked. No.",
        &["“Is it old?” Mayor Ada J. Brook asked.", "No."],
    );
    assert_split("“Is it old?” he asked.", &["“Is it old?” he asked."]);
    assert_split(
        "“Is it old?” The gate, shut for years, said nothing.",
        &["“Is it old?”", "The gate, shut for years, said nothing."],
    );
}

#[test]
fn sentences_without_a_space_between_them_are_split() {
    assert_split("It is old.The gate shut.", &["It is old.", "The gate shut."]);
    assert_split(
        "See example.org or Example.Org for v1.2.",
        &["See example.org or Example.Org for v1.2."],
    );
}

#[test]
fn words_that_lost_their_space_stay_as_they_are() {
    let text = "You don't knowyet what it did toMoscow's trade.";
    assert_split(text, &[text]);
}

#[test]
fn an_abbreviation_in_brackets_or_before_a_dash_does_not_end_a_sentence() {
    for text in ["Under Executive Order (E.O.) 13 it shut.", "Oldtown, N.C. — It shut."] {
        assert_split(text, &[text]);
    }
}

#[test]
fn text_in_capitals_is_split_as_other_text() {
    assert_split(
        "THE GATE IS SHUT. IT COST $4.5 MILLION, SAID MR. HILL. WHO PAID? NOBODY.",
        &["THE GATE IS SHUT.", "IT COST $4.5 MILLION, SAID MR. HILL.", "WHO PAID?", "NOBODY."],
    );
}

#[test]
fn a_dateline_belongs_to_no_sentence() {
    assert_split(
        "OLDTOWN, Jan. 13 (Wire) — The gate is shut. It is old.",
        &["The gate is shut.", "It is old."],
    );
    assert_split("OLDTOWN (AP) — “It is old,” he said.", &["“It is old,” he said."]);
}

#[test]
fn a_quotation_across_paragraph_text_keeps_its_sentences() {
    assert_split(
        "“It is old. It is shut. It will stay so,” Sen. Brook said in the U.S. “Who paid? Nobody.”",
        &[
            "“It is old.",
            "It is shut.",
            "It will stay so,” Sen. Brook said in the U.S.",
            "“Who paid?",
            "Nobody.”",
        ],
    );
}

#[test]
fn other_scripts_end_sentences_too() {
    assert_split("门很旧。它关了。", &["门很旧。", "它关了。"]);
    assert_split("Ворота старые. Они закрыты.", &["Ворота старые.", "Они закрыты."]);
    assert_split("هل هو قديم؟ نعم.", &["هل هو قديم؟", "نعم."]);
}

#[test]
fn marks_without_words_join_their_neighbours() {
    assert_split("... It shut. ***", &["... It shut. ***"]);
}

#[test]
fn two_megabytes_in_one_line_are_read() {
    for part in [".", ". ", "a. ", "A.", "! - ", "\". ", "a", "?\" A ", "… "] {
        let text = part.repeat(2_000_000 / part.len());
        let paragraph = 0..text.len();
        let marks = scan(&text, &paragraph).marks;
        assert!(!split(&text, &paragraph, &marks).is_empty());
    }
}
