//! Contests that come with the request.

use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::analyze_article_request::ContestChoice;

use crate::support::{TestServer, fixture, request, violated_fields};

fn party(id: &str, aliases: &[&str], claims: &[&str]) -> v1::Party {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    v1::Party {
        id: id.into(),
        aliases: owned(aliases),
        claims: owned(claims),
        ..Default::default()
    }
}

/// The contest of `tests/fixtures/contests/dam.toml`, in short.
fn dam() -> v1::Contest {
    let karsova = party(
        "karsova",
        &["Karsova", "Karsovan", "Belgrin"],
        &[
            "The dam brings power to villages that have none and keeps the river regulated in drought.",
            "Filling follows the schedule both states accepted in 2017.",
        ],
    );
    let deshar = party(
        "deshar",
        &["Lower Deshar", "Desharan", "Tamrit"],
        &[
            "Filling in a dry year breaks the rule that neither state may cause significant harm.",
            "Harvests downstream are failing because the river has been cut.",
        ],
    );
    v1::Contest { id: "dam".into(), sides: vec![karsova, deshar], ..Default::default() }
}

fn swapped(mut contest: v1::Contest) -> v1::Contest {
    contest.sides.reverse();
    contest
}

async fn framing(server: &TestServer, text: &str, contest: v1::Contest) -> v1::Framing {
    let mut request = request(text);
    request.contest_choice = Some(ContestChoice::Contest(contest));
    let reply = server.analyze(request).await.expect("answer");
    reply.stance.expect("stance").framing.expect("framing")
}

#[tokio::test]
async fn exchanging_the_sides_changes_the_sign_and_nothing_else() {
    let server = TestServer::on_integers().await;
    let us_russia = || async {
        let mut client = server.client().await;
        let info = client.get_server_info(v1::GetServerInfoRequest {}).await.expect("info");
        info.into_inner().contests[0].contest.clone().expect("contest")
    };
    let cases = [("dam_karsova", dam()), ("dam_deshar", dam()), ("russia", us_russia().await)];
    for (article, contest) in cases {
        let text = fixture(article);
        let there = framing(&server, &text, contest.clone()).await;
        let back = framing(&server, &text, swapped(contest)).await;
        assert_eq!(there.score, -back.score, "{article}");
        assert_eq!(there.label, back.label, "{article}");
        assert_eq!(there.confidence, back.confidence, "{article}");
    }
}

#[tokio::test]
async fn the_sides_of_a_request_are_told_apart() {
    let server = TestServer::start().await;
    let karsova = framing(&server, &fixture("dam_karsova"), dam()).await;
    let deshar = framing(&server, &fixture("dam_deshar"), dam()).await;
    assert!(deshar.score < -0.5, "{}", deshar.score);
    assert!(karsova.score > deshar.score + 0.5, "{} {}", karsova.score, deshar.score);
    assert!(!karsova.contest_calibrated);
}

#[tokio::test]
async fn a_side_without_claims_is_warned_about() {
    let server = TestServer::start().await;
    let mut contest = dam();
    contest.sides[1].claims.clear();
    let mut request = request(fixture("dam_karsova"));
    request.contest_choice = Some(ContestChoice::Contest(contest));
    let reply = server.analyze(request).await.expect("answer");
    let codes: Vec<_> = reply.warnings.iter().map(v1::Warning::code).collect();
    use v1::WarningCode::{ContestNotCalibrated, NoClaims};
    assert_eq!(codes, [ContestNotCalibrated, NoClaims]);
}

#[tokio::test]
async fn the_limits_of_requests_do_not_bind_the_built_in_contest() {
    let server = TestServer::with(&[("limits.max_party_entries", "1".into())]).await;
    let stance = server.analyze(request(fixture("russia"))).await.expect("answer").stance;
    assert_ne!(stance.expect("stance").status(), v1::StanceStatus::Unspecified);
    let mut request = request(fixture("dam_karsova"));
    request.contest_choice = Some(ContestChoice::Contest(dam()));
    let refused = server.analyze(request).await.expect_err("too many entries");
    assert!(
        violated_fields(&refused).contains(&"contest.sides[0].aliases".to_owned()),
        "{refused}"
    );
}

#[tokio::test]
async fn an_affiliation_tells_whose_side_a_speaker_is_on() {
    let server = TestServer::start().await;
    let text = "The dam is full. “Nobody downstream has lost a drop of water,” said Water \
                Directorate chief Ilan Tesser. The Water Directorate counts 40 gates.";
    let voices = async |affiliations: &[&str]| {
        let mut contest = dam();
        contest.sides[0].affiliations = affiliations.iter().map(|&a| a.to_owned()).collect();
        let mut request = request(text);
        request.contest_choice = Some(ContestChoice::Contest(contest));
        let stance = server.analyze(request).await.expect("answer").stance.expect("stance");
        let sides: Vec<String> = stance.voices.into_iter().map(|voice| voice.side).collect();
        let mentions: u32 = stance.targets.iter().map(|target| target.mentions).sum();
        (sides, mentions)
    };
    assert_eq!(voices(&[]).await, (vec![String::new()], 0));
    // In a title it binds the speaker; elsewhere it mentions nobody.
    assert_eq!(voices(&["Water Directorate"]).await, (vec!["karsova".into()], 0));
}
