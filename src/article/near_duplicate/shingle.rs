//! Shingles: the runs of three words of a text, as a set.

use crate::article::words::{each_word, hash};

/// Words of a shingle.
const SIZE: usize = 3;

/// The set of shingles of a text, each as a 64-bit hash. Equal shingles have equal hashes; two
/// different ones share a hash with a chance of about 5·10⁻²⁰.
#[derive(Clone, Debug, Default)]
pub(super) struct Shingles {
    /// In order, each once.
    hashes: Vec<u64>,
}

impl Shingles {
    /// Reads a text. One with fewer than three words has one shingle, all of it; one without words
    /// has none.
    pub(super) fn of(text: &str) -> Self {
        let mut hashes = Vec::new();
        let mut last = [0; SIZE];
        let mut count = 0_usize;
        each_word(text, |_, folded| {
            last.rotate_left(1);
            if let Some(newest) = last.last_mut() {
                *newest = hash(folded);
            }
            count += 1;
            if count >= SIZE {
                hashes.push(joined(&last));
            }
        });
        if (1..SIZE).contains(&count) {
            hashes.push(joined(&last));
        }
        hashes.sort_unstable();
        hashes.dedup();
        Self { hashes }
    }

    /// Number of different shingles.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The hashes, in order.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Number of shingles that both texts have.
    pub(super) fn shared(&self, other: &Self) -> usize {
        let mut others = other.hashes.iter().peekable();
        self.hashes
            .iter()
            .filter(|hash| {
                while others.next_if(|other| other < hash).is_some() {}
                others.next_if_eq(hash).is_some()
            })
            .count()
    }
}

/// One hash for a sequence of hashes.
fn joined(hashes: &[u64]) -> u64 {
    hashes.iter().fold(0, |sum, hash| mixed(sum ^ hash))
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection in which every bit of the
/// input sways every bit of the output.
pub(super) fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_its_runs_of_three_words_once() {
        let shingles = Shingles::of("One two three. One, two, THREE!");
        // one two three, two three one, three one two
        assert_eq!(shingles.len(), 3);
        assert_eq!(shingles.shared(&Shingles::of("two three one")), 1);
    }

    #[test]
    fn the_order_of_the_words_counts() {
        assert_eq!(Shingles::of("dog bites man").shared(&Shingles::of("man bites dog")), 0);
    }

    #[test]
    fn a_text_of_one_word_is_its_own_shingle() {
        assert_eq!(Shingles::of("Rain.").shared(&Shingles::of("rain")), 1);
        assert_eq!(Shingles::of("...").len(), 0);
    }
}
