use super::*;

fn quoted(text: &str) -> Vec<Quoted> {
    scan(text, &(0..text.len())).quoted
}

#[track_caller]
fn assert_quoted(text: &str, expected: &[&str]) {
    let quoted = quoted(text);
    let found: Vec<_> = quoted.iter().filter_map(|quoted| text.get(quoted.inner.clone())).collect();
    assert_eq!(found, expected);
}

#[test]
fn straight_and_curly_marks_quote() {
    assert_quoted(
        r#""We will build," said Mayor Ada Brook. "It is time.""#,
        &["We will build,", "It is time."],
    );
    assert_quoted("“We will build,” said Mayor Ada Brook.", &["We will build,"]);
}

#[test]
fn low_and_angled_marks_quote() {
    assert_quoted("Er sagte: „Wir bauen“, und ging.", &["Wir bauen"]);
    assert_quoted("Он сказал: «Мы строим», и ушёл.", &["Мы строим"]);
    assert_quoted("Il a dit : « On bâtit » hier.", &["On bâtit"]);
}

#[test]
fn marks_point_either_way() {
    assert_quoted("Er sagte: »Wir bauen«, und ging.", &["Wir bauen"]);
    assert_quoted("Er sagte: “Wir bauen„, und ging.", &["Wir bauen"]);
    assert_quoted("Hon sade: ”Vi bygger”, och gick.", &["Vi bygger"]);
    assert_quoted("On a dit ‹ oui › hier, puis ‚non‘ aujourd’hui.", &["oui", "non"]);
    assert_quoted("彼は「建てる」と言った。", &["建てる"]);
    assert_quoted("She said ``We build'' and left.", &["We build"]);
}

#[test]
fn a_split_quotation_is_two() {
    assert_quoted("“Those gates,” Brook said, “will be shut.”", &["Those gates,", "will be shut."]);
}

#[test]
fn each_paragraph_of_a_long_quotation_is_one() {
    let text = "“It is old.\n“We will shut it.”";
    let first = text.find('\n').expect("two lines");
    assert!(scan(text, &(0..first)).quoted.iter().all(|quoted| !quoted.closed));
    assert!(scan(text, &(first + 1..text.len())).quoted.iter().all(|quoted| quoted.closed));
}

#[test]
fn a_straight_mark_pairs_with_a_curly_one() {
    assert_quoted("\"We will build,” she said.", &["We will build,"]);
}

#[test]
fn a_closing_mark_on_the_wrong_side_of_a_space_closes() {
    assert_quoted("Yet “the town claims it is new. ”It is old.", &["the town claims it is new."]);
}

#[test]
fn a_closing_shape_opens_where_nothing_is_open() {
    assert_quoted("”Vi bygger”, sade hon.", &["Vi bygger"]);
}

#[test]
fn nested_marks_stay_inside() {
    let text = "“They will not close the “Old Gate” way, ever,” she said.";
    assert_quoted(text, &["They will not close the “Old Gate” way, ever,"]);
    assert_quoted("“He said ‘never again’ to us,” she said.", &["He said ‘never again’ to us,"]);
}

#[test]
fn an_unclosed_quotation_ends_with_its_paragraph() {
    let text = "She said: \"We will build. It is time.";
    assert_quoted(text, &["We will build. It is time."]);
    assert!(quoted(text).iter().all(|quoted| !quoted.closed));
}

#[test]
fn one_mark_at_the_end_closes_both_quotations() {
    let text = "“As we say, “nothing without you.”";
    assert_quoted(text, &["As we say, “nothing without you."]);
    assert!(quoted(text).iter().all(|quoted| quoted.closed));
}

#[test]
fn a_quotation_that_opens_after_a_full_stop_ends_the_one_before() {
    let text = "\"We will build. \"It is time,\" she said.";
    assert_quoted(text, &["We will build.", "It is time,"]);
}

#[test]
fn single_marks_around_words_quote() {
    assert_quoted("The town has an 'open-gate policy,' she said.", &["open-gate policy,"]);
    assert_quoted("It is not ‘silly’ at all.", &["silly"]);
    assert_quoted("‘The allies’ bridge is “new”,’ she said.", &["The allies’ bridge is “new”,"]);
}

#[test]
fn apostrophes_do_not_quote() {
    for text in [
        "The allies' bridge and the town's gate don't match.",
        "Rock 'n' roll in the '90s wasn't theirs.",
        "Open gate'",
        "Get 'em to the allies' house.",
        "It’s the allies’ bridge, y’all’s too.",
    ] {
        assert_quoted(text, &[]);
    }
}

#[test]
fn empty_marks_quote_nothing() {
    assert_quoted("An empty \"\" pair and “ ” too.", &[]);
}

#[test]
fn a_few_words_in_a_running_sentence_are_a_scare_quote() {
    let scare = |text: &str| -> Vec<bool> {
        quoted(text).iter().map(|quoted| quoted.is_scare(text, &(0..text.len()))).collect()
    };
    assert_eq!(scare("It called the plans \"non-starters\" on Monday."), [true]);
    assert_eq!(scare("He called it a \"moment of truth.\""), [true]);
    assert_eq!(scare("\"Never again,\" he said."), [false]);
    assert_eq!(scare("He said: \"Never again.\""), [false]);
    assert_eq!(scare("It is \"a plan of four words\" indeed."), [false]);
}

#[test]
fn a_million_marks_are_read() {
    for mark in ["\"", "“", "”", "'", "‘", "«", " \"a", " “a. ", " ‘a", "s' a"] {
        let text = mark.repeat(1_000_000 / mark.len());
        assert!(quoted(&text).len() <= text.len());
    }
}
