//! Tables of words that many words of an article are looked up in.

use std::collections::HashSet;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

/// ASCII words of at most so many bytes are looked up without an allocation.
const BUFFER_BYTES: usize = 16;

/// A table of words in lower case, ready for looking up.
pub(super) struct Lexicon {
    words: HashSet<&'static str, RandomState>,
    /// Bytes of the longest.
    longest: usize,
}

/// A table that is made when it is first used.
pub(super) type Table = LazyLock<Lexicon>;

impl Lexicon {
    /// The words between the blanks of `table`.
    pub(super) fn new(table: &'static str) -> Self {
        let words: HashSet<_, _> = table.split_whitespace().collect();
        let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
        Self { words, longest }
    }

    /// Whether `word` stands in the table, written as it is.
    pub(super) fn contains(&self, word: &str) -> bool {
        word.len() <= self.longest && self.words.contains(word)
    }

    /// Whether `word` stands in the table, whatever the case of its letters.
    pub(super) fn contains_in_any_case(&self, word: &str) -> bool {
        if word.len() > self.longest {
            return false;
        }
        let mut small = [0; BUFFER_BYTES];
        match small.get_mut(..word.len()).filter(|_| word.is_ascii()) {
            Some(small) => {
                small.copy_from_slice(word.as_bytes());
                small.make_ascii_lowercase();
                str::from_utf8(small).is_ok_and(|word| self.words.contains(word))
            }
            None => self.words.contains(word.to_lowercase().as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_written_or_in_any_case() {
        let table = Lexicon::new("  bridge\n river counterterrorism été ");
        assert!(table.contains("bridge") && !table.contains("Bridge") && !table.contains(""));
        for word in ["river", "River", "RIVER", "CounterTerrorism", "Été"] {
            assert!(table.contains_in_any_case(word), "{word}");
        }
        assert!(
            !table.contains_in_any_case("Rivers") && !table.contains_in_any_case("R\u{131}ver")
        );
    }
}
