//! Tables of words that many words of an article are looked up in.

use std::collections::HashSet;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

/// Words of at most so many bytes are looked up without an allocation.
const BUFFER_BYTES: usize = 16;

/// A table of ASCII words in lower case, ready for looking up.
pub(super) struct Lexicon {
    words: HashSet<&'static str, RandomState>,
    /// For each first byte, the lengths of the words that begin with it, as bits. Most words of an
    /// article are told by it to stand in no table, and are not hashed.
    lengths: [u32; 256],
}

/// A table that is made when it is first used.
pub(super) type Table = LazyLock<Lexicon>;

impl Lexicon {
    /// The words between the blanks of `table`.
    pub(super) fn new(table: &'static str) -> Self {
        let words: HashSet<_, _> = table.split_whitespace().collect();
        let mut lengths = [0; 256];
        for word in &words {
            let first = word.bytes().next().map(usize::from);
            if let Some(of_first) = first.and_then(|first| lengths.get_mut(first)) {
                *of_first |= length_bit(word);
            }
        }
        Self { words, lengths }
    }

    /// Whether a word as long as `word` begins with the byte `first`.
    fn may_hold(&self, word: &str, first: Option<u8>) -> bool {
        let of_first = first.and_then(|first| self.lengths.get(usize::from(first)));
        of_first.is_some_and(|lengths| lengths & length_bit(word) != 0)
    }

    /// Whether `word` stands in the table, written as it is.
    pub(super) fn contains(&self, word: &str) -> bool {
        self.may_hold(word, word.bytes().next()) && self.words.contains(word)
    }

    /// Whether `word` stands in the table, whatever the case of its letters.
    pub(super) fn contains_in_any_case(&self, word: &str) -> bool {
        if !self.may_hold(word, word.bytes().next().map(|first| first.to_ascii_lowercase())) {
            return false;
        }
        let mut small = [0; BUFFER_BYTES];
        match small.get_mut(..word.len()) {
            Some(small) => {
                small.copy_from_slice(word.as_bytes());
                small.make_ascii_lowercase();
                str::from_utf8(small).is_ok_and(|word| self.words.contains(word))
            }
            None => self.words.contains(word.to_ascii_lowercase().as_str()),
        }
    }
}

/// The length of a word as one bit; from 31 bytes on all are the same.
fn length_bit(word: &str) -> u32 {
    1 << word.len().min(31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_written_or_in_any_case() {
        let table = Lexicon::new("  bridge\n river counterterrorism ");
        assert!(table.contains("bridge") && !table.contains("Bridge") && !table.contains(""));
        for word in ["river", "River", "RIVER", "CounterTerrorism"] {
            assert!(table.contains_in_any_case(word), "{word}");
        }
        assert!(
            !table.contains_in_any_case("Rivers") && !table.contains_in_any_case("R\u{131}ver")
        );
    }
}
