//! Words as near-duplicates compare them: without case, punctuation and invisible characters.

use std::ops::Range;

use twox_hash::XxHash3_64;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Bytes in the text.
    pub(super) range: Range<usize>,
    /// Lower case, letters and digits only.
    pub(super) folded: String,
}

/// The words of `text`, in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each_word(text, |range, folded| words.push(Word { range, folded: folded.to_owned() }));
    words
}

/// Hands each word of `text` to `take`, as its bytes and folded.
///
/// A word is a run of letters and digits; apostrophes and invisible marks neither end it nor count.
pub(super) fn each_word(text: &str, mut take: impl FnMut(Range<usize>, &str)) {
    let mut folded = String::new();
    let mut range = 0..0;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            if folded.is_empty() {
                range.start = at;
            }
            range.end = at + c.len_utf8();
            if c.is_ascii() {
                folded.push(c.to_ascii_lowercase());
            } else {
                folded.extend(c.to_lowercase());
            }
        } else if !is_transparent(c) && !folded.is_empty() {
            take(range.clone(), &folded);
            folded.clear();
        }
    }
    if !folded.is_empty() {
        take(range, &folded);
    }
}

/// Whether `c` may stand inside a word: an apostrophe, a combining accent, or a mark that shows
/// nothing, such as the soft hyphen.
fn is_transparent(c: char) -> bool {
    matches!(
        c,
        '\'' | '’' | '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}'
            | '\u{300}'..='\u{36F}'
    )
}

/// A 64-bit hash (XXH3) that is the same on every machine and in every version.
pub(super) fn hash(folded: &str) -> u64 {
    XxHash3_64::oneshot(folded.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn case_punctuation_and_invisible_marks_do_not_count() {
        assert_eq!(folded("The “co\u{AD}op’s” END, no?"), folded("the coop's end no"));
        assert_eq!(folded("— ... !"), [""; 0]);
    }

    #[test]
    fn ranges_are_the_words_as_printed() {
        let text = "«Été» isn’t 3,5%.";
        let printed: Vec<_> = words(text).into_iter().map(|word| &text[word.range]).collect();
        assert_eq!(printed, ["Été", "isn’t", "3", "5"]);
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(hash("bridge"), 17_491_315_868_598_813_430);
    }
}
