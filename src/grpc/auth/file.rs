//! The file with the callers. All that is wrong in it is told at once, and never a key: what stands
//! where a digest belongs is not told back.

use std::collections::HashSet;

use toml::{Table, Value};

use super::CallerLimits;
use super::key::{KeyDigest, PREFIX};
use crate::violation::{Violation, shortened};

/// Keys of one caller: the one in use, and its successor or predecessor.
const MOST_KEYS: usize = 2;
/// Longest name of a caller, in bytes.
const LONGEST_NAME: usize = 64;
/// Largest value of `requests_per_second`, `burst` and `max_in_flight`.
const LARGEST_LIMIT: u32 = 1_000_000;
/// Fields of a caller.
const FIELDS: [&str; 6] =
    ["name", "key_sha256", "certificates", "requests_per_second", "burst", "max_in_flight"];

/// A caller as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) keys: Vec<KeyDigest>,
    /// Names of client certificates that stand for a key.
    pub(super) certificates: Vec<String>,
    pub(super) limits: CallerLimits,
}

/// Reads the text of a file.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, Vec<Violation>> {
    let one = |field: &str, problem: String| vec![Violation::new(field, problem)];
    // What the parser says may quote the file.
    let root: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        one("callers", format!("the file is no TOML at line {}", before.matches('\n').count() + 1))
    })?;
    let mut reader = Reader::default();
    for key in root.keys().filter(|key| *key != "callers") {
        reader.fault(key, "is not known".into());
    }
    let callers = root.get("callers").and_then(Value::as_array).filter(|list| !list.is_empty());
    let Some(callers) = callers else {
        reader.fault("callers", "has at least one entry ([[callers]])".into());
        return Err(reader.violations);
    };
    let entries: Vec<Entry> = (0..).zip(callers).map(|(at, one)| reader.entry(at, one)).collect();
    if reader.violations.is_empty() { Ok(entries) } else { Err(reader.violations) }
}

/// Collects violations, and what has to be unique.
#[derive(Default)]
struct Reader {
    violations: Vec<Violation>,
    names: HashSet<String>,
    keys: HashSet<KeyDigest>,
    certificates: HashSet<String>,
}

impl Reader {
    fn fault(&mut self, field: &str, problem: String) {
        self.violations.push(Violation::new(field, problem));
    }

    fn entry(&mut self, index: usize, value: &Value) -> Entry {
        let empty = Table::new();
        let table = value.as_table().unwrap_or(&empty);
        let name = table.get("name").and_then(Value::as_str).unwrap_or_default();
        let path = match is_name(name) {
            true => format!("callers[{index}] \"{name}\""),
            false => format!("callers[{index}]"),
        };
        for field in table.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
            self.fault(&format!("{path}.{}", shortened(field)), "is not known".into());
        }
        self.name(&path, name);
        let keys = self.keys(&path, table.get("key_sha256"));
        let certificates = self.certificates(&path, table.get("certificates"));
        if table.get("key_sha256").is_none() && table.get("certificates").is_none() {
            self.fault(&path, "needs key_sha256 or certificates".into());
        }
        let limits = self.limits(&path, table);
        Entry { name: name.to_owned(), keys, certificates, limits }
    }

    fn name(&mut self, path: &str, name: &str) {
        let field = format!("{path}.name");
        if !is_name(name) {
            let allowed = "letters, digits, dots, dashes and underscores";
            let got = match name.starts_with(PREFIX) {
                true => "a key".to_owned(),
                false => format!("\"{}\"", shortened(name)),
            };
            self.fault(&field, format!("has 1 to {LONGEST_NAME} {allowed}, got {got}"));
        } else if !self.names.insert(name.to_owned()) {
            self.fault(&field, "is the name of another caller too".into());
        }
    }

    fn keys(&mut self, path: &str, value: Option<&Value>) -> Vec<KeyDigest> {
        let field = format!("{path}.key_sha256");
        let texts = self.texts(&field, value);
        if texts.len() > MOST_KEYS {
            self.fault(&field, format!("has at most {MOST_KEYS} entries, got {}", texts.len()));
        }
        let mut keys = Vec::new();
        for (index, text) in (0..).zip(texts) {
            let field = format!("{field}[{index}]");
            match KeyDigest::parse(text) {
                None => {
                    let got = text.chars().count();
                    let problem = "is a SHA-256: 64 hexadecimal digits";
                    self.fault(&field, format!("{problem}, got {got} characters"));
                }
                Some(digest) if digest == KeyDigest::of(b"") => {
                    self.fault(&field, "is the digest of an empty key".into());
                }
                Some(digest) if !self.keys.insert(digest) => {
                    self.fault(&field, "stands in this file twice".into());
                }
                Some(digest) => keys.push(digest),
            }
        }
        keys
    }

    fn certificates(&mut self, path: &str, value: Option<&Value>) -> Vec<String> {
        let field = format!("{path}.certificates");
        let names: Vec<String> = self.texts(&field, value).into_iter().map(str::to_owned).collect();
        for (index, name) in (0..).zip(&names) {
            let field = format!("{field}[{index}]");
            if name.is_empty() {
                self.fault(&field, "is not empty".into());
            } else if !self.certificates.insert(name.clone()) {
                let name = shortened(name);
                self.fault(&field, format!("stands in this file twice, got \"{name}\""));
            }
        }
        names
    }

    /// A list of strings with at least one entry; none when the field is not there.
    fn texts<'v>(&mut self, field: &str, value: Option<&'v Value>) -> Vec<&'v str> {
        let Some(value) = value else { return Vec::new() };
        let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        let texts: Option<Vec<&str>> = texts;
        match texts {
            Some(texts) if !texts.is_empty() => texts,
            _ => {
                self.fault(field, "is a list of strings with at least one entry".into());
                Vec::new()
            }
        }
    }

    fn limits(&mut self, path: &str, table: &Table) -> CallerLimits {
        let rate = self.rate(&format!("{path}.requests_per_second"), table);
        let burst = self.count(&format!("{path}.burst"), table.get("burst"));
        if burst.is_some() && table.get("requests_per_second").is_none() {
            self.fault(&format!("{path}.burst"), "needs requests_per_second".into());
        }
        let in_flight = self.count(&format!("{path}.max_in_flight"), table.get("max_in_flight"));
        CallerLimits { rate: rate.map(|rate| (rate, burst.unwrap_or(second_of(rate)))), in_flight }
    }

    fn rate(&mut self, field: &str, table: &Table) -> Option<f64> {
        let value = table.get("requests_per_second")?;
        let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
        let rate = number.filter(|rate| (0.001..=f64::from(LARGEST_LIMIT)).contains(rate));
        if rate.is_none() {
            let got = number_or_type(value);
            self.fault(field, format!("is between 0.001 and {LARGEST_LIMIT}, got {got}"));
        }
        rate
    }

    fn count(&mut self, field: &str, value: Option<&Value>) -> Option<u32> {
        let value = value?;
        let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (1..=LARGEST_LIMIT).contains(number));
        if number.is_none() {
            let got = number_or_type(value);
            self.fault(field, format!("is between 1 and {LARGEST_LIMIT}, got {got}"));
        }
        number
    }
}

/// The burst when none is given: what comes in a second.
fn second_of(rate: f64) -> u32 {
    // In range: a rate is at most a million.
    rate.ceil().max(1.0) as u32
}

/// A number as it is; of anything else only the type.
fn number_or_type(value: &Value) -> String {
    match value {
        Value::Integer(_) | Value::Float(_) => value.to_string(),
        _ => format!("a {}", value.type_str()),
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let fits = (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(allowed);
    fits && !name.starts_with(PREFIX)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
