//! Facts that one text may have taken from another, and got wrong: numbers with their units, dates and names.
//!
//! Names are read off capitals, so that a text without capitals has none. A name is a run of capitalised words; it
//! occurs in another text when its words stand there side by side, but for initials ("Ada Brook" in "Ada F. Brook") and for
//! words between an office and a name ("President Brook" in "President Ada Brook"). An office that the text gives to somebody
//! else is not floating around: "Prime Minister Brook" does not occur in "President Ada Brook and Prime Minister Carl Reed".

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::abbreviation::{is_calendar_word, is_starter, is_title};
use super::casing::begins_sentence;
use super::cue::is_role;
use super::name::{is_possessive, without_possessive};
use super::number::{Number, Unit, is_month, is_quantity, numbers};
use super::words::{Word, words};

/// Words that may stand between those of a name.
const MOST_SKIPPED: usize = 3;

/// The facts of a text.
#[derive(Debug)]
pub struct Facts {
    words: HashSet<String>,
    /// Those that stand somewhere without a capital.
    common: HashSet<String>,
    /// All of them without their endings.
    stems: HashSet<String>,
    numbers: HashSet<(u64, Unit)>,
    /// Days, and years, with the months they stand beside.
    dated: HashSet<(u64, String)>,
    /// Months that stand beside a year.
    months_of_years: HashSet<String>,
    /// Words with figures as printed between blanks: "f-16", "10:30", "3/4".
    codes: HashSet<String>,
    runs: Vec<Vec<String>>,
    /// Where a word stands: run and place in it.
    places: HashMap<String, Vec<(usize, usize)>>,
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
        let names = name_words(text, &found);
        let runs: Vec<Vec<String>> = name_runs(&names)
            .map(|run| run.iter().map(|word| word.folded.clone()).collect())
            .collect();
        let mut places: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (index, run) in runs.iter().enumerate() {
            for (place, word) in run.iter().enumerate() {
                places.entry(word.clone()).or_default().push((index, place));
            }
        }
        let (mut all, mut common) = (HashSet::new(), HashSet::new());
        all.extend(found.iter().map(|word| word.folded.clone()));
        for NameWord { folded, capital, .. } in names {
            if !capital {
                common.insert(folded.clone());
            }
            all.insert(folded);
        }
        Self {
            stems: all.iter().map(|word| stem(word).to_owned()).collect(),
            words: all,
            common,
            numbers: numbers.iter().map(|number| key(number, text)).collect(),
            dated: numbers.iter().filter_map(|number| dated(number, &found, text)).collect(),
            months_of_years: numbers
                .iter()
                .filter(|number| number.unit == Unit::Year)
                .filter_map(|number| Some(dated(number, &found, text)?.1))
                .collect(),
            codes: text.split_whitespace().filter_map(code).collect(),
            runs,
            places,
        }
    }

    /// The facts of a sentence that this text does not have.
    pub fn missing(&self, sentence: &str) -> Vec<MissingFact> {
        let found = words(sentence);
        let numbers = numbers(sentence, &found);
        let mut missing: Vec<MissingFact> = self.missing_numbers(sentence, &found, &numbers);
        missing.extend(self.missing_dates(sentence, &found, &numbers));
        let names = name_words(sentence, &found);
        let unknown = name_runs(&names).filter(|run| {
            let begins = run.first().is_some_and(|word| starts(sentence, word));
            !self.has_name(run, begins)
        });
        missing.extend(unknown.filter_map(|run| {
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

    /// Share of the words of a sentence, function words left out, that stand in the text but for their ending.
    pub fn share_of_words(&self, sentence: &str) -> f64 {
        let words = words(sentence);
        let content: Vec<&Word> = words.iter().filter(|word| !is_starter(&word.folded)).collect();
        let known = content.iter().filter(|word| self.stems.contains(stem(&word.folded))).count();
        known as f64 / content.len().max(1) as f64
    }

    fn missing_numbers(
        &self,
        sentence: &str,
        found: &[Word],
        numbers: &[Number],
    ) -> Vec<MissingFact> {
        let unknown =
            numbers.iter().filter(|number| !self.numbers.contains(&key(number, sentence)));
        let unknown = unknown.map(|number| number.range.clone());
        let is_part = |at: usize| numbers.iter().any(|number| number.words.contains(&at));
        let loose = found.iter().enumerate().filter(|(at, word)| {
            let lacks = match word.folded.as_str() {
                "one" => !self.words.contains("one") && !self.words.contains("1"),
                quantity if is_quantity(quantity) => !self.has_word(quantity),
                figures if figures.contains(char::is_numeric) => {
                    !self.has_code(sentence, &word.range)
                }
                _ => false,
            };
            lacks && !is_part(*at)
        });
        let loose = loose.map(|(_, word)| word.range.clone());
        let printed = unknown.chain(loose).filter_map(|range| sentence.get(range));
        printed.map(|printed| MissingFact::Number(printed.to_owned())).collect()
    }

    /// Whether the word with figures at `range` stands in the text as it is printed here between blanks.
    fn has_code(&self, sentence: &str, range: &Range<usize>) -> bool {
        let before = sentence.get(..range.start).unwrap_or("");
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let printed = sentence.get(start..).and_then(|rest| rest.split_whitespace().next());
        printed.and_then(code).is_some_and(|code| self.codes.contains(&code))
    }

    fn missing_dates(
        &self,
        sentence: &str,
        found: &[Word],
        numbers: &[Number],
    ) -> Vec<MissingFact> {
        let printed = |range: &Range<usize>| sentence.get(range.clone()).unwrap_or("");
        let days = numbers.iter().filter(|number| {
            let known = self.numbers.contains(&key(number, sentence));
            let lacks = dated(number, found, sentence).is_some_and(|dated| {
                let told = number.unit != Unit::Year || self.months_of_years.contains(&dated.1);
                told && !self.dated.contains(&dated)
            });
            known && lacks
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

    /// Whether a name occurs in the text. The first word of a sentence is capitalised whatever it is; an office may stand
    /// before a name that the text has without it, as long as the text gives it to nobody else.
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
        let offices = folded.iter().take_while(|word| is_role(word)).count();
        let (offices, name) = folded.split_at_checked(offices).unwrap_or_default();
        !offices.is_empty()
            && offices.iter().all(|office| self.is_free(office))
            && (name.is_empty() || self.has_run(name))
    }

    /// Whether an office stands in the text without a name.
    fn is_free(&self, office: &str) -> bool {
        let places = self.places.get(office).into_iter().flatten();
        let mut runs = places.filter_map(|&(run, _)| self.runs.get(run));
        self.common.contains(office) || runs.any(|run| run.iter().all(|word| is_role(word)))
    }

    /// Whether words stand in one run of capitalised words, side by side but for initials, and for words between an
    /// office and a name.
    fn has_run(&self, folded: &[&str]) -> bool {
        let Some((first, rest)) = folded.split_first() else { return true };
        let (forms, is_office) = (forms(first), is_role(first));
        let mut places = forms.iter().filter_map(|word| self.places.get(word)).flatten();
        places.any(|&(run, place)| {
            let behind =
                self.runs.get(run).and_then(|run| run.get(place + 1..)).unwrap_or_default();
            goes_on(behind, rest, is_office)
        })
    }
}

/// Whether a run goes on with these words.
fn goes_on(run: &[String], words: &[&str], mut behind_office: bool) -> bool {
    let mut run = run.iter().take(words.len() + MOST_SKIPPED);
    words.iter().all(|word| {
        let found = run.by_ref().find_map(|other| {
            let skips = behind_office || other.chars().count() == 1;
            if same(other, word) { Some(true) } else { (!skips).then_some(false) }
        });
        behind_office = is_role(word);
        found == Some(true)
    })
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

/// A number as it is compared: its value, negative behind a minus, and its unit.
fn key(number: &Number, text: &str) -> (u64, Unit) {
    let before = text.get(..number.range.start).unwrap_or("");
    let unsigned = before.strip_suffix(['-', '−']);
    let negative = unsigned.is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '(']));
    let value = if negative { -number.value } else { number.value };
    (value.to_bits(), number.unit)
}

/// A day or a year, with the month beside it.
fn dated(number: &Number, found: &[Word], text: &str) -> Option<(u64, String)> {
    let neighbours =
        [number.words.start.checked_sub(1), Some(number.words.end)].into_iter().flatten();
    let month = neighbours.filter_map(|at| found.get(at)).find(|word| {
        let is_may = text.get(word.range.clone()) == Some("May");
        is_month(&word.folded) || is_may
    })?;
    let is_day = number.unit == Unit::Day || (1.0..=31.0).contains(&number.value);
    (is_day || number.unit == Unit::Year).then(|| (number.value.to_bits(), month.folded.clone()))
}

/// A printed word with figures, without the punctuation around it; lower case.
fn code(printed: &str) -> Option<String> {
    let printed = printed.trim_matches(|c: char| !c.is_alphanumeric());
    let printed = without_possessive(printed);
    printed.contains(char::is_numeric).then(|| printed.to_lowercase())
}

/// Whether a word begins a sentence or a quotation.
fn starts(sentence: &str, word: &NameWord) -> bool {
    begins_sentence(sentence.get(..word.range.start).unwrap_or(""))
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
    // "Bank of Norland", "Carl van Reed"
    let binds = |word: &NameWord| {
        matches!(word.folded.as_str(), "of" | "de" | "la" | "van" | "von" | "der" | "bin" | "al")
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        at += names.get(at..)?.iter().position(is_part)?;
        let first = at;
        at += 1;
        loop {
            let next = |ahead: usize| names.get(at + ahead).filter(|word| word.joined);
            if next(0).is_some_and(is_part) {
                at += 1;
            } else if next(0).is_some_and(binds) && next(1).is_some_and(is_part) {
                at += 2;
            } else {
                break;
            }
        }
        Some(names.get(first..at)?.iter().collect())
    })
}

#[cfg(test)]
#[path = "fact_tests.rs"]
mod tests;
