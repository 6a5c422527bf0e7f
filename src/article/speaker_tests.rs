use super::super::document::Document;
use super::SpeakerBasis::{Described, Named, Pronoun};
use super::*;

/// The speaker of every quotation: name and basis.
fn speakers(text: &str) -> Vec<Option<(String, SpeakerBasis)>> {
    let document = Document::parse(text.to_owned(), None);
    let speaker = |speaker: Speaker| (speaker.name, speaker.basis);
    document.quotations.into_iter().map(|quotation| quotation.speaker.map(speaker)).collect()
}

fn some(name: &str, basis: SpeakerBasis) -> Option<(String, SpeakerBasis)> {
    Some((name.to_owned(), basis))
}

#[test]
fn the_name_beside_the_verb_speaks() {
    let text = "“We will build,” said Deputy Mayor Ada Brook, who runs the town.";
    assert_eq!(speakers(text), [some("Deputy Mayor Ada Brook", Named)]);
}

#[test]
fn a_split_quotation_has_one_speaker() {
    let text = "“Those gates,” Brook said, “will be shut.”";
    assert_eq!(speakers(text), [some("Brook", Named), some("Brook", Named)]);
}

#[test]
fn a_sentence_of_quotation_only_goes_on_with_the_speaker_before() {
    let text = "“It is old,” said Ada Brook. “We will shut it. And soon.” It is 90.";
    assert_eq!(speakers(text), [some("Ada Brook", Named), some("Ada Brook", Named)]);
}

#[test]
fn a_quotation_of_several_sentences_has_the_speaker_of_its_last() {
    let text = "“It is old. We will shut it,” said Ada Brook.";
    assert_eq!(speakers(text), [some("Ada Brook", Named)]);
}

#[test]
fn a_colon_introduces_the_quotation_that_follows() {
    assert_eq!(speakers("Ada Brook warned: \"It is old.\""), [some("Ada Brook", Named)]);
    assert_eq!(speakers("Ada Brook warned the town:\n\"It is old.\""), [some("Ada Brook", Named)]);
}

#[test]
fn a_pronoun_stands_for_the_last_named_person() {
    let text = "“It is old,” said Ada Brook. Oldtown said it was new.\n“It is,” she said.";
    assert_eq!(speakers(text), [some("Ada Brook", Named), some("Ada Brook", Pronoun)]);
}

#[test]
fn a_pronoun_stands_for_a_known_speaker_who_opens_the_paragraph() {
    let text =
        "“No,” said Ada Brook.\n“Yes,” said Ben Hill.\nBrook spoke again. “It is old,” she said.";
    assert_eq!(speakers(text).pop(), Some(some("Brook", Pronoun)));
}

#[test]
fn a_pronoun_does_not_reach_beyond_the_paragraph_before() {
    let text = "“It is old,” said Ada Brook.\nIt rained.\n“It is,” she said.";
    assert_eq!(speakers(text).pop(), Some(None));
}

#[test]
fn a_person_behind_the_verb_of_a_clause_without_marks_speaks() {
    let text =
        "The bridge is old, says Ada Brook, the mayor of Oldtown.\n“It leaks. It sways,” she says.";
    assert_eq!(speakers(text), [some("Ada Brook", Pronoun)]);
    let accused = "A group of the north, in a note that was read out late, accused Ada Brook, the envoy. “It is old.”";
    assert_ne!(speakers(accused), [some("Ada Brook", Named)]);
    let reported = "It rained, said Ada Brook was wrong. “It is old.”";
    assert_eq!(speakers(reported), [None]);
}

#[test]
fn what_stands_between_a_person_and_the_verb_hides_nobody() {
    let home = "“It is old,” Sen. Ada Brook (R) of North Norland said on Sunday.";
    assert_eq!(speakers(home), [some("Sen. Ada Brook", Named)]);
    let spokesman = "A spokesman for Ada Brook (R) of North Norland said: “It is old.”";
    assert_eq!(speakers(spokesman), [some("spokesman for Ada Brook", Named)]);
    let reflexive = "Ada Brook herself said in 2031: “It is old.”";
    assert_eq!(speakers(reflexive), [some("Ada Brook", Named)]);
}

#[test]
fn a_description_stands_for_the_only_person_in_reach() {
    let one = "“No,” said Ada Brook.\n“It is old,” the mayor said.";
    assert_eq!(speakers(one).pop(), Some(some("Ada Brook", Pronoun)));
    let two = "“No,” said Ada Brook. “Yes,” said Ben Hill.\n“It is old,” the mayor said.";
    assert_eq!(speakers(two).pop(), Some(some("mayor", Described)));
    let titled = "“No,” said Mayor Ada Brook. “Yes,” said Ben Hill.\n“It is,” the mayor said.";
    assert_eq!(speakers(titled).pop(), Some(some("Mayor Ada Brook", Pronoun)));
}

#[test]
fn a_title_alone_stands_for_whom_it_begins_the_name_of() {
    let text = "President Ada Brook met Norland President Ben Hill.\n\
        “No,” said Ford.\n“Yes,” said Dale.\nIt rained.\n“It is old,” the president said.";
    assert_eq!(speakers(text).pop(), Some(some("President Ada Brook", Pronoun)));
    let office = "A Norland council spokesman said it rained. Ada Brook left.\n\
        “No,” said Ford.\n“It is old,” the spokesman said.";
    assert_eq!(speakers(office).pop(), Some(some("Norland council spokesman", Pronoun)));
}

#[test]
fn a_pronoun_stands_for_the_only_person_mentioned_where_nobody_spoke() {
    let one = "I stood beside a teacher, Ada Brook. “It is old,” she said.";
    assert_eq!(speakers(one), [some("Ada Brook", Pronoun)]);
    let two = "I stood beside Ada Brook and Ben Hill. “It is old,” she said.";
    assert_eq!(speakers(two), [None]);
}

#[test]
fn a_name_alone_behind_a_quotation_signs_it() {
    for text in [
        "“It is old. We will build.” — Ada Brook, Oldtown Post",
        "“It is old. We will build.” Ada Brook (Oldtown Post).",
        "“It is old. We will build”. – Ada Brook.",
    ] {
        assert_eq!(speakers(text), [some("Ada Brook", Named)], "{text}");
    }
    assert_eq!(speakers("“It is old. We will build.” Ada Brook left."), [None]);
}

#[test]
fn a_body_is_no_person() {
    let text = "“It is old,” said Ada Brook. The Norland Foreign Ministry said it was new.\n\
        “It is,” she said. “It is not,” it added.";
    let ministry = some("Norland Foreign Ministry", Pronoun);
    assert_eq!(speakers(text).split_off(1), [some("Ada Brook", Pronoun), ministry]);
}

#[test]
fn a_paragraph_of_quotation_is_said_by_whom_the_sentence_before_begins_with() {
    let text = "“No,” said Ada Brook.\nBrook blamed the town.\n“It never paid for the gate.”";
    assert_eq!(speakers(text).pop(), Some(some("Brook", Named)));
    let clause = "“No,” said Ada Brook.\nAs Brook spoke, the town slept.\n“It never paid.”";
    assert_eq!(speakers(clause).pop(), Some(None));
}

#[test]
fn a_sentence_that_begins_with_a_quotation_goes_on() {
    let text = "“It is old,” said Ada Brook. “We will build a new one” and “soon enough for you”.";
    assert_eq!(speakers(text).pop(), Some(some("Ada Brook", Named)));
}

#[test]
fn a_paragraph_that_no_mark_closes_hands_its_speaker_on() {
    let text = "Ada Brook said: “It is old.\n“We will shut it.”\n“And soon.”";
    assert_eq!(
        speakers(text),
        [some("Ada Brook", Named), some("Ada Brook", Named), some("Ada Brook", Named)]
    );
}

#[test]
fn a_quotation_that_nobody_is_said_to_say_has_no_speaker() {
    let text = "“It is old,” said Ada Brook.\nThe town has an “open gate” policy.\n“So be it.”";
    assert_eq!(speakers(text).split_off(1), [None, None]);
}

#[test]
fn the_nearest_verb_decides_in_a_sentence_with_two() {
    let text = "Brook said it was “old and grey here” but Hill called it “new and bright there”.";
    assert_eq!(speakers(text), [some("Brook", Named), some("Hill", Named)]);
}

#[test]
fn an_unnamed_source_is_not_given_a_name() {
    let text = "“No,” said Ada Brook. “It is old,” a senior official said.";
    assert_eq!(speakers(text).pop(), Some(some("senior official", Described)));
}

#[test]
fn a_paragraph_of_quotation_goes_on_with_the_speaker_before() {
    let text = "Ada Brook said it was old.\n“We will shut it.”\nIt rained.\n“No more.”";
    assert_eq!(speakers(text), [some("Ada Brook", Named), None]);
}

#[test]
fn the_subject_of_a_sentence_says_what_is_quoted_in_it() {
    let text = "Ada Brook was clear in her letter: “It is old,” full of “holes and cracks”.";
    assert_eq!(speakers(text), [some("Ada Brook", Named), some("Ada Brook", Named)]);
}

#[test]
fn a_pronoun_that_stands_for_a_name_brings_it_into_reach() {
    let text = "“It is old,” said Ada Brook.\n“It is,” she said.\nNorth Bank\n\
        “It was,” she said.";
    assert_eq!(speakers(text).pop(), Some(some("Ada Brook", Pronoun)));
}
