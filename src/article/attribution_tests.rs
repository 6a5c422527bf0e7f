use super::super::quotation::scan;
use super::super::token::tokens;
use super::*;

/// The subjects of the attributions of one sentence: names as printed, others by kind.
fn subjects(text: &str) -> Vec<String> {
    let sentence = 0..text.len();
    let quoted = scan(text, &sentence).quoted;
    attributions(&tokens(text, &sentence, &quoted))
        .into_iter()
        .map(|attribution| match attribution.subject {
            Subject::Named(name) => text.get(name.range).unwrap_or("").to_owned(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn the_subject_may_follow_the_verb_behind_a_quotation() {
    for (text, name) in [
        (
            "\"We will,\" said Deputy Mayor of Oldtown Ada Brook, who runs.",
            "Deputy Mayor of Oldtown Ada Brook",
        ),
        ("“We will,” said Brook in Oldtown on Monday.", "Brook"),
        ("“We will”, warned the Oldtown envoy.", "Oldtown envoy"),
    ] {
        assert_eq!(subjects(text), [name]);
    }
}

#[test]
fn the_subject_may_stand_before_the_verb() {
    for (text, name) in [
        ("Brook said: \"We will.\"", "Brook"),
        ("But council spokesman Ben A. Hill told reporters “no”.", "council spokesman Ben A. Hill"),
        (
            "\"We will,\" U.S. Deputy Secretary of Bridges Ada Brook has repeatedly said.",
            "U.S. Deputy Secretary of Bridges Ada Brook",
        ),
        ("On Monday Brook also said “no”.", "Brook"),
        ("After the meeting, the senior Oldtown diplomat said: \"No.\"", "senior Oldtown diplomat"),
        ("A spokesman for Brook said “no”.", "spokesman for Brook"),
    ] {
        assert_eq!(subjects(text), [name]);
    }
}

#[test]
fn an_insertion_between_commas_is_stepped_over() {
    assert_eq!(subjects("Brook, who met Hill, Ford and Dale on Monday, said “no”."), ["Brook"]);
    assert_eq!(subjects("Ada Brook, 54, said “no”."), ["Ada Brook"]);
}

#[test]
fn a_verb_joined_by_and_takes_the_subject_of_the_sentence() {
    assert_eq!(subjects("Brook left the hall and said “no”."), ["Brook"]);
    assert_eq!(subjects("She left the hall and said “no”."), ["Singular"]);
}

#[test]
fn other_ways_to_name_a_speaker_are_read() {
    assert_eq!(subjects("The gate is “old”, according to Ada Brook."), ["Ada Brook"]);
    assert_eq!(subjects("Brook: “We will.”"), ["Brook"]);
    assert_eq!(subjects("The paper quoted Ada Brook as saying “no”."), ["Ada Brook"]);
    assert_eq!(subjects("Brook was quoted as saying “no”."), ["Brook"]);
    assert_eq!(subjects("It was Ada Brook who said “no”."), ["Ada Brook"]);
}

#[test]
fn pronouns_and_descriptions_are_told_apart() {
    assert_eq!(subjects("“No,” she said."), ["Singular"]);
    assert_eq!(subjects("“No,” said he."), ["Singular"]);
    assert_eq!(subjects("They warned of “no end”."), ["Plural"]);
    assert_eq!(subjects("“No,” the minister said."), ["Definite"]);
    assert_eq!(subjects("“No,” a senior official said."), ["Unnamed"]);
}

#[test]
fn a_name_that_is_no_subject_is_not_taken() {
    assert_eq!(subjects("People close to Brook said “no”."), ["Unnamed"]);
    assert_eq!(subjects("The plan called for a “quick end”."), ["Unnamed"]);
    assert_eq!(subjects("Brook declined to say “no”."), Vec::<String>::new());
}

#[test]
fn the_opening_name_needs_a_verb() {
    let opening = |text: &str| {
        let found = opening_name(&tokens(text, &(0..text.len()), &[]));
        found.and_then(|name| text.get(name.range).map(str::to_owned))
    };
    assert_eq!(opening("Brook spoke on Monday.").as_deref(), Some("Brook"));
    assert_eq!(opening("But Ada Brook spoke.").as_deref(), Some("Ada Brook"));
    assert_eq!(opening("Brook, Hill and Ford spoke."), None);
    assert_eq!(opening("The gate shut."), None);
}
