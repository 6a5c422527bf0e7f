//! Capitals for a text that has none, as an article prints its words.

use std::collections::HashMap;

use super::abbreviation::is_starter;
use super::words::words;

/// How often an article prints a word in which way, where no sentence begins.
#[derive(Debug)]
pub struct Casing(HashMap<String, HashMap<String, usize>>);

impl Casing {
    /// The casing of an article.
    pub fn of(text: &str) -> Self {
        let mut printed: HashMap<String, HashMap<String, usize>> = HashMap::new();
        for word in words(text) {
            let Some(form) = text.get(word.range.clone()) else { continue };
            let begins = begins_sentence(text.get(..word.range.start).unwrap_or(""));
            // Where a sentence begins only a capital inside a word tells something: "NATO".
            let inner = form.chars().skip(1).any(char::is_uppercase);
            if !begins || inner {
                *printed.entry(word.folded).or_default().entry(form.to_owned()).or_default() += 1;
            }
        }
        Self(printed)
    }

    /// A text with each word printed as the article prints it most often, and a capital at its beginning.
    pub fn restore(&self, text: &str) -> String {
        let mut restored = String::with_capacity(text.len());
        let mut end = 0;
        for word in words(text) {
            let own = text.get(word.range.clone()).unwrap_or("");
            let form = self.form(&word.folded).unwrap_or(own);
            restored.push_str(text.get(end..word.range.start).unwrap_or(""));
            if begins_sentence(text.get(..word.range.start).unwrap_or("")) {
                let mut letters = form.chars();
                restored.extend(letters.next().into_iter().flat_map(char::to_uppercase));
                restored.push_str(letters.as_str());
            } else {
                restored.push_str(form);
            }
            end = word.range.end;
        }
        restored.push_str(text.get(end..).unwrap_or(""));
        restored
    }

    /// The most frequent form; of equals the first in the alphabet, so that the answer is always the same.
    fn form(&self, folded: &str) -> Option<&str> {
        let forms = self.0.get(folded).filter(|_| !is_starter(folded))?;
        let best = forms.iter().max_by(|(a, m), (b, n)| m.cmp(n).then_with(|| b.cmp(a)));
        best.map(|(form, _)| form.as_str())
    }
}

/// Whether a sentence or a quotation begins behind `before`.
pub(super) fn begins_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '“', '"', '‘', '(', '\'']);
    before.is_empty() || before.ends_with(['.', '!', '?', '\n', ':', '…', '”'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_printed_as_in_the_article() {
        let article =
            "NATO envoys met Ada Brook. Talks failed, McCall said. The US left the talks in Arden.";
        let restored = Casing::of(article)
            .restore("talks with nato and us fail in arden. mccall leaves brook");
        assert_eq!(restored, "Talks with NATO and US fail in Arden. McCall leaves Brook");
    }

    #[test]
    fn a_word_that_only_begins_sentences_stays_small() {
        assert_eq!(
            Casing::of("Boats left. Ships stayed.").restore("all boats left"),
            "All boats left"
        );
    }
}
