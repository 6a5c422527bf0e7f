use super::*;
use crate::contest::{Contest, ContestDraft, ContestLimits, PartyDraft};

fn finder() -> MentionFinder {
    let party = |id: &str, alias: &str, affiliations: &[&str]| PartyDraft {
        id: id.into(),
        aliases: vec![alias.into()],
        affiliations: affiliations.iter().map(|&word| word.into()).collect(),
        ..PartyDraft::default()
    };
    let sides = vec![
        party("up", "Norland", &["Sen.", "N-", "Dam Institute", "Ada Vik", "Jan M. Roth"]),
        party("down", "Sudland", &[]),
    ];
    let draft = ContestDraft { id: "dam".into(), sides, ..ContestDraft::default() };
    let limits = ContestLimits { party_entries: 10, third_parties: 10 };
    MentionFinder::new(&Contest::parse(draft, limits, "contest").expect("valid"))
}

/// The party of the speaker of each quotation.
fn sides(text: &str) -> Vec<Option<usize>> {
    let document = Document::parse(text.into(), None);
    let speakers = SpeakerSides::of(&document, &finder());
    let names = document.quotations.iter().filter_map(|quotation| quotation.speaker.as_ref());
    names.map(|speaker| speakers.party(&speaker.name).map(|party| party.0)).collect()
}

/// The party of the one speaker of "No".
#[track_caller]
fn assert_side(saying: &str, party: Option<usize>) {
    assert_eq!(sides(&format!("\"No, never,\" {saying}")), [party], "{saying}");
}

#[test]
fn an_affiliation_before_or_behind_the_name_binds_the_speaker() {
    assert_side("said Norland spokesman Jan Oster.", Some(0));
    assert_side("said Ida Lund, Sudland's envoy to Norland, on Monday.", Some(1));
    assert_side("said Ida Lund, who oversaw dams for Sudland.", Some(1));
    assert_side("said Ida Lund, the U.S. head of the Sudland office.", Some(1));
    assert_side("said Ida Lund of the Sudland Board.", Some(1));
}

#[test]
fn a_surname_is_bound_for_the_rest_of_the_article() {
    let text = "\"We will not yield,\" said Norland spokesman Jan Oster.\n\
        \"Not now and not ever,\" Oster said.\nOSTER: \"Not ever, I tell you.\"";
    assert_eq!(sides(text), [Some(0), Some(0), Some(0)]);
}

#[test]
fn a_speaker_without_affiliation_belongs_to_nobody() {
    assert_side("said Eva Holm, a baker.", None);
    assert_side("said Eva Holm of the Oldtown Post, who thinks that Norland is right.", None);
    assert_side("said Eva Holm, a baker based in Norland.", None);
}

#[test]
fn words_of_the_contest_tell_an_affiliation_and_an_initial_hides_none() {
    assert_side("said Sen. Eva Holm.", Some(0));
    assert_side("said Ada B. Vik.", Some(0));
    assert_side("said Jan M. Roth.", Some(0));
}

#[test]
fn a_note_behind_the_name_tells_an_affiliation() {
    assert_side("said Eva Holm (N-Oldtown).", Some(0));
    assert_side("said Eva Holm, N-Oldtown, on Monday.", Some(0));
    assert_side("said Eva Holm (IN-Oldtown).", None);
    assert_side("said Eva Holm, N-14 pilot.", None);
    assert_side("said Eva Holm (left, with a Norland minister).", None);
    assert_side("said Eva Holm (54), a Norland minister.", Some(0));
}

#[test]
fn an_envoy_is_not_of_the_party_to_which_he_is_sent() {
    assert_side("said Ida Lund, a former ambassador to Sudland.", None);
    assert_side("said Norland's Ambassador to Sudland Ida Lund.", Some(0));
    assert_side("said Ida Lund, Sudland's envoy to the Dam Institute.", Some(1));
    assert_side("said Ida Lund, a former envoy to Norland for Sudland.", Some(1));
    assert_side("said Ida Lund, a columnist and former envoy to the Dam Institute.", None);
}

#[test]
fn an_observer_belongs_to_where_he_works_and_a_witness_to_nobody() {
    assert_side("said Eva Holm, an expert on Sudland at the Dam Institute.", Some(0));
    assert_side("said Eva Holm, a Sudland analyst.", None);
    assert_side("said Eva Holm, a columnist with the Norland Daily.", None);
}

#[test]
fn a_place_or_body_before_the_clause_is_no_office() {
    assert_eq!(sides("In Norland, Eva Holm said, \"No, never.\""), [None]);
    assert_eq!(sides("Angry with the Norland army, Holm said, \"No, never.\""), [None]);
}

#[test]
fn a_possessive_stands_for_the_body_named_before() {
    let before = "Norland has its doubts. \"No, never,\" said its director, Eva Holm.";
    assert_eq!(sides(before), [Some(0)]);
    let office = "Norland's envoy, Eva Holm, left. \"No, never,\" Holm's office said.";
    assert_eq!(sides(office), [Some(0)]);
    let led = "The Sudland team, led by Eva Holm, left. \"No, never,\" Holm said.";
    assert_eq!(sides(led), [Some(1)]);
    let other = "The office of Norland has doubts. \"No, never,\" said its director, Eva Holm.";
    assert_eq!(sides(other), [None]);
}
