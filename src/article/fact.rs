//! Facts that one text may have taken from another, and got wrong: numbers with their units, dates and names.
//!
//! Names are read off capitals, so that a text without capitals has none. A name is a run of capitalised words; it
//! occurs in another text when its words stand there in one run, in the same order ("President Brook" in "President Ada
//! Brook"). The words of an office may stand elsewhere.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::abbreviation::{is_calendar_word, is_starter, is_title};
use super::cue::is_role;
use super::name::is_possessive;
use super::number::{Number, Unit, numbers};
use super::words::{Word, words};

/// The facts of a text.
#[derive(Debug)]
pub struct Facts {
    words: HashSet<String>,
    /// Those that stand somewhere without a capital.
    common: HashSet<String>,
    /// All of them without their endings.
    stems: HashSet<String>,
    numbers: HashSet<(u64, Unit)>,
    /// Days with the months they stand beside.
    days: HashSet<(u64, String)>,
    runs: Vec<Vec<String>>,
    /// The runs in which a word stands.
    runs_with: HashMap<String, Vec<usize>>,
}

/// A fact that another text does not have, as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingFact {
    /// A number, or a word with figures.
    Number(String),
    /// A day, month or day of the week.
    Date(String),
    /// A name.
    Name(String),
}

/// A word that may be part of a name.
struct NameWord {
    /// Without a possessive ending; lower case.
    folded: String,
    range: Range<usize>,
    capital: bool,
    /// Whether it stands right behind the word before it, with nothing but a blank, hyphen or initial's full stop between.
    joined: bool,
}

impl Facts {
    /// The facts of a text.
    pub fn of(text: &str) -> Self {
        let found = words(text);
        let numbers = numbers(text, &found);
        let days = numbers.iter().filter_map(|number| day(number, &found)).collect();
        let runs: Vec<Vec<String>> = name_runs(&name_words(text, &found))
            .map(|run| run.iter().map(|word| word.folded.clone()).collect())
            .collect();
        let mut runs_with: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, run) in runs.iter().enumerate() {
            for word in run {
                runs_with.entry(word.clone()).or_default().push(index);
            }
        }
        let (mut all, mut common) = (HashSet::new(), HashSet::new());
        all.extend(found.iter().map(|word| word.folded.clone()));
        for NameWord { folded, capital, .. } in name_words(text, &found) {
            if !capital {
                common.insert(folded.clone());
            }
            all.insert(folded);
        }
        Self {
            stems: all.iter().map(|word| stem(word).to_owned()).collect(),
            words: all,
            common,
            numbers: numbers.iter().map(|number| (number.value.to_bits(), number.unit)).collect(),
            days,
            runs,
            runs_with,
        }
    }

    /// The facts of a sentence that this text does not have.
    pub fn missing(&self, sentence: &str) -> Vec<MissingFact> {
        let found = words(sentence);
        let numbers = numbers(sentence, &found);
        let mut missing: Vec<MissingFact> = self.missing_numbers(sentence, &found, &numbers);
        missing.extend(self.missing_dates(sentence, &found, &numbers));
        let names = name_words(sentence, &found);
        let unknown = name_runs(&names).enumerate().filter(|(index, run)| {
            let begins = *index == 0 && run.first().is_some_and(|word| starts(sentence, word));
            !self.has_name(run, begins)
        });
        missing.extend(unknown.filter_map(|(_, run)| {
            let (first, last) = run.first().zip(run.last())?;
            let printed = sentence.get(first.range.start..last.range.end)?;
            Some(MissingFact::Name(printed.to_owned()))
        }));
        missing
    }

    /// Whether a word, in lower case, stands in the text; a plural does when the singular stands there, and the reverse.
    pub fn has_word(&self, folded: &str) -> bool {
        forms(folded).iter().any(|form| self.words.contains(form))
    }

    /// Whether every word of a sentence stands in the text, but for its ending, or is a function word.
    pub fn has_all_words(&self, sentence: &str) -> bool {
        words(sentence)
            .iter()
            .all(|word| is_starter(&word.folded) || self.stems.contains(stem(&word.folded)))
    }

    fn missing_numbers(
        &self,
        sentence: &str,
        found: &[Word],
        numbers: &[Number],
    ) -> Vec<MissingFact> {
        let unknown = numbers
            .iter()
            .filter(|number| !self.numbers.contains(&(number.value.to_bits(), number.unit)))
            .map(|number| number.range.clone());
        // Parts of names, times and dates.
        let figures = found.iter().enumerate().filter(|(at, word)| {
            word.folded.contains(|c: char| c.is_numeric())
                && !numbers.iter().any(|number| number.words.contains(at))
                && !self.words.contains(&word.folded)
        });
        let figures = figures.map(|(_, word)| word.range.clone());
        let printed = unknown.chain(figures).filter_map(|range| sentence.get(range));
        printed.map(|printed| MissingFact::Number(printed.to_owned())).collect()
    }

    fn missing_dates(
        &self,
        sentence: &str,
        found: &[Word],
        numbers: &[Number],
    ) -> Vec<MissingFact> {
        let printed = |range: &Range<usize>| sentence.get(range.clone()).unwrap_or("");
        let days = numbers.iter().filter(|number| {
            day(number, found).is_some_and(|day| !self.days.contains(&day))
                && self.numbers.contains(&(number.value.to_bits(), number.unit))
        });
        let days = days.map(|number| printed(&number.range));
        let names = found.iter().filter(|word| {
            let name = printed(&word.range);
            name.starts_with(char::is_uppercase)
                && is_calendar_word(name)
                && !self.words.contains(&word.folded)
        });
        let names = names.map(|word| printed(&word.range));
        days.chain(names).map(|printed| MissingFact::Date(printed.to_owned())).collect()
    }

    /// Whether a name occurs in the text. The first word of a sentence is capitalised whatever it is.
    fn has_name(&self, run: &[&NameWord], begins_sentence: bool) -> bool {
        let folded: Vec<&str> = run.iter().map(|word| word.folded.as_str()).collect();
        if self.has_run(&folded) {
            return true;
        }
        if let Some((first, rest)) = folded.split_first()
            && begins_sentence
            && forms(first).iter().any(|form| self.common.contains(form))
            && (rest.is_empty() || self.has_run(rest))
        {
            return true;
        }
        let is_office = |word: &&str| is_role(word);
        let offices = folded.iter().filter(|word| is_office(word)).count();
        offices > 0
            && folded.split(is_office).all(|part| part.is_empty() || self.has_run(part))
            && folded.iter().filter(|word| is_office(word)).all(|office| self.has_word(office))
    }

    /// Whether words stand in one run of capitalised words, in this order.
    fn has_run(&self, folded: &[&str]) -> bool {
        let Some(first) = folded.first() else { return true };
        let singular = first.strip_suffix('s').unwrap_or(first);
        let plural = format!("{first}s");
        let places =
            [*first, singular, &plural].into_iter().filter_map(|word| self.runs_with.get(word));
        places.flatten().filter_map(|&index| self.runs.get(index)).any(|run| {
            let mut rest = run.iter();
            folded.iter().all(|word| rest.any(|other| same(other, word)))
        })
    }
}

/// A word without the ending of a verb or a plural; at least three letters stay.
fn stem(word: &str) -> &str {
    let stems = ["ing", "ed", "es", "s", "d", "e"].into_iter();
    let mut stems = stems.filter_map(|ending| word.strip_suffix(ending));
    stems.find(|stem| stem.chars().count() >= 3).unwrap_or(word)
}

/// A word, its plural and its singular.
fn forms(word: &str) -> [String; 3] {
    let singular = word.strip_suffix('s').unwrap_or(word);
    [word.to_owned(), singular.to_owned(), format!("{word}s")]
}

/// Whether two words are one but for the plural: "Russian" and "Russians".
fn same(a: &str, b: &str) -> bool {
    a == b || a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a)
}

/// A day of a month, with the month beside it.
fn day(number: &Number, found: &[Word]) -> Option<(u64, String)> {
    let neighbours = [number.words.start.checked_sub(1), Some(number.words.end)];
    let month = neighbours
        .into_iter()
        .flatten()
        .filter_map(|at| found.get(at))
        .find(|word| is_calendar_word(&word.folded))?;
    (number.unit == Unit::Day).then(|| (number.value.to_bits(), month.folded.clone()))
}

/// Whether a word is the first of a sentence.
fn starts(sentence: &str, word: &NameWord) -> bool {
    !sentence.get(..word.range.start).unwrap_or("").contains(char::is_alphanumeric)
}

/// The words of a text as parts of names: initials with full stops are one word, possessive endings are off.
fn name_words(text: &str, found: &[Word]) -> Vec<NameWord> {
    let printed = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
    let mut names: Vec<NameWord> = Vec::new();
    for word in found {
        let own = printed(&word.range);
        let before = names.last().map_or(0..0, |before| before.range.clone());
        let gap = printed(&(before.end..word.range.start));
        if let Some(last) = names.last_mut()
            && gap == "."
            && are_initials(printed(&before))
            && are_initials(own)
        {
            last.folded.push_str(&word.folded);
            last.range.end = word.range.end;
            continue;
        }
        let possessive = is_possessive(own);
        let folded = if possessive { word.folded.strip_suffix('s') } else { None };
        let abbreviated = are_initials(printed(&before)) || is_title(printed(&before));
        names.push(NameWord {
            folded: folded.unwrap_or(&word.folded).to_owned(),
            range: word.range.clone(),
            capital: own.starts_with(char::is_uppercase),
            joined: !is_possessive(printed(&before))
                && (matches!(gap, " " | "-") || (gap == ". " && abbreviated)),
        });
    }
    names
}

/// "U" and "U.S".
fn are_initials(printed: &str) -> bool {
    let mut letters = printed.split('.').map(|part| (part.chars().count(), part));
    letters.all(|(count, letter)| count == 1 && letter.starts_with(char::is_uppercase))
}

/// The runs of capitalised words that are no dates and no words that sentences begin with.
fn name_runs(names: &[NameWord]) -> impl Iterator<Item = Vec<&NameWord>> {
    let is_part = |word: &NameWord| {
        word.capital && !is_starter(&word.folded) && !is_calendar_word(&word.folded)
    };
    let mut rest = names.iter().peekable();
    std::iter::from_fn(move || {
        let mut run = vec![rest.by_ref().find(|word| is_part(word))?];
        while let Some(next) = rest.next_if(|word| word.joined && is_part(word)) {
            run.push(next);
        }
        Some(run)
    })
}

#[cfg(test)]
#[path = "fact_tests.rs"]
mod tests;
