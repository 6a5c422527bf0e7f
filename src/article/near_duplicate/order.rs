//! Content words in common order: what is left of a text when every phrase of it is reworded.
//!
//! A rewriter changes the phrases and keeps names, numbers and key words in the order of the story.
//! Another report on the same event has some of the words in another order, so the longest common
//! sequence tells the two apart where shingles do not.

use std::collections::HashMap;

use crate::article::words::{each_word, hash};

/// Letters of a content word that count, so that endings do not matter; a shorter word is content
/// only when it holds a digit.
const STEM: usize = 5;

/// The content words that stand in a text exactly once, with their position among all content words.
#[derive(Clone, Debug, Default)]
pub(super) struct ContentWords {
    /// Hash of the stem and position, in the order of the hashes.
    once: Vec<(u64, usize)>,
    /// Number of all content words.
    all: usize,
}

/// How many content words two texts have in common order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InOrder {
    /// In the whole texts.
    pub(super) all: usize,
    /// In the half of a text that has the fewest: a rewording goes through the whole text, where a
    /// common notice at the end of two texts does not.
    pub(super) fewest_in_half: usize,
}

impl ContentWords {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        let mut positions: HashMap<u64, Option<usize>> = HashMap::new();
        let mut position = 0;
        each_word(text, |_, folded| {
            let stem = folded.char_indices().nth(STEM - 1).map(|(at, last)| at + last.len_utf8());
            let has_digit = || folded.contains(|c: char| c.is_ascii_digit());
            let content = match stem {
                Some(end) if !has_digit() => folded.get(..end),
                _ => has_digit().then_some(folded),
            };
            if let Some(content) = content {
                positions
                    .entry(hash(content))
                    .and_modify(|at| *at = None)
                    .or_insert(Some(position));
                position += 1;
            }
        });
        let mut once: Vec<(u64, usize)> =
            positions.into_iter().filter_map(|(hash, at)| Some((hash, at?))).collect();
        once.sort_unstable();
        Self { once, all: position }
    }

    /// Number of content words that stand in the text once.
    pub(super) fn len(&self) -> usize {
        self.once.len()
    }

    /// Length of the longest sequence of these words that stands in both texts in the same order.
    pub(super) fn in_common_order(&self, other: &Self) -> InOrder {
        let mut others = other.once.iter().peekable();
        let mut common: Vec<(usize, usize)> = Vec::new();
        for (hash, position) in &self.once {
            while others.next_if(|(other, _)| other < hash).is_some() {}
            if let Some((_, other)) = others.next_if(|(other, _)| other == hash) {
                common.push((*position, *other));
            }
        }
        common.sort_unstable();
        let ordered = |is_in: &dyn Fn(usize, usize) -> bool| {
            let part = common.iter().filter(|(own, other)| is_in(*own, *other));
            longest_increasing(part.map(|(_, other)| *other))
        };
        let halves = [
            ordered(&|own, _| own < self.all / 2),
            ordered(&|own, _| own >= self.all / 2),
            ordered(&|_, position| position < other.all / 2),
            ordered(&|_, position| position >= other.all / 2),
        ];
        InOrder {
            all: ordered(&|_, _| true),
            fewest_in_half: halves.into_iter().min().unwrap_or_default(),
        }
    }
}

/// Length of the longest increasing subsequence of different numbers, by patience sorting.
fn longest_increasing(numbers: impl Iterator<Item = usize>) -> usize {
    let mut piles: Vec<usize> = Vec::new();
    for number in numbers {
        let pile = piles.partition_point(|top| *top < number);
        match piles.get_mut(pile) {
            Some(top) => *top = number,
            None => piles.push(number),
        }
    }
    piles.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_common_order(first: &str, second: &str) -> usize {
        ContentWords::of(first).in_common_order(&ContentWords::of(second)).all
    }

    #[test]
    fn endings_and_small_words_do_not_count() {
        let first = "Harbour workers refused to unload 40 ships.";
        let second = "The harbour's worker refuses the unloading of 40 boats";
        assert_eq!(in_common_order(first, second), 5);
    }

    #[test]
    fn words_in_another_order_do_not_count() {
        assert_eq!(in_common_order("bridge council mayor", "mayor council bridge"), 1);
    }

    #[test]
    fn a_word_that_stands_twice_has_no_place() {
        assert_eq!(in_common_order("bridge bridges council", "bridge council"), 1);
    }

    #[test]
    fn a_common_notice_stands_in_one_half_only() {
        let notice = "Content reaches publishers without charge through licensing";
        let first =
            ContentWords::of(&format!("Bridge council mayor ferry pillars rusted. {notice}"));
        let second =
            ContentWords::of(&format!("Orchard harvest apple crates frost barley {notice}"));
        let found = first.in_common_order(&second);
        assert!(found.all >= 5 && found.fewest_in_half == 0, "{found:?}");
    }

    #[test]
    fn patience_sorting_finds_the_longest_run() {
        assert_eq!(longest_increasing([3, 1, 2, 9, 4, 5].into_iter()), 4);
    }
}
