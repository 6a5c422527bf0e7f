//! The names a story has printed so far, and which of them a pronoun or a description stands for.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::super::attribution::Attribution;
use super::super::cue::{is_body, is_role, takes_clause};
use super::super::name::{Name, Subject};
use super::clause::Clause;
use super::{FoundSpeaker, SpeakerBasis};

/// A pronoun may stand for a name at most this many paragraphs back.
const FARTHEST_PARAGRAPH: usize = 1;

/// Names looked at for what a pronoun stands for; it bounds the search on hostile texts.
const MOST_CANDIDATES: usize = 32;

/// The last words of the full names of speakers: a lone "Brook" is a person if "Ada Brook" speaks.
fn surnames<'t>(text: &'t str, clauses: &[Vec<Clause>]) -> HashSet<&'t str> {
    let named = clauses.iter().flatten().flat_map(|clause| &clause.attributions);
    let speakers = named.filter_map(|attribution| match &attribution.subject {
        Subject::Named(name) if name.may_be_person => Some(name),
        _ => None,
    });
    let persons = clauses.iter().flatten().flat_map(|clause| &clause.persons);
    speakers
        .chain(persons)
        .map(|name| last_word(text, name))
        .filter(|word| word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase))
        .collect()
}

fn last_word<'t>(text: &'t str, name: &Name) -> &'t str {
    let name = text.get(name.range.clone()).unwrap_or("");
    let word = name.rsplit(char::is_whitespace).next().unwrap_or(name);
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

/// A name that a later pronoun may stand for.
struct Candidate {
    paragraph: usize,
    name: Name,
    is_person: bool,
}

/// The speakers named so far.
pub(super) struct History<'t> {
    text: &'t str,
    surnames: HashSet<&'t str>,
    candidates: Vec<Candidate>,
    /// The persons named in full, with where they are named, whatever part they have in their
    /// sentences.
    mentioned: Vec<(usize, Name)>,
    /// Persons by the words of their titles, and whether nothing stands before the word ("President
    /// Brook", not "the Norland president"); none for a word in the titles of several persons.
    titled: HashMap<(String, bool), Option<Name>>,
}

/// An attribution with its subject resolved.
#[derive(Clone, Debug)]
pub(in crate::article) struct Saying {
    /// The verb of saying.
    pub(in crate::article) verb: Range<usize>,
    /// Whether nothing but its subject stands between a quotation and the verb.
    pub(super) joins_quotation: bool,
    /// Whether the verb says no more than that something is said, or a person is its subject: what
    /// bodies accuse of or threaten with they need not say.
    pub(super) is_plain: bool,
    pub(in crate::article) speaker: Option<FoundSpeaker>,
}

impl<'t> History<'t> {
    /// The history at the beginning of a story of these sentences.
    pub(super) fn new(text: &'t str, clauses: &[Vec<Clause>]) -> Self {
        let surnames = surnames(text, clauses);
        Self {
            text,
            surnames,
            candidates: Vec::new(),
            mentioned: Vec::new(),
            titled: HashMap::new(),
        }
    }

    /// Resolves the attributions of a sentence and remembers the names in it.
    pub(super) fn resolve(&mut self, paragraph: usize, clause: &Clause) -> Vec<Saying> {
        for person in &clause.persons {
            self.note_title(person);
            self.mentioned.push((paragraph, person.clone()));
        }
        if let Some(Subject::Named(name)) = &clause.opening
            && self.surnames.contains(last_word(self.text, name))
        {
            self.remember(paragraph, name);
        }
        let resolve = |attribution: &Attribution| {
            let (name, basis) = match &attribution.subject {
                Subject::Named(name) => (Some(name.clone()), SpeakerBasis::Named),
                Subject::Singular => {
                    let person = self
                        .recall(paragraph, |candidate| candidate.is_person)
                        .or_else(|| self.recall(paragraph, |candidate| candidate.name.words == 1))
                        .or_else(|| self.only_mentioned(paragraph, attribution.verb.start));
                    (person, SpeakerBasis::Pronoun)
                }
                Subject::Plural => (self.recall(paragraph, |_| true), SpeakerBasis::Pronoun),
                Subject::Body => {
                    let body = self.recall(paragraph, |candidate| !candidate.is_person);
                    (body, SpeakerBasis::Pronoun)
                }
                Subject::Definite(name) => {
                    or_described(self.recall_described(paragraph, name), name)
                }
                Subject::Paper(name) => or_described(self.recall(paragraph, |_| true), name),
                Subject::Described(name) => (Some(name.clone()), SpeakerBasis::Described),
                Subject::Unnamed => (None, SpeakerBasis::Named),
            };
            // A name that a pronoun stands for here is in reach from here.
            if let Some(name) = &name {
                self.remember(paragraph, name);
            }
            if let Subject::Named(name) = &attribution.subject {
                self.note_title(name);
            }
            Saying {
                verb: attribution.verb.clone(),
                joins_quotation: attribution.joins_quotation,
                is_plain: self.text.get(attribution.verb.clone()).is_some_and(takes_clause)
                    || name.as_ref().is_some_and(|name| self.is_person(name)),
                speaker: name.map(|name| FoundSpeaker { name: name.range, basis }),
            }
        };
        let implied = match &clause.opening {
            Some(subject) if clause.attributions.is_empty() && clause.quotes_inside => {
                Some(Attribution {
                    verb: clause.start..clause.start,
                    joins_quotation: false,
                    subject: subject.clone(),
                })
            }
            _ => None,
        };
        clause.attributions.iter().chain(&implied).map(resolve).collect()
    }

    /// The person whose name a sentence without verbs of saying begins with.
    pub(super) fn topic(&self, clause: &Clause) -> Option<FoundSpeaker> {
        match &clause.opening {
            Some(Subject::Named(name))
                if clause.attributions.is_empty()
                    && name.range.start == clause.start
                    && self.is_person(name) =>
            {
                Some(FoundSpeaker { name: name.range.clone(), basis: SpeakerBasis::Named })
            }
            _ => None,
        }
    }

    fn remember(&mut self, paragraph: usize, name: &Name) {
        let is_person = self.is_person(name);
        self.candidates.push(Candidate { paragraph, name: name.clone(), is_person });
    }

    fn is_person(&self, name: &Name) -> bool {
        name.may_be_person || self.surnames.contains(last_word(self.text, name))
    }

    /// The names in reach of `paragraph`, the last first.
    fn in_reach(&self, paragraph: usize) -> impl Iterator<Item = &Candidate> {
        let in_reach =
            move |candidate: &&Candidate| candidate.paragraph + FARTHEST_PARAGRAPH >= paragraph;
        self.candidates.iter().rev().take(MOST_CANDIDATES).take_while(in_reach)
    }

    /// The last name in reach that fits.
    fn recall(&self, paragraph: usize, fits: impl Fn(&Candidate) -> bool) -> Option<Name> {
        let found = self.in_reach(paragraph).find(|candidate| fits(candidate))?;
        Some(found.name.clone())
    }

    /// The one person of the story so far whose title begins with the last word of `description`
    /// ("the president": "President Ada Brook"), else holds it ("the minister": "Foreign Minister
    /// Ada Brook"); where none or several have it, and it is no body, the only person in reach.
    fn recall_described(&self, paragraph: usize, description: &Name) -> Option<Name> {
        let word = last_word(self.text, description).to_lowercase();
        let titled = |is_first| self.titled.get(&(word.clone(), is_first))?.clone();
        let known = titled(true).or_else(|| titled(false));
        known.or_else(|| if is_body(&word) { None } else { self.recall_only_one(paragraph) })
    }

    /// The person named before byte `end`, in reach of `paragraph`, if all who are named there are
    /// one.
    fn only_mentioned(&self, paragraph: usize, end: usize) -> Option<Name> {
        let mut persons = self
            .mentioned
            .iter()
            .rev()
            .take(MOST_CANDIDATES)
            .take_while(|(at, _)| at + FARTHEST_PARAGRAPH >= paragraph)
            .map(|(_, name)| name)
            .filter(|name| name.range.end <= end && !self.begins_with_article(name));
        let last = persons.next()?;
        let surname = last_word(self.text, last);
        persons.all(|other| last_word(self.text, other) == surname).then(|| last.clone())
    }

    /// "the United States"
    fn begins_with_article(&self, name: &Name) -> bool {
        self.text.get(name.range.clone()).is_some_and(|name| name.starts_with("the "))
    }

    /// Remembers whose title a name carries.
    fn note_title(&mut self, name: &Name) {
        let text = self.text.get(name.range.clone()).unwrap_or("");
        let surname = last_word(self.text, name);
        // "French presidential spokesman": nobody's name, and no other office of his.
        let is_office = is_role(surname);
        for word in text.split_whitespace().filter(|word| (*word == surname) == is_office) {
            if !is_role(word) {
                continue;
            }
            let word = word.to_lowercase();
            let same = |known: &Name| match is_office {
                true => self.text.get(known.range.clone()) == Some(text),
                false => last_word(self.text, known) == surname,
            };
            let is_first = text.get(..word.len()).is_some_and(|first| first.to_lowercase() == word);
            for key in
                [(word.clone(), false), (word, true)].into_iter().take(1 + usize::from(is_first))
            {
                match self.titled.get(&key) {
                    Some(Some(known)) if !same(known) => self.titled.insert(key, None),
                    Some(_) => None,
                    None => self.titled.insert(key, Some(name.clone())),
                };
            }
        }
    }

    /// The person in reach, if all the persons in reach are one.
    fn recall_only_one(&self, paragraph: usize) -> Option<Name> {
        let mut persons = self.in_reach(paragraph).filter(|candidate| candidate.is_person);
        let last = persons.next()?;
        let surname = last_word(self.text, &last.name);
        let one = persons.all(|other| last_word(self.text, &other.name) == surname);
        one.then(|| last.name.clone())
    }
}

/// The name a description stands for, else the description itself.
fn or_described(known: Option<Name>, description: &Name) -> (Option<Name>, SpeakerBasis) {
    match known {
        Some(name) => (Some(name), SpeakerBasis::Pronoun),
        None => (Some(description.clone()), SpeakerBasis::Described),
    }
}
