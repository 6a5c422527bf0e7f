//! Names that hold an alias and mean somebody else: "George Washington", "Moscow, Idaho", "us".
//!
//! What is listed here holds for any contest; a contest file adds its own words (`AliasGuard`).

use std::cell::OnceCell;
use std::ops::Range;

use super::names::Name;
use super::namesake_table::{GIVEN_NAMES, INSTITUTIONS, PRONOUNS, QUALIFIERS, STATES};

/// A text in which names were found.
pub(super) struct Surroundings<'t> {
    text: &'t str,
    in_capitals: OnceCell<bool>,
}

impl<'t> Surroundings<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, in_capitals: OnceCell::new() }
    }

    /// Whether the name at `bytes` is part of another name, or another word.
    pub(super) fn make_another(&self, name: &Name, bytes: &Range<usize>) -> bool {
        let before = self.text.get(..bytes.start).unwrap_or("");
        let found = self.text.get(bytes.clone()).unwrap_or("");
        let after = self.text.get(bytes.end..).unwrap_or("");
        let in_general = name.is_single
            && (follows_given_name(name, before)
                || stands_before(after, INSTITUTIONS)
                || stands_after(before, QUALIFIERS)
                || (name.initials.is_empty() && is_town(after)));
        in_general
            || stands_before(after, &name.guard.not_before)
            || stands_after(before, &name.guard.not_after)
            || self.is_pronoun(found, before, after)
    }

    /// Whether a headline in capitals makes a pronoun look like an alias. "THE US", "US-LED" and a
    /// name at the start are none.
    fn is_pronoun(&self, found: &str, before: &str, after: &str) -> bool {
        PRONOUNS.iter().any(|pronoun| found.eq_ignore_ascii_case(pronoun))
            && !before.trim_end().is_empty()
            && !stands_after(before, &["The"])
            && !after.starts_with(['-', '\'', '’'])
            && *self.in_capitals.get_or_init(|| is_in_capitals(self.text))
    }
}

/// Whether a text has several words and no small letter.
fn is_in_capitals(text: &str) -> bool {
    !text.contains(char::is_lowercase) && text.split_whitespace().nth(2).is_some()
}

/// "Melania" before "Trump", "George" before "Washington"; a name whose bearer in the contest has the
/// same initial is left alone, because given names are spelled in many ways.
fn follows_given_name(name: &Name, before: &str) -> bool {
    let nearest = last_word(before);
    let is_initial = nearest.len() == 1 && before.ends_with(". ");
    let given = if is_initial {
        let ahead = before.len().saturating_sub(nearest.len() + ". ".len());
        last_word(before.get(..ahead).unwrap_or(""))
    } else {
        nearest
    };
    let own = given.chars().next().is_some_and(|initial| name.initials.contains(&initial));
    // "Booker T. Washington", but not "the U.S. Washington knows".
    let bears_initial = is_initial && given.len() > 1 && given.starts_with(char::is_uppercase);
    !own && (bears_initial || GIVEN_NAMES.iter().any(|common| is_or_capitals(given, common)))
}

/// The word that `text` ends with, before spaces, a hyphen, or the full stop of an abbreviation.
fn last_word(text: &str) -> &str {
    let text = text.trim_end_matches(is_joint);
    let is_abbreviation = |text: &str| {
        let word = text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        (1..=LONGEST_ABBREVIATION).contains(&word.len())
    };
    let text = text.strip_suffix('.').filter(|text| is_abbreviation(text)).unwrap_or(text);
    text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("")
}

/// Longest abbreviation before a name whose full stop ends no sentence: "Mrs.", "J.".
const LONGEST_ABBREVIATION: usize = 3;

/// What may stand between the words of one name.
fn is_joint(c: char) -> bool {
    matches!(c, ' ' | '-' | '\u{A0}')
}

/// Whether `after` goes on with one of `words`.
fn stands_before<W: AsRef<str>>(after: &str, words: &[W]) -> bool {
    let rest = after.trim_start_matches(is_joint);
    rest.len() < after.len()
        && words.iter().any(|word| {
            let word = word.as_ref();
            let (head, tail) = rest.split_at_checked(word.len()).unwrap_or(("", ""));
            !tail.starts_with(char::is_alphanumeric) && is_or_capitals(head, word)
        })
}

/// Whether `before` ends with one of `words`.
fn stands_after<W: AsRef<str>>(before: &str, words: &[W]) -> bool {
    let rest = before.trim_end_matches(is_joint);
    // "Mrs." in the text is "Mrs" in a list.
    let bare = rest.strip_suffix('.').unwrap_or(rest);
    rest.len() < before.len()
        && words.iter().any(|word| {
            let word = word.as_ref();
            let split = bare.len().checked_sub(word.len()).and_then(|at| bare.split_at_checked(at));
            let (head, tail) = split.unwrap_or(("", ""));
            !head.ends_with(char::is_alphanumeric) && is_or_capitals(tail, word)
        })
}

/// Whether `after` goes on with a comma and a state: "Moscow, Idaho".
fn is_town(after: &str) -> bool {
    let state = after.strip_prefix(", ").unwrap_or("");
    STATES.iter().any(|name| {
        let (head, tail) = state.split_at_checked(name.len()).unwrap_or(("", ""));
        head == *name && !tail.starts_with(char::is_alphanumeric)
    })
}

/// Whether `printed` is `word`, as it is or in capitals.
fn is_or_capitals(printed: &str, word: &str) -> bool {
    printed == word
        || (printed.len() == word.len()
            && !printed.is_empty()
            && !printed.contains(char::is_lowercase)
            && printed.eq_ignore_ascii_case(word))
}
