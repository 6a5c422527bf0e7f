use super::*;

const LIMITS: ContestLimits = ContestLimits { party_entries: 4, third_parties: 2 };

fn party(id: &str) -> PartyDraft {
    PartyDraft {
        id: id.into(),
        aliases: vec![id.to_uppercase().as_str().into()],
        ..PartyDraft::default()
    }
}

fn draft() -> ContestDraft {
    ContestDraft {
        id: "dam".into(),
        sides: vec![party("upstream"), party("downstream")],
        ..ContestDraft::default()
    }
}

fn fields(draft: ContestDraft) -> Vec<String> {
    let violations = Contest::parse(draft, LIMITS, "contest").expect_err("violations");
    violations.into_iter().map(|violation| violation.field).collect()
}

#[test]
fn a_small_contest_is_valid() {
    let contest = Contest::parse(draft(), LIMITS, "contest").expect("valid");
    assert_eq!(contest.side(Side::Second).id, "downstream");
}

#[test]
fn all_violations_are_reported_at_once() {
    let mut bad = draft();
    bad.id = "Dam Dispute".into();
    bad.sides[0].aliases = vec!["...".into()];
    bad.sides[1].claims = vec!["x".repeat(501)];
    assert_eq!(
        fields(bad),
        ["contest.id", "contest.sides[0].aliases[0]", "contest.sides[1].claims[0]"]
    );
}

#[test]
fn ten_thousand_sides_are_one_violation() {
    let mut bad = draft();
    bad.sides = vec![party("side"); 10_000];
    assert_eq!(fields(bad), ["contest.sides"]);
}

#[test]
fn an_alias_of_a_file_may_carry_a_guard() {
    let toml = r#"
        id = "dam"
        sides = [
            { id = "up", aliases = ["Upland", { name = "Lune", not_before = ["Post"] }] },
            { id = "down", aliases = [{ name = "Low", not_after = ["..."] }] },
        ]"#;
    let draft: ContestDraft = toml::from_str(toml).expect("a draft");
    let violations = Contest::parse(draft.clone(), LIMITS, "f").expect_err("a guard of dots");
    assert_eq!(violations[0].field, "f.sides[1].aliases[0].not_after[0]");

    let mut draft = draft;
    draft.sides[1].aliases = vec!["Low".into()];
    let contest = Contest::parse(draft, LIMITS, "f").expect("valid");
    let up = contest.side(Side::First);
    assert_eq!(up.aliases, ["Upland", "Lune"]);
    assert_eq!(up.guards.keys().collect::<Vec<_>>(), ["Lune"]);
    assert_eq!(up.guards["Lune"].not_before, ["Post"]);
}

#[test]
fn affiliations_are_checked_as_aliases_are() {
    let mut bad = draft();
    bad.sides[0].affiliations = vec!["...".into()];
    bad.sides[1].affiliations = vec!["Mayor".into(); 5];
    assert_eq!(fields(bad), ["contest.sides[0].affiliations[0]", "contest.sides[1].affiliations"]);
    let mut good = draft();
    good.sides[0].affiliations = vec!["Mayor".into()];
    let contest = Contest::parse(good, LIMITS, "contest").expect("valid");
    assert_eq!(contest.side(Side::First).affiliations, ["Mayor"]);
}

#[test]
fn a_party_id_is_used_once() {
    let mut bad = draft();
    bad.third_parties = vec![party("upstream")];
    assert_eq!(fields(bad), ["contest.sides"]);
}

#[test]
fn a_side_needs_a_name_to_be_found_by() {
    let mut bad = draft();
    bad.sides[0].aliases.clear();
    assert_eq!(fields(bad), ["contest.sides[0].aliases"]);
}
