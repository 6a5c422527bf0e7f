use super::*;
use proptest::prelude::*;

use crate::contest::{ContestDraft, ContestLimits, PartyDraft};

fn contest() -> Contest {
    let party = |id: &str, aliases: &[&str], people: &[&str]| PartyDraft {
        id: id.into(),
        aliases: aliases.iter().map(|&alias| alias.into()).collect(),
        people: people.iter().map(|&person| person.into()).collect(),
        ..PartyDraft::default()
    };
    let draft = ContestDraft {
        id: "dam".into(),
        sides: vec![
            party("up", &["Norland", "US", "the ministry", "River Board"], &["Ada Brink"]),
            party("down", &["Sudland", "River Board"], &[]),
        ],
        ..ContestDraft::default()
    };
    let limits = ContestLimits { party_entries: 10, third_parties: 10 };
    Contest::parse(draft, limits, "contest").expect("valid")
}

fn found(text: &str) -> Vec<(String, usize)> {
    let document = Document::parse(text.to_owned(), None);
    let mentions = MentionFinder::new(&contest()).find(&document);
    mentions
        .into_iter()
        .map(|mention| {
            let sentence = document.sentence_text(&document.sentences[mention.sentence]);
            (
                sentence.get(mention.bytes).expect("bytes of the sentence").to_owned(),
                mention.party.0,
            )
        })
        .collect()
}

#[test]
fn names_are_whole_words_and_keep_their_case() {
    let text = "Norland's minister told us that the USB port of Norlandia is not in the US.";
    assert_eq!(found(text), [("Norland".into(), 0), ("US".into(), 0)]);
}

#[test]
fn a_surname_counts_after_the_full_name_was_printed() {
    assert_eq!(found("Brink spoke at length."), []);
    let both = [("Brink".to_owned(), 0), ("Ada Brink".to_owned(), 0)];
    assert_eq!(found("Brink spoke at length. Ada Brink then left the room."), both);
}

#[test]
fn a_name_of_two_parties_tells_nothing() {
    assert_eq!(found("The River Board met in Sudland."), [("Sudland".into(), 1)]);
}

#[test]
fn an_alias_may_start_a_sentence() {
    assert_eq!(found("The ministry refused to comment."), [("The ministry".into(), 0)]);
}

/// The mentions in a text of a contest whose names are parts of many others.
fn trapped(text: &str) -> Vec<String> {
    mentions_of(
        r#"
        id = "capitals"
        sides = [
            { id = "west", aliases = [
                { name = "Washington", not_before = ["state", "State"] }, "US", "America",
                { name = "the West", not_before = ["Bank", "Coast"] }, "Trump",
            ], people = ["Donald Trump"] },
            { id = "east", aliases = ["Moscow", "Russia", "Kremlin"], people = ["Igor Petrenko"] },
        ]"#,
        text,
    )
}

fn mentions_of(toml: &str, text: &str) -> Vec<String> {
    let draft: ContestDraft = toml::from_str(toml).expect("a draft");
    let limits = ContestLimits { party_entries: 10, third_parties: 10 };
    let contest = Contest::parse(draft, limits, "contest").expect("valid");
    let document = Document::parse(text.to_owned(), None);
    let mentions = MentionFinder::new(&contest).find(&document).into_iter();
    mentions
        .map(|mention| {
            let sentence = document.sentence_text(&document.sentences[mention.sentence]);
            sentence[mention.bytes].to_owned()
        })
        .collect()
}

#[test]
fn names_that_mean_somebody_else_are_no_mentions() {
    for text in [
        "The bridge in Washington state was closed by George Washington himself.",
        "Booker T. Washington is quoted in the Washington Post and the Moscow Times.",
        "He moved from Moscow, Idaho, to Moscow Street beside Washington University.",
        "Melania Trump arrived from the West Bank by way of Latin America.",
        "They told us that nothing had happened.",
    ] {
        assert_eq!(trapped(text), [""; 0], "{text}");
    }
}

#[test]
fn names_beside_harmless_words_are_mentions() {
    assert_eq!(trapped("Washington, Moscow and a Post Office."), ["Washington", "Moscow"]);
    assert_eq!(trapped("The US-led talks bored the West."), ["US", "the West"]);
    assert_eq!(trapped("Donald J. Trump met Donald Trump."), ["Trump", "Donald Trump"]);
}

#[test]
fn possessives_and_demonyms_are_mentions() {
    let text = "Russia’s envoy, two Russians and an American spoke of Moscow's troops.";
    assert_eq!(trapped(text), ["Russia", "Russians", "American", "Moscow"]);
}

#[test]
fn capitals_do_not_hide_a_name_and_do_not_make_one() {
    let headline = "IGOR PETRENKO OF THE KREMLIN TELLS US NOTHING";
    assert_eq!(trapped(headline), ["IGOR PETRENKO", "KREMLIN"]);
    assert_eq!(trapped("US SENDS THE US NAVY HOME"), ["US", "US"]);
}

#[test]
fn a_longer_name_that_is_no_whole_word_does_not_hide_a_shorter_one() {
    let toml = r#"
        id = "isles"
        sides = [{ id = "n", aliases = ["North", "North Isle"] }, { id = "s", aliases = ["South"] }]"#;
    assert_eq!(
        mentions_of(toml, "North Isleworth is far from North Isle."),
        ["North", "North Isle"]
    );
}

#[test]
fn a_derived_form_gives_way_to_a_stated_one() {
    let toml = r#"
        id = "isles"
        sides = [{ id = "n", aliases = ["Korva"] }, { id = "s", aliases = ["Korvans"] }]"#;
    let draft: ContestDraft = toml::from_str(toml).expect("a draft");
    let limits = ContestLimits { party_entries: 10, third_parties: 10 };
    let contest = Contest::parse(draft, limits, "contest").expect("valid");
    let parties = MentionFinder::new(&contest).parties_in("A Korvan met the Korvans.");
    assert_eq!(parties, [(PartyIndex(0), NameKind::Alias), (PartyIndex(1), NameKind::Alias)]);
}

#[test]
fn an_affiliation_counts_in_titles_only_and_gives_way_to_what_mentions_a_party() {
    let toml = r#"
        id = "isles"
        [[sides]]
        id = "n"
        aliases = ["Korva", "the nurses"]
        affiliations = ["Lund", "Lund Institute", { name = "Guild", not_after = ["Old"] }]
        [[sides]]
        id = "s"
        aliases = ["Lund"]"#;
    let draft: ContestDraft = toml::from_str(toml).expect("a draft");
    let limits = ContestLimits { party_entries: 10, third_parties: 10 };
    let finder = MentionFinder::new(&Contest::parse(draft, limits, "contest").expect("valid"));
    let text = "The Guild and a nurse of Korva met at the Lund Institute.";
    let document = Document::parse(text.to_owned(), None);
    let mentions: Vec<usize> =
        finder.find(&document).into_iter().map(|mention| mention.party.0).collect();
    assert_eq!(mentions, [0, 1]);
    let (n, s) = (PartyIndex(0), PartyIndex(1));
    assert_eq!(finder.parties_in("Guild chair"), [(n, NameKind::Affiliation)]);
    assert_eq!(finder.parties_in("Old Guild chair"), []);
    assert_eq!(
        finder.parties_in("a nurse at Lund"),
        [(n, NameKind::Affiliation), (s, NameKind::Alias)]
    );
    assert_eq!(finder.parties_in("fellow of the Lund Institute"), [(n, NameKind::Affiliation)]);
}

#[test]
fn hostile_texts_take_no_longer_than_others() {
    let started = std::time::Instant::now();
    for unit in ["US ", "THE WEST-", "Donald. ", "Washington", "T. Washington,", "- "] {
        let _ = trapped(&unit.repeat(500_000 / unit.len()));
    }
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn mentions_slice_and_do_not_depend_on_the_order_of_the_sides(
        text in "(Brink |Ada |US |us |the |THE |Norland|Sudland|River Board|n |s |[.,-]|\\PC){0,30}",
    ) {
        let contest = contest();
        let mut swapped = contest.clone();
        swapped.sides.reverse();
        let parties = |contest: &Contest| MentionFinder::new(contest).parties_in(&text);
        let exchanged: Vec<_> = parties(&swapped)
            .into_iter()
            .map(|(party, kind)| (PartyIndex(1 - party.0), kind))
            .collect();
        prop_assert_eq!(parties(&contest), exchanged);
        prop_assert_eq!(found(&text).iter().filter(|(name, _)| name.is_empty()).count(), 0);
    }
}
