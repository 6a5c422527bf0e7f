//! Which of many texts may be near-duplicates: MinHash signatures (Broder 1997) in bands.
//!
//! Two texts with the Jaccard similarity J agree in a row of their signatures with probability J,
//! and in all rows of one band with J². They become candidates when some band agrees:
//!
//! ```text
//! P(candidate) = 1 − (1 − J^ROWS)^BANDS
//! ```

use super::shingle::{Shingles, mixed};

/// Bands of a signature.
const BANDS: usize = 128;
/// Rows of a band. Two, so that texts that share few shingles are still found; each candidate is
/// measured exactly afterwards, so a false one costs time only.
const ROWS: usize = 2;
/// Where the fixed sequence of hash functions starts.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// The smallest hash of a text under each of `BANDS · ROWS` hash functions; empty for a text
/// without words.
type Signature = Vec<u64>;

/// The pairs (first < second) of texts that agree in some band, in order, each once.
pub(super) fn candidates(texts: &[Shingles]) -> Vec<(usize, usize)> {
    let functions = functions();
    let signatures: Vec<Signature> =
        texts.iter().map(|shingles| signature(shingles, &functions)).collect();
    let mut pairs = Vec::new();
    for band in 0..BANDS {
        let mut rows: Vec<(&[u64], usize)> = signatures
            .iter()
            .enumerate()
            .filter_map(|(text, signature)| {
                Some((signature.get(band * ROWS..(band + 1) * ROWS)?, text))
            })
            .collect();
        rows.sort_unstable();
        for bucket in rows.chunk_by(|(rows, _), (others, _)| rows == others) {
            let texts = bucket.iter().map(|(_, text)| *text);
            pairs.extend(texts.clone().enumerate().flat_map(|(index, first)| {
                texts.clone().skip(index + 1).map(move |second| (first, second))
            }));
        }
        // Many bands find the same pair; without this a set of copies would take 128 times the room.
        if band % 8 == 7 {
            pairs.sort_unstable();
            pairs.dedup();
        }
    }
    pairs
}

/// Multiplier (odd) and summand of every hash function x ↦ a·x + b modulo 2⁶⁴.
fn functions() -> Vec<(u64, u64)> {
    let mut state = SEED;
    let mut next = || {
        state = state.wrapping_add(SEED);
        mixed(state)
    };
    (0..BANDS * ROWS).map(|_| (next() | 1, next())).collect()
}

fn signature(shingles: &Shingles, functions: &[(u64, u64)]) -> Signature {
    functions
        .iter()
        .filter_map(|(a, b)| {
            shingles.hashes().iter().map(|hash| hash.wrapping_mul(*a).wrapping_add(*b)).min()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of `words` words; two texts share the words before `shared`.
    fn text(name: &str, shared: usize, words: usize) -> Shingles {
        let word = |at: usize| if at < shared { format!("w{at}") } else { format!("{name}{at}") };
        Shingles::of(&(0..words).map(word).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn texts_that_share_three_shingles_in_ten_are_candidates() {
        let found = (0..50).filter(|pair| {
            let (first, second) = (format!("a{pair}x"), format!("b{pair}x"));
            let texts = [text(&first, 90, 300), text(&second, 90, 300)];
            candidates(&texts) == [(0, 1)]
        });
        assert_eq!(found.count(), 50);
    }

    #[test]
    fn texts_without_common_words_are_none() {
        let texts: Vec<_> = (0..20).map(|name| text(&format!("t{name}x"), 0, 100)).collect();
        assert_eq!(candidates(&texts), []);
    }

    #[test]
    fn texts_without_words_are_none() {
        assert_eq!(candidates(&[Shingles::of(""), Shingles::of("?!")]), []);
    }
}
