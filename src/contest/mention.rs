//! Where a document mentions the parties of a contest.

mod names;
mod namesake;
mod namesake_table;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use self::names::{Name, unambiguous_names};
use self::namesake::Surroundings;
use super::definition::{Contest, PartyIndex};
use crate::article::Document;

/// A party, mentioned in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Index of the sentence in [`Document::sentences`].
    pub sentence: usize,
    /// Bytes of the mention within the sentence.
    pub bytes: Range<usize>,
    /// Who is mentioned.
    pub party: PartyIndex,
}

/// Finds the aliases and people of one contest; made once per contest, used for many texts.
///
/// Matching is by whole words and by case, longest name first; capitals match everywhere, and the
/// name of a place brings its demonyms. A name that two parties share tells nothing and is left out,
/// so that the order of the parties cannot matter. A surname counts in texts that print the full
/// name somewhere. A name that is part of another ("Washington Post") is none.
#[derive(Debug)]
pub struct MentionFinder {
    automaton: AhoCorasick,
    names: Vec<Name>,
}

/// What a name that was found is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// An alias of the party.
    Alias,
    /// One of its people.
    Person,
    /// A word that counts in titles only.
    Affiliation,
}

/// A match that has not been filtered yet.
struct Hit<'f> {
    bytes: Range<usize>,
    name: &'f Name,
}

impl MentionFinder {
    /// Prepares the names of a contest.
    pub fn new(contest: &Contest) -> Self {
        let (patterns, names): (Vec<String>, Vec<Name>) = unambiguous_names(contest).unzip();
        #[expect(
            clippy::expect_used,
            reason = "fails beyond 2^31 states; a contest is far smaller"
        )]
        let automaton =
            AhoCorasick::new(&patterns).expect("the limits of a contest bound the automaton");
        Self { automaton, names }
    }

    /// All mentions in the sentences of a document, in the order of the text.
    pub fn find(&self, document: &Document) -> Vec<Mention> {
        let hits: Vec<(usize, Vec<Hit<'_>>)> = document
            .sentences
            .iter()
            .enumerate()
            .map(|(index, sentence)| (index, self.mentions(document.sentence_text(sentence))))
            .collect();
        let introduced: BTreeSet<&str> = hits
            .iter()
            .flat_map(|(_, hits)| hits)
            .filter(|hit| !hit.name.surname_only)
            .filter_map(|hit| hit.name.person.as_deref())
            .collect();
        hits.into_iter()
            .flat_map(|(sentence, hits)| hits.into_iter().map(move |hit| (sentence, hit)))
            .filter(|(_, hit)| is_introduced(hit.name, &introduced))
            .map(|(sentence, hit)| Mention { sentence, bytes: hit.bytes, party: hit.name.party })
            .collect()
    }

    /// The mentions in a line that stands for itself, such as a title: bytes and party.
    pub fn find_in_line(&self, line: &str) -> Vec<(Range<usize>, PartyIndex)> {
        let hits = self.mentions(line).into_iter().filter(|hit| !hit.name.surname_only);
        hits.map(|hit| (hit.bytes, hit.name.party)).collect()
    }

    /// Parties named in a short text such as a speaker's title and name, in order; surnames count
    /// without the full name, since the caller has tied the text to a person already.
    /// Affiliations count here and nowhere else.
    pub fn parties_in(&self, text: &str) -> Vec<(PartyIndex, NameKind)> {
        let kind = |name: &Name| match &name.person {
            Some(_) => NameKind::Person,
            None if name.affiliation => NameKind::Affiliation,
            None => NameKind::Alias,
        };
        let hits = self.hits(text, |_| true).into_iter();
        hits.map(|hit| (hit.name.party, kind(hit.name))).collect()
    }

    /// The names in a text that mention a party.
    fn mentions<'f>(&'f self, text: &str) -> Vec<Hit<'f>> {
        self.hits(text, |name| !name.affiliation)
    }

    /// The names in a text that `counts` admits. Overlapping matches are settled here and not by the
    /// automaton, because the longest match may be no whole word where a shorter one is.
    fn hits<'f>(&'f self, text: &str, counts: impl Fn(&Name) -> bool) -> Vec<Hit<'f>> {
        let mut hits: Vec<Hit<'f>> = self
            .automaton
            .find_overlapping_iter(text)
            .filter(|found| is_whole_word(text, &found.range()))
            .filter_map(|found| {
                let name =
                    self.names.get(found.pattern().as_usize()).filter(|name| counts(name))?;
                Some(Hit { bytes: found.range(), name })
            })
            .collect();
        hits.sort_by_key(|hit| (hit.bytes.start, Reverse(hit.bytes.end)));
        let mut end = 0;
        hits.retain(|hit| {
            let is_free = hit.bytes.start >= end;
            if is_free {
                end = hit.bytes.end;
            }
            is_free
        });
        let surroundings = Surroundings::new(text);
        hits.retain(|hit| !surroundings.make_another(hit.name, &hit.bytes));
        hits
    }
}

fn is_introduced(name: &Name, introduced: &BTreeSet<&str>) -> bool {
    !name.surname_only || name.person.as_deref().is_some_and(|person| introduced.contains(person))
}

/// Neither neighbour is a letter or digit, so that "US" is not found in "USB". A name that ends in a hyphen waits for a
/// capital: "D-" in "D-Ohio".
fn is_whole_word(text: &str, bytes: &Range<usize>) -> bool {
    let before = text.get(..bytes.start).and_then(|head| head.chars().next_back());
    let after = text.get(bytes.end..).and_then(|tail| tail.chars().next());
    let ends = if text.get(bytes.clone()).is_some_and(|name| name.ends_with('-')) {
        after.is_some_and(char::is_uppercase)
    } else {
        !after.is_some_and(char::is_alphanumeric)
    };
    !before.is_some_and(char::is_alphanumeric) && ends
}

#[cfg(test)]
#[path = "mention_tests.rs"]
mod tests;
