//! Any text is a contest or a list of violations; a contest that is one finds its mentions at the
//! borders of characters.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax::article::Document;
use parallax::contest::Catalog;

const ARTICLE: &str = "Karsova's dam\n\n“Deshar has no veto over Karsova,” said Ada Brook, Karsova's \
    envoy to Lower Deshar. Brook's ministry in KARSOVA would not say more.";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut catalog = Catalog::default();
    match catalog.add_toml("contest.toml", text) {
        Err(violations) => assert!(!violations.is_empty()),
        Ok(()) => {
            let document = Document::parse(ARTICLE.to_owned(), None);
            for entry in catalog.iter() {
                for mention in entry.finder.find(&document) {
                    let sentence = document.sentence_text(&document.sentences[mention.sentence]);
                    assert!(sentence.get(mention.bytes).is_some_and(|name| !name.is_empty()));
                }
            }
        }
    }
});
