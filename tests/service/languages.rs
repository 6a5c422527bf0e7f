//! What the model was not made for is not judged.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, request};

#[tokio::test]
async fn a_russian_text_is_not_judged() {
    let server = TestServer::start().await;
    let text = "Городской совет собрался в понедельник, чтобы обсудить ремонт старого моста. \
        Жители соседних улиц жалуются на шум и пыль. Работы продлятся до следующей весны.";
    let reply = server.analyze(request(text)).await.expect("answer");
    let document = reply.document.expect("document");
    assert_eq!(document.language.expect("language").code, "ru");
    assert_eq!(document.sentence_count, 3);
    let stance = reply.stance.expect("stance");
    assert_eq!(stance.status(), v1::StanceStatus::UnsupportedLanguage);
    assert_eq!(stance.framing, None);
    assert_eq!(reply.warnings[0].code(), v1::WarningCode::LanguageUnsupported);
    assert_eq!(reply.coverage.expect("coverage").processed, 0);
}
