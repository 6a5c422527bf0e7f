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
        "President Carl Reed's Russian envoy counted 1,500 boats for $40 million on 6 March.",
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
        [MissingFact::Number("18".into()), MissingFact::Number("45".into())]
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
