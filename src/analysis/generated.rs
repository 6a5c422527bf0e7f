//! Generated summaries: what of them may stand.
//!
//! A sentence stands when every number (with its currency or unit of measure), date and name in it occurs in the article:
//! it is *grounded*.
//! What a model writes without capitals has no names to look for; there every word has to occur in the article, but for
//! its ending, or be a function word.

use super::summary::{Finish, SummaryBudget};
use crate::article::{Casing, Document, Facts, sentences};

/// The article that generated texts are held against.
#[derive(Debug)]
pub struct Source {
    facts: Facts,
    casing: Casing,
}

/// A generated text without what may not stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grounded {
    /// Its sentences, in order.
    pub sentences: Vec<String>,
    /// Sentences with a number, date or name that the article does not have.
    pub ungrounded: usize,
}

impl Source {
    /// The article as generated texts may quote it: its sentences and its title.
    pub fn of(document: &Document, title: Option<&str>) -> Self {
        let text: Vec<&str> =
            document.sentences.iter().map(|s| document.sentence_text(s)).chain(title).collect();
        let text = text.join("\n");
        Self { facts: Facts::of(&text), casing: Casing::of(&text) }
    }

    /// What may stand of a generated text. The last sentence of one that is not `finished` was cut off and goes too.
    pub fn ground(&self, text: &str, finished: bool) -> Grounded {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A text that begins small has at most the capitals of abbreviations.
        let without_capitals =
            text.chars().find(|c| c.is_alphabetic()).is_none_or(|c| !c.is_uppercase());
        let restored = if without_capitals { self.casing.restore(&text) } else { text };
        let mut said: Vec<&str> = sentences(&restored).collect();
        if !finished {
            said.pop_if(|last| !ends(last));
        }
        let all = said.len();
        let stands = |sentence: &&str| {
            self.facts.missing(sentence).is_empty()
                && (!without_capitals || self.facts.has_all_words(sentence))
        };
        let mut grounded: Vec<String> = Vec::new();
        let mut repeated = 0;
        for sentence in said.into_iter().filter(stands) {
            if grounded.iter().any(|other| other == sentence) {
                repeated += 1;
            } else {
                grounded.push(sentence.to_owned());
            }
        }
        Grounded { ungrounded: all - grounded.len() - repeated, sentences: grounded }
    }
}

impl Grounded {
    /// The first sentences that fit into a budget, and why there are no more.
    pub fn within(mut self, budget: SummaryBudget) -> (Vec<String>, Finish) {
        let mut words_left = budget.words.unwrap_or(usize::MAX);
        let fitting = self.sentences.iter().take_while(|sentence| {
            let words = sentence.split_whitespace().count();
            let fits = words <= words_left;
            words_left = words_left.saturating_sub(words);
            fits
        });
        let fitting = fitting.count();
        let all = self.sentences.len();
        self.sentences.truncate(fitting.min(budget.sentences));
        let finish = if fitting < all && fitting < budget.sentences {
            Finish::WordBudget
        } else if all > budget.sentences {
            Finish::SentenceBudget
        } else {
            Finish::Exhausted
        };
        (self.sentences, finish)
    }
}

/// Whether a sentence ends as sentences do.
fn ends(sentence: &str) -> bool {
    sentence.trim_end_matches(['”', '"', '’', '\'', ')']).ends_with(['.', '!', '?', '…'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The council of Arden voted on Monday to close the old bridge. Mayor Ada Brook said repairs \
        would cost $4 million.";

    fn ground(text: &str, finished: bool) -> Grounded {
        Source::of(&Document::parse(TEXT.into(), None), Some("Bridge to close"))
            .ground(text, finished)
    }

    #[test]
    fn an_ungrounded_sentence_goes() {
        let found =
            ground("Arden will close a bridge. Repairs cost $5 million. Brook agreed.", true);
        assert_eq!(found.sentences, ["Arden will close a bridge.", "Brook agreed."]);
        assert_eq!(found.ungrounded, 1);
    }

    #[test]
    fn a_sentence_that_was_cut_off_goes() {
        assert_eq!(ground("Arden votes. Mayor Ada", false).sentences, ["Arden votes."]);
        assert_eq!(ground("Arden votes. Mayor Ada Brook", true).sentences.len(), 2);
        assert_eq!(ground("Arden votes.", false).sentences, ["Arden votes."]);
    }

    #[test]
    fn a_repeated_sentence_stands_once() {
        let found = ground("Arden votes. Arden votes.", true);
        assert_eq!(found, Grounded { sentences: vec!["Arden votes.".into()], ungrounded: 0 });
    }

    #[test]
    fn without_capitals_every_word_counts() {
        assert_eq!(
            ground("arden votes to close bridge", true).sentences,
            ["Arden votes to close bridge"]
        );
        assert_eq!(ground("arden votes to sell bridge", true).ungrounded, 1);
    }

    #[test]
    fn the_budget_is_kept() {
        let found = || ground("Arden votes. The old bridge will close. Brook agreed.", true);
        let within = |sentences, words| found().within(SummaryBudget { sentences, words });
        assert_eq!(within(3, None).1, Finish::Exhausted);
        assert_eq!((within(2, None).0.len(), within(2, None).1), (2, Finish::SentenceBudget));
        assert_eq!((within(3, Some(6)).0.len(), within(3, Some(6)).1), (1, Finish::WordBudget));
    }
}
