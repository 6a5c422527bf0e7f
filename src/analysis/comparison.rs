//! What articles of one story have in common and where they differ.

use crate::article::Document;
use crate::article::near_duplicate::{
    Alteration, altered_numbers, altered_quotations, find_near_duplicates,
};

/// Articles, compared with one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Every pair of up to 64 articles; of more, the pairs that are likely to share phrases. In the
    /// order of the indices.
    pub pairs: Vec<ArticlePair>,
}

/// What two articles have in common and where they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticlePair {
    /// Index of the first article.
    pub first: usize,
    /// Index of the second article, which is greater.
    pub second: usize,
    /// Jaccard similarity of their runs of three words, in [0, 1].
    pub similarity: f64,
    /// Whether one is a copy, a large excerpt or a rewording of the other.
    pub near_duplicate: bool,
    /// Quotations that stand in both, with other words.
    pub altered_quotations: Vec<Alteration>,
    /// Numbers that stand in the same place in both, with other values; none unless the articles are
    /// near-duplicates, because two accounts of one matter count different things in like words.
    pub altered_numbers: Vec<Alteration>,
}

/// Compares articles. Furniture does not count.
pub fn compare(documents: &[&Document]) -> Comparison {
    let stories: Vec<String> = documents.iter().map(|document| story(document)).collect();
    let stories: Vec<&str> = stories.iter().map(String::as_str).collect();
    let pairs = find_near_duplicates(&stories)
        .into_iter()
        .filter_map(|pair| {
            let (first, second) = (documents.get(pair.first)?, documents.get(pair.second)?);
            Some(ArticlePair {
                first: pair.first,
                second: pair.second,
                similarity: pair.jaccard,
                near_duplicate: pair.near_duplicate,
                altered_quotations: altered_quotations(first, second),
                altered_numbers: if pair.near_duplicate {
                    altered_numbers(first, second)
                } else {
                    Vec::new()
                },
            })
        })
        .collect();
    Comparison { pairs }
}

/// The sentences of headings and body.
fn story(document: &Document) -> String {
    let sentences = document.sentences.iter().map(|sentence| document.sentence_text(sentence));
    sentences.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "Dockers in the harbour of Lune unloaded 40 ships last week.\n\n\
        \"We are tired, but we shall not strike before the spring,\" said Oda Brill of the union.";

    fn pairs(texts: &[&str]) -> Vec<ArticlePair> {
        let documents: Vec<Document> =
            texts.iter().map(|text| Document::parse((*text).to_owned(), None)).collect();
        compare(&documents.iter().collect::<Vec<_>>()).pairs
    }

    #[test]
    fn a_copy_is_told_with_what_was_altered_in_it() {
        let copy = STORY.replace("40", "60").replace("before the spring", "before the autumn");
        let other = "A cat was born in the lighthouse on Sunday, and nobody knows whose it is.";
        let pairs = pairs(&[STORY, &copy, other]);
        let found: Vec<_> =
            pairs.iter().map(|pair| (pair.first, pair.second, pair.near_duplicate)).collect();
        assert_eq!(found, [(0, 1, true), (0, 2, false), (1, 2, false)]);
        let [number] = pairs[0].altered_numbers[..] else { panic!("{pairs:?}") };
        assert_eq!((number.first.slice(STORY), number.second.slice(&copy)), ("40", "60"));
        assert_eq!(pairs[0].altered_quotations.len(), 1);
        assert!(pairs[1].altered_quotations.is_empty() && pairs[1].altered_numbers.is_empty());
    }

    #[test]
    fn furniture_does_not_make_articles_alike() {
        let footer = "\n\nShare this article\n\nSign up for our newsletter\n\nRead more";
        let first = format!("Rain fell on the fields of Arden for a week.{footer}");
        let second = format!("Nobody came to the opening of the museum yesterday.{footer}");
        assert_eq!(pairs(&[&first, &second])[0].similarity, 0.0);
    }

    #[test]
    fn fewer_than_two_articles_make_no_pair() {
        assert_eq!(pairs(&[STORY]), []);
        assert_eq!(pairs(&[]), []);
    }
}
