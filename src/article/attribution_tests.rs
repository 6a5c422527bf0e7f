use super::super::quotation::scan;
use super::super::token::tokens;
use super::*;

/// The subjects of the attributions of one sentence: names as printed, descriptions with what they
/// are, others by kind.
fn subjects(text: &str) -> Vec<String> {
    let sentence = 0..text.len();
    let quoted = scan(text, &sentence).quoted;
    attributions(&tokens(text, &sentence, &quoted))
        .into_iter()
        .map(|attribution| match attribution.subject {
            Subject::Named(name) => text.get(name.range).unwrap_or("").to_owned(),
            Subject::Definite(name) => format!("the {}", text.get(name.range).unwrap_or("")),
            Subject::Described(name) => format!("a {}", text.get(name.range).unwrap_or("")),
            Subject::Paper(name) => format!("paper {}", text.get(name.range).unwrap_or("")),
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
fn a_name_may_stand_beside_its_office() {
    for text in [
        "“No,” said the director, Ada Brook.",
        "The director, Ada Brook, said “no”.",
        "Ada Brook, director of the Old Museum, a small one, said “no”.",
        "Ada Brook (Oldtown) said “no”.",
        "The mayor was vague, but Ada Brook said “no”.",
        "At noon, Ada Brook left, saying: “No.”",
        "“No,” said a statement by Ada Brook.",
        "“No,” a statement by Ada Brook said.",
        "Ada Brook - the mayor of Oldtown - said “no”.",
    ] {
        let subjects = subjects(text);
        assert_eq!(subjects.last().map(String::as_str), Some("Ada Brook"), "{text}");
    }
}

#[test]
fn a_description_may_stand_before_the_name_behind_the_verb() {
    for text in [
        "“No,” said the lead author, Ada Brook.",
        "“No,” said its medical director, Ada Brook.",
        "“No,” said the town's man for the old gate, Ada Brook.",
        "As one of them, Ada Brook, said on Monday, “no”.",
    ] {
        assert_eq!(subjects(text), ["Ada Brook"], "{text}");
    }
    assert_eq!(subjects("“No,” said the sculptor Ada Brook."), ["sculptor Ada Brook"]);
    assert_eq!(subjects("“No,” said flight veteran Ada Brook."), ["flight veteran Ada Brook"]);
    assert_eq!(
        subjects("“No,” tweeted her press secretary Ben Hill."),
        ["press secretary Ben Hill"]
    );
    assert_eq!(
        subjects("“No,” write the editors of the Oldtown Post."),
        ["editors of the Oldtown Post"]
    );
    assert_eq!(subjects("“No,” said the old farmer."), ["the old farmer"]);
    assert_eq!(subjects("“No,” said the ending of the film."), ["Unnamed"]);
}

#[test]
fn a_verb_may_begin_the_sentence() {
    assert_eq!(subjects("Said Ada Brook, a poet: “No.”")[0], "Ada Brook");
    assert_eq!(subjects("Asked about it, Brook said “no”."), ["Brook"]);
    assert_eq!(subjects("That said, “no” is an answer."), Vec::<String>::new());
}

#[test]
fn two_names_speak_together() {
    assert_eq!(subjects("Ada Brook and Ben Hill said “no”."), ["Ada Brook and Ben Hill"]);
    assert_eq!(
        subjects("Oldtown Bridge and Gate Adviser Ben Hill said “no”."),
        ["Oldtown Bridge and Gate Adviser Ben Hill"]
    );
}

#[test]
fn verbs_of_going_on_need_a_quotation_beside_them() {
    assert_eq!(subjects("“No,” Brook went on."), ["Brook"]);
    assert_eq!(subjects("Hill warned that Brook continued to “stop the town”."), ["Hill"]);
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
    assert_eq!(subjects("From the Oldtown Post: “We will.”"), ["Oldtown Post"]);
    assert_eq!(subjects("The paper quoted Ada Brook as saying “no”."), ["Ada Brook"]);
    assert_eq!(subjects("Brook was quoted as saying “no”."), ["Brook"]);
    assert_eq!(subjects("It was Ada Brook who said “no”."), ["Ada Brook"]);
}

#[test]
fn pronouns_and_descriptions_are_told_apart() {
    assert_eq!(subjects("“No,” she said."), ["Singular"]);
    assert_eq!(subjects("“No,” said he."), ["Singular"]);
    assert_eq!(subjects("They warned of “no end”."), ["Plural"]);
    assert_eq!(subjects("“No,” the minister said."), ["the minister"]);
    assert_eq!(subjects("“No,” a senior official said."), ["a senior official"]);
    assert_eq!(subjects("“No,” the old farmer said."), ["the old farmer"]);
    assert_eq!(subjects("“No,” the statement continued."), ["paper statement"]);
    assert_eq!(subjects("“No,” it added."), ["Body"]);
}

#[test]
fn a_name_that_is_no_subject_is_not_taken() {
    assert_eq!(subjects("People close to Brook said “no”."), ["Unnamed"]);
    assert_eq!(subjects("The plan called for a “quick end”."), ["Unnamed"]);
    assert_eq!(subjects("Brook’s said “no”."), ["Unnamed"]);
    assert_eq!(subjects("I’ll say it: “No.”"), ["Unnamed"]);
    assert_eq!(subjects("“No,” Polly said."), ["Polly"]);
    assert_eq!(subjects("Brook declined to say “no”."), Vec::<String>::new());
}

#[test]
fn the_opening_subject_needs_a_verb() {
    let opening = |text: &str| match opening_subject(&tokens(text, &(0..text.len()), &[])) {
        Some(Subject::Named(name)) => text.get(name.range).map(str::to_owned),
        _ => None,
    };
    assert_eq!(opening("Brook spoke on Monday.").as_deref(), Some("Brook"));
    assert_eq!(opening("But Ada Brook spoke.").as_deref(), Some("Ada Brook"));
    assert_eq!(opening("On Monday evening, Brook spoke.").as_deref(), Some("Brook"));
    assert_eq!(opening("The mayor, Ada Brook, spoke.").as_deref(), Some("Ada Brook"));
    assert_eq!(opening("Ada Brook, the old mayor, spoke.").as_deref(), Some("Ada Brook"));
    assert_eq!(opening("Brook, Hill and Ford spoke."), None);
    assert_eq!(opening("The gate shut."), None);
}
