//! HTML is read between its tags, and spans point into it.

use parallax::grpc::proto::v1;

use crate::support::{TestServer, request};

#[tokio::test]
async fn spans_of_a_page_point_into_its_html() {
    let server = TestServer::start().await;
    let html = "<html><head><title>Bridge</title><script>var x = 'Not text.';</script></head><body>\
        <nav><a href='/'>Home</a></nav><h1>Two towns argue over a bridge</h1>\
        <p>The council of <b>Arden</b> closed the bridge on Monday &amp; nobody was told.</p>\
        <p>&ldquo;It was not safe any more,&rdquo; said Ada Brook, the mayor.</p></body></html>";
    let mut page = request(html);
    page.article.as_mut().expect("article").format = v1::TextFormat::Html.into();
    let reply = server.analyze(page).await.expect("answer");
    let summary = reply.summary.expect("summary").sentences;
    assert_eq!(
        summary[0].text,
        "The council of Arden closed the bridge on Monday & nobody was told."
    );
    let span = summary[0].span.expect("span");
    let slice = &html[span.start_byte as usize..span.end_byte as usize];
    assert_eq!(
        slice,
        "The council of <b>Arden</b> closed the bridge on Monday &amp; nobody was told."
    );
    let stance = reply.stance.expect("stance");
    assert_eq!(stance.quotations[0].speaker, "Ada Brook");
    let furniture = reply.document.expect("document").furniture;
    assert_eq!(furniture[0].reason(), v1::FurnitureReason::Navigation);
}
