//! Numbers in running text: their value, and what is counted.

use std::ops::Range;

use super::words::Word;

/// What a number counts; numbers of different kinds cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    /// Things or people.
    Count,
    /// A calendar year.
    Year,
    /// A day of a month.
    Day,
    /// Parts of a hundred.
    Percent,
    /// Money, with the currency as an index into [`CURRENCIES`].
    Money(usize),
    /// A unit of measure, as an index into [`MEASURES`].
    Measure(usize),
}

/// A number in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    /// Its bytes, with words such as "million", without the unit.
    pub(super) range: Range<usize>,
    /// The words it takes, by index.
    pub(super) words: Range<usize>,
    pub(super) value: f64,
    pub(super) unit: Unit,
}

/// Signs before a number, and words after it.
const CURRENCIES: &[(&str, &[&str])] = &[
    ("$", &["dollar", "dollars"]),
    ("€", &["euro", "euros"]),
    ("£", &["pound", "pounds"]),
    ("¥", &["yen", "yuan"]),
    ("₽", &["ruble", "rubles", "rouble", "roubles"]),
];

/// Units that are not converted into one another, each in the ways it is written.
const MEASURES: &[&[&str]] = &[
    &["kilometre", "kilometres", "kilometer", "kilometers", "km", "kms"],
    &["mile", "miles"],
    &["metre", "metres", "meter", "meters", "m"],
    &["foot", "feet", "ft"],
    &["inch", "inches"],
    &["centimetre", "centimetres", "centimeter", "centimeters", "cm"],
    &["hectare", "hectares"],
    &["acre", "acres"],
    &["tonne", "tonnes", "ton", "tons"],
    &["kilogram", "kilograms", "kg", "kilo", "kilos"],
    &["litre", "litres", "liter", "liters"],
    &["gallon", "gallons"],
    &["barrel", "barrels"],
    &["second", "seconds"],
    &["minute", "minutes"],
    &["hour", "hours"],
    &["day", "days"],
    &["week", "weeks"],
    &["month", "months"],
    &["year", "years"],
    &["decade", "decades"],
    &["degree", "degrees"],
    &["megawatt", "megawatts", "mw"],
];

/// Numbers spelled out. "One" is left out: it is a pronoun more often.
const SPELLED: &[(&str, f64)] = &[
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("thirteen", 13.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("seventeen", 17.0),
    ("eighteen", 18.0),
    ("nineteen", 19.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
];

/// Words that multiply the number before them, or "a".
const MULTIPLIERS: &[(&str, f64)] = &[
    ("dozen", 12.0),
    ("hundred", 1e2),
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
    ("trillion", 1e12),
];

/// Parts, ranks and multiples in words.
const QUANTITIES: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "half", "quarter", "once", "twice", "double", "triple",
];

/// Months that are no other word when folded; "may" is left out.
const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "aug",
    "sept",
    "oct",
    "nov",
    "dec",
];

/// Years of our time, written with four digits.
const YEARS: Range<f64> = 1900.0..2100.0;

/// The numbers of `text`, whose words are `words`, in order.
pub(super) fn numbers(text: &str, words: &[Word]) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some((mut value, mut end)) = figures(text, words, at)
            .or_else(|| spelled(text, words, at))
            .or_else(|| one_of_many(words, at))
        else {
            at += 1;
            continue;
        };
        while let Some(factor) = words.get(end).and_then(|word| lookup(MULTIPLIERS, &word.folded)) {
            value *= factor;
            end += 1;
        }
        let range = words.get(at).zip(words.get(end - 1));
        if let Some(range) = range.map(|(first, last)| first.range.start..last.range.end)
            && !is_code(text, &range)
        {
            let unit = unit(text, words, &range, at..end, value);
            found.push(Number { range, words: at..end, value, unit });
        }
        at = end;
    }
    found
}

/// Whether a word stands for a number of things without being a number of its own: "hundreds", "third", "half".
pub(super) fn is_quantity(folded: &str) -> bool {
    let singular = folded.strip_suffix('s').unwrap_or(folded);
    lookup(MULTIPLIERS, singular).is_some() || QUANTITIES.contains(&singular)
}

/// Whether a word is a month; "may" is one beside a day only.
pub(super) fn is_month(folded: &str) -> bool {
    MONTHS.contains(&folded)
}

fn lookup(table: &[(&str, f64)], word: &str) -> Option<f64> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// What stands between two neighbouring words.
fn gap<'t>(text: &'t str, words: &[Word], before: usize) -> &'t str {
    let gap = words.get(before).zip(words.get(before + 1));
    gap.and_then(|(a, b)| text.get(a.range.end..b.range.start)).unwrap_or(" ")
}

/// A number in figures at the word `at`, with the index after its last word: "1,500", "3.5".
fn figures(text: &str, words: &[Word], at: usize) -> Option<(f64, usize)> {
    let figures = |at: usize| {
        let word: &str = &words.get(at)?.folded;
        word.bytes().all(|byte| byte.is_ascii_digit()).then_some(word)
    };
    let mut digits = figures(at)?.to_owned();
    let mut end = at + 1;
    while gap(text, words, end - 1) == ","
        && let Some(group) = figures(end).filter(|group| group.len() == 3)
    {
        digits.push_str(group);
        end += 1;
    }
    if gap(text, words, end - 1) == "."
        && let Some(decimals) = figures(end)
    {
        digits.push('.');
        digits.push_str(decimals);
        end += 1;
    }
    Some((digits.parse().ok()?, end))
}

/// A number in words at the word `at`: "twelve", "twenty-five".
fn spelled(text: &str, words: &[Word], at: usize) -> Option<(f64, usize)> {
    let value = lookup(SPELLED, &words.get(at)?.folded)?;
    let ones = words.get(at + 1).filter(|_| value >= 20.0 && gap(text, words, at) == "-");
    let ones = ones.and_then(|word| {
        let one = (word.folded == "one").then_some(1.0);
        one.or_else(|| lookup(SPELLED, &word.folded)).filter(|ones| *ones < 10.0)
    });
    Some(ones.map_or((value, at + 1), |ones| (value + ones, at + 2)))
}

/// "A" or "one" before a multiplier, as in "a hundred".
fn one_of_many(words: &[Word], at: usize) -> Option<(f64, usize)> {
    let next = words.get(at + 1)?;
    (matches!(words.get(at)?.folded.as_str(), "a" | "one")
        && lookup(MULTIPLIERS, &next.folded).is_some())
    .then_some((1.0, at + 1))
}

/// Whether the figures are part of a name, a time or a date: "F-16", "10:30", "3/4".
fn is_code(text: &str, range: &Range<usize>) -> bool {
    let mut before = text.get(..range.start).unwrap_or("").chars().rev();
    let mut after = text.get(range.end..).unwrap_or("").chars();
    let is_joint = |c: Option<char>| matches!(c, Some(':' | '/' | '.' | ',' | '-' | '–' | '#'));
    let joined_before = is_joint(before.next()) && before.next().is_some_and(char::is_alphanumeric);
    let joint = after.next();
    joined_before
        || (is_joint(joint)
            && joint != Some('-')
            && after.next().is_some_and(|c| c.is_ascii_digit()))
}

/// What the number at the bytes `range` and the words `own` counts.
fn unit(text: &str, words: &[Word], range: &Range<usize>, own: Range<usize>, value: f64) -> Unit {
    let next = own.end;
    let before = text.get(..range.start).unwrap_or("").trim_end();
    let after = text.get(range.end..).unwrap_or("").trim_start();
    let word = |at: usize| words.get(at).map_or("", |word| word.folded.as_str());
    if after.starts_with('%')
        || matches!(word(next), "percent" | "percentage")
        || (word(next) == "per" && word(next + 1) == "cent")
    {
        return Unit::Percent;
    }
    let currency = CURRENCIES
        .iter()
        .position(|(sign, names)| before.ends_with(sign) || names.contains(&word(next)));
    if let Some(currency) = currency {
        return Unit::Money(currency);
    }
    if let Some(measure) = MEASURES.iter().position(|names| names.contains(&word(next))) {
        return Unit::Measure(measure);
    }
    let previous = own.start.checked_sub(1).map_or("", word);
    if range.len() <= 2 && (MONTHS.contains(&previous) || MONTHS.contains(&word(next))) {
        return Unit::Day;
    }
    let is_year = range.len() == 4 && YEARS.contains(&value) && value.fract() == 0.0;
    if is_year { Unit::Year } else { Unit::Count }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::words::words;

    fn found(text: &str) -> Vec<(&str, f64, Unit)> {
        let numbers = numbers(text, &words(text)).into_iter();
        numbers.map(|number| (&text[number.range], number.value, number.unit)).collect()
    }

    #[test]
    fn figures_and_words_have_one_value() {
        let text = "He counted 1,500 of 3.5 million, then twenty-five and a dozen more.";
        let expected = [
            ("1,500", 1500.0, Unit::Count),
            ("3.5 million", 3.5e6, Unit::Count),
            ("twenty-five", 25.0, Unit::Count),
            ("a dozen", 12.0, Unit::Count),
        ];
        assert_eq!(found(text), expected);
    }

    #[test]
    fn the_unit_is_part_of_the_meaning() {
        let text = "On 6 March 2014 it cost $40, or 12 per cent, for 8 miles and 5 km.";
        let units: Vec<_> = found(text).into_iter().map(|(_, _, unit)| unit).collect();
        let expected = [
            Unit::Day,
            Unit::Year,
            Unit::Money(0),
            Unit::Percent,
            Unit::Measure(1),
            Unit::Measure(0),
        ];
        assert_eq!(units, expected);
    }

    #[test]
    fn names_times_and_dates_are_no_numbers() {
        assert_eq!(found("An F-16 at 10:30 on 3/4, the 40th, of the 1990s."), []);
        assert_eq!(found("No one won."), []);
    }
}
