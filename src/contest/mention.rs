//! Where a document mentions the parties of a contest.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

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
/// Matching is by whole words and by case, longest name first. A name that two parties share tells
/// nothing and is left out, so that the order of the parties cannot matter. A surname counts in
/// texts that print the full name somewhere.
#[derive(Debug)]
pub struct MentionFinder {
    automaton: AhoCorasick,
    names: Vec<Name>,
}

/// What a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    party: PartyIndex,
    /// The person a full name or surname belongs to; none for an alias.
    person: Option<String>,
    surname_only: bool,
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
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .expect("the limits of a contest bound the automaton");
        Self { automaton, names }
    }

    /// All mentions in the sentences of a document, in the order of the text.
    pub fn find(&self, document: &Document) -> Vec<Mention> {
        let hits: Vec<(usize, Vec<Hit<'_>>)> = document
            .sentences
            .iter()
            .enumerate()
            .map(|(index, sentence)| (index, self.hits(document.sentence_text(sentence))))
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

    /// Parties named in a short text such as a speaker's title and name, in order; surnames count
    /// without the full name, since the caller has tied the text to a person already.
    pub fn parties_in(&self, text: &str) -> Vec<(PartyIndex, bool)> {
        let hits = self.hits(text).into_iter();
        hits.map(|hit| (hit.name.party, hit.name.person.is_some())).collect()
    }

    fn hits<'f>(&'f self, text: &str) -> Vec<Hit<'f>> {
        self.automaton
            .find_iter(text)
            .filter(|found| is_whole_word(text, &found.range()))
            .filter_map(|found| {
                let name = self.names.get(found.pattern().as_usize())?;
                Some(Hit { bytes: found.range(), name })
            })
            .collect()
    }
}

fn is_introduced(name: &Name, introduced: &BTreeSet<&str>) -> bool {
    !name.surname_only || name.person.as_deref().is_some_and(|person| introduced.contains(person))
}

/// Every name with what it stands for, without those that stand for two parties.
fn unambiguous_names(contest: &Contest) -> impl Iterator<Item = (String, Name)> {
    let mut meanings: BTreeMap<String, BTreeSet<Name>> = BTreeMap::new();
    for (index, party) in contest.parties() {
        for alias in &party.aliases {
            let name = Name { party: index, person: None, surname_only: false };
            for variant in case_variants(alias) {
                meanings.entry(variant).or_default().insert(name.clone());
            }
        }
        for person in &party.people {
            let name =
                |surname_only| Name { party: index, person: Some(person.clone()), surname_only };
            meanings.entry(person.clone()).or_default().insert(name(false));
            if let Some((_, surname)) = person.rsplit_once(' ') {
                meanings.entry(surname.to_owned()).or_default().insert(name(true));
            }
        }
    }
    meanings.into_iter().filter_map(|(pattern, names)| {
        let parties: BTreeSet<PartyIndex> = names.iter().map(|name| name.party).collect();
        // Of several meanings within one party the first is the most general: an alias.
        let name = names.into_iter().next()?;
        (parties.len() == 1 && !pattern.is_empty()).then_some((pattern, name))
    })
}

/// An alias as given, with a capital first letter, and in capitals when that cannot turn it into
/// another word ("us" is no alias of the "US", so short aliases are matched as given).
fn case_variants(alias: &str) -> BTreeSet<String> {
    let mut variants = BTreeSet::from([alias.to_owned()]);
    let mut characters = alias.chars();
    if let Some(first) = characters.next() {
        variants.insert(first.to_uppercase().chain(characters).collect());
    }
    if alias.chars().count() > 3 {
        variants.insert(alias.to_uppercase());
    }
    variants
}

/// Neither neighbour is a letter or digit, so that "US" is not found in "USB".
fn is_whole_word(text: &str, bytes: &Range<usize>) -> bool {
    let before = text.get(..bytes.start).and_then(|head| head.chars().next_back());
    let after = text.get(bytes.end..).and_then(|tail| tail.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::{ContestDraft, ContestLimits, PartyDraft};

    fn contest() -> Contest {
        let party = |id: &str, aliases: &[&str], people: &[&str]| PartyDraft {
            id: id.into(),
            aliases: aliases.iter().map(|&alias| alias.into()).collect(),
            people: people.iter().map(|&person| person.into()).collect(),
            ..PartyDraft::default()
        };
        let draft = ContestDraft {
            id: "dam".into(),
            sides: vec![
                party("up", &["Norland", "US", "the ministry", "River Board"], &["Ada Brink"]),
                party("down", &["Sudland", "River Board"], &[]),
            ],
            ..ContestDraft::default()
        };
        let limits = ContestLimits { party_entries: 10, third_parties: 10 };
        Contest::parse(draft, limits, "contest").expect("valid")
    }

    fn found(text: &str) -> Vec<(String, usize)> {
        let document = Document::parse(text.to_owned(), None);
        let mentions = MentionFinder::new(&contest()).find(&document);
        mentions
            .into_iter()
            .map(|mention| {
                let sentence = document.sentence_text(&document.sentences[mention.sentence]);
                (
                    sentence.get(mention.bytes).expect("bytes of the sentence").to_owned(),
                    mention.party.0,
                )
            })
            .collect()
    }

    #[test]
    fn names_are_whole_words_and_keep_their_case() {
        let text = "Norland's minister told us that the USB port of Norlandia is not in the US.";
        assert_eq!(found(text), [("Norland".into(), 0), ("US".into(), 0)]);
    }

    #[test]
    fn a_surname_counts_after_the_full_name_was_printed() {
        assert_eq!(found("Brink spoke at length."), []);
        let both = [("Brink".to_owned(), 0), ("Ada Brink".to_owned(), 0)];
        assert_eq!(found("Brink spoke at length. Ada Brink then left the room."), both);
    }

    #[test]
    fn a_name_of_two_parties_tells_nothing() {
        assert_eq!(found("The River Board met in Sudland."), [("Sudland".into(), 1)]);
    }

    #[test]
    fn an_alias_may_start_a_sentence() {
        assert_eq!(found("The ministry refused to comment."), [("The ministry".into(), 0)]);
    }
}
