//! Articles of one story against each other.

use parallax::grpc::proto::v1;
use parallax::grpc::proto::v1::compare_articles_request::ContestChoice;

use crate::support::{TestServer, fixture, violated_fields};

fn article(id: &str, text: impl Into<String>) -> v1::Article {
    v1::Article { id: id.into(), text: text.into(), ..Default::default() }
}

async fn compare(
    server: &TestServer,
    articles: Vec<v1::Article>,
) -> Result<v1::CompareArticlesResponse, tonic::Status> {
    let request = v1::CompareArticlesRequest { articles, ..Default::default() };
    server.client().await.compare_articles(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_copy_is_found_with_what_was_altered_in_it() {
    let server = TestServer::start().await;
    let original = fixture("us_nato");
    let altered =
        original.replace("20,000 tonnes", "30,000 tonnes").replace("large dog", "small dog");
    assert_ne!(original, altered);
    let articles = vec![
        article("original", original.as_str()),
        article("altered", altered.as_str()),
        article("other", fixture("fell_race")),
    ];
    let reply = compare(&server, articles).await.expect("comparison");
    let near: Vec<_> = reply
        .pairs
        .iter()
        .filter(|pair| pair.near_duplicate)
        .map(|pair| (pair.first_index, pair.second_index))
        .collect();
    assert_eq!(near, [(0, 1)]);
    let pair = reply.pairs.iter().find(|pair| pair.near_duplicate).expect("pair");
    assert!(pair.similarity > 0.8 && pair.similarity < 1.0, "{}", pair.similarity);
    let number = &pair.altered_numbers[0];
    assert!(number.first_text.contains("20,000") && number.second_text.contains("30,000"));
    let span = number.second.expect("span");
    let slice = &altered[span.start_byte as usize..span.end_byte as usize];
    assert_eq!(slice, number.second_text);
    let quotation = &pair.altered_quotations[0];
    assert!(quotation.first_text.contains("large dog"), "{quotation:?}");
    assert!(quotation.second_text.contains("small dog"), "{quotation:?}");

    let ids: Vec<_> = reply.framings.iter().map(|framing| framing.article_id.as_str()).collect();
    assert_eq!(ids, ["original", "altered", "other"]);
    let status = |index: usize| reply.framings[index].stance.as_ref().expect("stance").status();
    assert_eq!(status(2), v1::StanceStatus::NotApplicable);
    assert_ne!(status(0), v1::StanceStatus::NotApplicable);
}

#[tokio::test]
async fn the_violations_of_all_articles_come_at_once() {
    let server = TestServer::start().await;
    let articles = vec![article("a", ""), article("b", "Text."), article("c", "")];
    let status = compare(&server, articles).await.expect_err("invalid");
    assert_eq!(violated_fields(&status), ["articles[0].text", "articles[2].text"]);
}

#[tokio::test]
async fn a_comparison_takes_two_articles_and_no_more_than_the_limit() {
    let server = TestServer::start().await;
    for count in [0, 1, 17] {
        let articles = vec![article("a", "Some text."); count];
        let status = compare(&server, articles).await.expect_err("invalid");
        assert_eq!(violated_fields(&status), ["articles"]);
    }
}

#[tokio::test]
async fn an_unknown_contest_is_told_once() {
    let server = TestServer::start().await;
    let request = v1::CompareArticlesRequest {
        articles: vec![article("a", "Some text."); 3],
        contest_choice: Some(ContestChoice::ContestId("cats-dogs".into())),
    };
    let status = server.client().await.compare_articles(request).await.expect_err("invalid");
    assert_eq!(violated_fields(&status), ["contest_id"]);
}
