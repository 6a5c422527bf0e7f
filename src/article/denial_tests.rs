use super::*;

#[track_caller]
fn assert_denied(sentence: &str, cue: &str, content: &str) {
    let found = denied(sentence).map(|found| {
        let slice = |range: Range<usize>| sentence.get(range).unwrap_or("").to_owned();
        (slice(found.cue), slice(found.content))
    });
    assert_eq!(found, Some((cue.to_owned(), content.to_owned())), "{sentence}");
}

#[test]
fn a_denial_denies_what_follows() {
    assert_denied("Oldtown denied that it shut the gate.", "denied that", "it shut the gate");
    assert_denied("The mayor denies shutting the gate.", "denies", "shutting the gate");
    assert_denied("She has denied any role, saying “no”.", "denied", "any role");
    assert_denied("He denied the gate was shut.", "denied", "the gate was shut");
    assert_denied("They denied claims that it leaks badly.", "denied claims", "it leaks badly");
}

#[test]
fn a_denial_denies_what_stands_before() {
    let claim = "They say that Oldtown shut the gate";
    assert_denied(
        &format!("{claim}, a charge the mayor denies."),
        "charge the mayor denies",
        claim,
    );
    assert_denied(
        &format!("{claim} — accusations the town has rejected."),
        "accusations the town has rejected",
        claim,
    );
    assert_denied("That the gate leaks is not true.", "not true", "That the gate leaks is");
}

#[test]
fn claims_are_rejected() {
    assert_denied(
        "Brook rejects the accusation that she shut the gate.",
        "rejects the accusation",
        "she shut the gate",
    );
    assert_denied("Hill dismissed the plan as mere propaganda.", "dismissed", "the plan");
}

#[test]
fn evidence_may_be_wanting() {
    assert_denied(
        "There is no evidence that it leaks badly.",
        "no evidence that",
        "it leaks badly",
    );
    assert_denied("There is no truth to the report.", "no truth to", "the report");
    assert_denied("He accused her without proof.", "without proof", "He accused her");
}

#[test]
fn claims_are_called_false() {
    assert_denied(
        "It spread the false claim that it leaks badly.",
        "false claim",
        "it leaks badly",
    );
    assert_denied("Hill claims falsely that it leaks badly.", "claims falsely", "it leaks badly");
    assert_denied("Hill falsely claims that it leaks badly.", "falsely claims", "it leaks badly");
    assert_denied(
        "It is spreading propaganda claiming it leaks badly.",
        "propaganda claiming",
        "it leaks badly",
    );
    assert_denied("It repeats the myth that it leaks badly.", "myth that", "it leaks badly");
}

#[test]
fn who_denies_is_found_beside_the_verb() {
    let sentence = "Mayor Ada Brook denied that the gate leaks.";
    let by = denied(sentence).and_then(|found| found.by);
    assert_eq!(by.and_then(|by| sentence.get(by)), Some("Mayor Ada Brook"));
    assert_eq!(denied("She denied that the gate leaks.").and_then(|found| found.by), None);
}

#[test]
fn things_that_are_withheld_are_not_denied() {
    for sentence in [
        "They were denied entry to the town.",
        "The plan would deny safe haven to smugglers.",
        "Oldtown denied them a permit.",
        "Oldtown denies this.",
        "They rejected a claim from a woman of 91.",
        "He has no basis in law.",
        "The false statements were made on Monday.",
        "It fights disinformation that divides the town.",
        "",
    ] {
        assert_eq!(denied(sentence), None, "{sentence}");
    }
}

#[test]
fn a_million_denials_are_read() {
    for part in ["denied ", "no evidence ", "a claim denied, ", "dismissed as ", "— "] {
        let text = part.repeat(1_000_000 / part.len());
        if let Some(found) = denied(&text) {
            assert!(found.cue.end <= text.len() && found.content.end <= text.len());
        }
    }
}
