use super::*;

fn text(html: &str) -> String {
    read(html).0.map_or_else(|| html.to_owned(), |cleaned| cleaned.text)
}

/// The lines of a page, without blanks at their ends.
fn lines(html: &str) -> Vec<String> {
    text(html).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn furniture(html: &str) -> Vec<(String, FurnitureReason)> {
    let (cleaned, marked) = read(html);
    let text = cleaned.expect("a page has tags").text;
    marked.into_iter().map(|(range, reason)| (text[range].trim().to_owned(), reason)).collect()
}

#[test]
fn blocks_and_breaks_end_lines_and_inline_elements_do_not() {
    let page = "<html><body class='a>b'><h1>Old bridge</h1><p>It <b>clo</b>sed<br>on <a href=x>Mon\nday</a>.\
        <p>Next<div>one</div></body></html>";
    assert_eq!(lines(page), ["Old bridge", "It closed", "on Mon day.", "Next", "one"]);
}

#[test]
fn what_is_not_printed_is_dropped() {
    let page = "<head><title>Old &amp; new</title><style>p{}</style></head><p>One<script>if (a<b) {}</script> \
        <!-- two <p> --> three<noscript><p>four</p></noscript><svg/><svg><text>five</text></svg> six</p>\
        <template><template></template>x</template><?php echo 1 ?><!DOCTYPE html>.";
    assert_eq!(lines(page), ["One three six", "."]);
}

#[test]
fn blanks_fold_as_html_prints_them() {
    assert_eq!(
        lines("<p>\r\n  one\t <b> two</b>\n three&nbsp; four\n</p>"),
        ["one two three four"]
    );
    assert_eq!(
        lines("<pre>one\n  two\r\nthree</pre> four\nfive"),
        ["one", "two", "three", "four five"]
    );
}

#[test]
fn references_are_decoded() {
    assert_eq!(lines("<p>&ldquo;A&amp;B&#8217;s&rdquo; &lt;b&gt;"), ["“A&B’s” <b>"]);
}

#[test]
fn navigation_and_captions_are_marked() {
    let page = "<nav><ul><li>Home</li><nav>x</nav><li>News</li></ul></nav><p>Story</p>\
        <figure><img src=a><figcaption>The bridge</figcaption></figure><footer>About us</footer>";
    use FurnitureReason::{Caption, Navigation};
    assert_eq!(
        furniture(page),
        [
            ("Home\nx\nNews".to_owned(), Navigation),
            ("The bridge".to_owned(), Caption),
            ("About us".to_owned(), Navigation)
        ]
    );
}

#[test]
fn furniture_that_nothing_ends_does_not_take_the_page_along() {
    assert!(furniture("<nav>Home<p>Story</p>").is_empty());
}

#[test]
fn broken_markup_is_read_as_far_as_it_goes() {
    for (page, expected) in [
        ("a < b & c <3 d", "a < b & c <3 d"),
        ("one<a href='x", "one"),
        ("one</b></p></nav></script>two", "one\ntwo"),
        ("one<", "one<"),
        ("one</>two", "onetwo"),
        ("one <![CDATA[two]]> three", "one three"),
        ("<svg><p>one", "one"),
        ("one<script>two", "one"),
        ("é&", "é&"),
    ] {
        assert_eq!(text(page).trim(), expected, "{page}");
    }
}

/// A megabyte of one hostile shape must come back.
#[test]
fn hostile_pages_are_read_in_linear_time() {
    for part in [
        "<",
        "<p",
        "<p>",
        "</p>",
        "<b>",
        "<nav>",
        "<svg>",
        "<template>",
        "&",
        "&amp;",
        "<!--",
        "<a b=",
        "\r",
        "<!",
        "</>",
        "<pre>\n",
    ] {
        assert!(read(&part.repeat(1_000_000 / part.len())).1.is_empty(), "{part}");
    }
}
