use super::*;

const TEXT: &str = "ARDEN, 6 March 2021 (Valley Wire) — The U.S. envoy, President Ada F. Brook of Norland and Deputy \
    Foreign Minister Carl Reed met on Monday. Officials counted 1,500 boats, $40 million and an F-16. \
    “We won’t sell,” Reed’s spokesman said at 10:30. The Russians left for Moscow. Hill stayed.";

fn missing(sentence: &str) -> Vec<MissingFact> {
    Facts::of(TEXT).missing(sentence)
}

fn name(printed: &str) -> MissingFact {
    MissingFact::Name(printed.into())
}

#[test]
fn what_the_text_says_is_not_missing() {
    for sentence in [
        TEXT,
        "Officials met Brook, Ada Brook and President Brook in Arden.",
        "Minister Carl Reed's Russian envoy counted 1,500 boats for $40 million on 6 March.",
        "US envoys left at 10:30 on Monday with one F-16.",
        "Boats left.",
    ] {
        assert_eq!(missing(sentence), [], "{sentence}");
    }
}

#[test]
fn a_number_counts_with_its_unit() {
    assert_eq!(missing("It cost 40 million."), [MissingFact::Number("40 million".into())]);
    assert_eq!(missing("They counted 1,600 boats."), [MissingFact::Number("1,600".into())]);
    assert_eq!(
        missing("An F-18 left at 10:45."),
        [
            MissingFact::Number("18".into()),
            MissingFact::Number("10".into()),
            MissingFact::Number("45".into())
        ]
    );
}

#[test]
fn a_date_counts_as_a_whole() {
    let date = |printed: &str| MissingFact::Date(printed.into());
    assert_eq!(missing("They met on Tuesday."), [date("Tuesday")]);
    assert_eq!(missing("They met on 6 April."), [date("6"), date("April")]);
}

#[test]
fn a_name_counts_as_a_whole() {
    assert_eq!(missing("The envoy Ada Reed left."), [name("Ada Reed")]);
    assert_eq!(missing("Carl Brook left with Dale."), [name("Carl Brook"), name("Dale")]);
    assert_eq!(missing("Dale left."), [name("Dale")]);
    // Two people whose names stand side by side at a sentence's end are not one.
    assert_eq!(missing("Moscow Hill stayed."), [name("Moscow Hill")]);
}

#[test]
fn a_false_number_or_date_is_found() {
    let cases = [
        ("Two million people fled.", "One million people fled."),
        ("Three people were killed in Arden.", "One person was killed in Arden."),
        ("Several hundred people died.", "Several thousand people died."),
        ("Hundreds of people left.", "In Arden thousands left."),
        ("The third attack hit Arden.", "Arden saw the second attack."),
        ("The truce began on May 9. 12 people were killed.", "The truce began on May 12."),
        ("Monday, 6 March. The vote is in April.", "They met on Monday, 6 April."),
        ("It began in March 2014 and ended in February 2022.", "It began in March 2022."),
        ("An F-16 left. 35 men stayed.", "An F-35 left."),
        ("They met at 10:30. 45 people came.", "They met at 10:45."),
        ("It was 5 degrees.", "It was -5 degrees."),
    ];
    for (text, sentence) in cases {
        assert_ne!(Facts::of(text).missing(sentence), [], "{sentence}");
        assert_eq!(Facts::of(text).missing(text), [], "{text}");
    }
}

#[test]
fn a_false_name_is_found() {
    let cases = [
        ("President Ada Brook met Prime Minister Carl Reed.", "Prime Minister Brook met Reed."),
        ("Joe Hill Meets Ada Brook", "Joe Brook left."),
        ("BROOK MEETS REED IN ARDEN", "Brook Reed stayed."),
        ("The Bank of Norland and Sudland agreed.", "The Bank of Sudland agreed."),
    ];
    for (text, sentence) in cases {
        assert_ne!(Facts::of(text).missing(sentence), [], "{sentence}");
        assert_eq!(Facts::of(text).missing(text), [], "{text}");
    }
}

#[test]
fn an_honest_form_is_no_other_fact() {
    let cases = [
        ("Ada Brook, the prime minister, left.", "Prime Minister Ada Brook left."),
        ("They met on Monday, 6 March 2021.", "On 6 March they met."),
        (
            "Repairs would cost $4 million, said Brook.",
            "Brook said: “Repairs would cost $4 million.”",
        ),
    ];
    for (text, sentence) in cases {
        assert_eq!(Facts::of(text).missing(sentence), [], "{sentence}");
    }
}

#[test]
fn many_words_of_a_name_take_linear_time() {
    let text = format!("Brook. {}", "Ada ".repeat(100_000));
    assert_eq!(Facts::of(&text).missing("The envoy Ada Brook left."), [name("Ada Brook")]);
}
