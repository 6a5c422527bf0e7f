//! Near-duplicates: texts that are copies or rewordings of one another, and what was altered.
//!
//! Three measures, each for one kind of copy:
//!
//! - `shingle`: Jaccard similarity and containment of the runs of three words, for copies, excerpts
//!   and light rewordings;
//! - `order`: content words in common order, for rewordings that leave hardly a phrase as it was;
//! - `minhash`: finds the pairs worth measuring among many texts.
//!
//! [`altered_quotations`] and [`altered_numbers`] list what two versions give differently. The
//! figures behind the thresholds are in `docs/near_duplicates.md`.

mod alteration;
mod altered_number;
mod minhash;
mod order;
mod quoted;
mod shingle;

pub use alteration::Alteration;
pub use altered_number::altered_numbers;
pub use quoted::altered_quotations;

use order::ContentWords;
use shingle::Shingles;

/// Up to this many texts every pair is measured; of more, only the pairs that MinHash finds.
pub const MOST_MEASURED_IN_FULL: usize = 64;

/// Jaccard similarity of a near-duplicate. Of two texts of one length it says that each has 21 % of
/// its shingles in the other; a rewording that keeps 30 % has 0.18.
const JACCARD: f64 = 0.12;
/// Containment of a near-duplicate: half of a text stands in a longer one.
const CONTAINMENT: f64 = 0.5;
/// Share of the content words that a rewording keeps in order; reports of one event by different
/// authors stay below 0.16.
const ORDERED: f64 = 0.18;
/// The same share in each half of both texts, so that a notice at the end of articles of one outlet
/// makes no rewording of them.
const ORDERED_IN_HALF: f64 = 0.12;
/// So many shingles or ordered words have to be common, because short texts share some by chance.
const FEWEST_COMMON: usize = 10;

/// Two texts of a list, compared. All measures are symmetric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Index of the first text.
    pub first: usize,
    /// Index of the second text, which is greater.
    pub second: usize,
    /// Shingles in both texts over shingles in either, in [0, 1]; 0 where a text has no words.
    pub jaccard: f64,
    /// Shingles in both texts over those of the text that has fewer, in [0, 1].
    pub containment: f64,
    /// Content words in common order over those of the text that has fewer, in [0, 1].
    pub ordered: f64,
    /// Whether one is a copy, a large excerpt or a rewording of the other.
    pub near_duplicate: bool,
}

/// Compares texts with one another: all pairs of up to [`MOST_MEASURED_IN_FULL`] texts, and of more
/// those that are likely to share shingles. In the order of the indices.
///
/// Takes time linear in the length of the texts, and in the number of pairs that are returned. Of
/// many texts, pairs with the Jaccard similarity 0.18 are found with probability 0.98; excerpts and
/// heavy rewordings below that may be missed.
pub fn find_near_duplicates(texts: &[&str]) -> Vec<Pair> {
    let shingles: Vec<Shingles> = texts.iter().map(|text| Shingles::of(text)).collect();
    let content: Vec<ContentWords> = texts.iter().map(|text| ContentWords::of(text)).collect();
    let measured = |(first, second)| {
        let shingles = (shingles.get(first)?, shingles.get(second)?);
        let content = (content.get(first)?, content.get(second)?);
        Some(measure((first, second), shingles, content))
    };
    if texts.len() <= MOST_MEASURED_IN_FULL {
        let all = (0..texts.len())
            .flat_map(|first| (first + 1..texts.len()).map(move |second| (first, second)));
        all.filter_map(measured).collect()
    } else {
        minhash::candidates(&shingles).into_iter().filter_map(measured).collect()
    }
}

fn measure(
    (first, second): (usize, usize),
    shingles: (&Shingles, &Shingles),
    content: (&ContentWords, &ContentWords),
) -> Pair {
    let shared = shingles.0.shared(shingles.1);
    let (fewer, all) =
        (shingles.0.len().min(shingles.1.len()), shingles.0.len() + shingles.1.len() - shared);
    let in_order = content.0.in_common_order(content.1);
    let jaccard = share(shared, all);
    let containment = share(shared, fewer);
    let fewer_content = content.0.len().min(content.1.len());
    let ordered = share(in_order.all, fewer_content);
    let is_whole = shared > 0 && shared == all;
    let shares_phrases =
        shared >= FEWEST_COMMON && (jaccard >= JACCARD || containment >= CONTAINMENT);
    let shares_order = in_order.all >= FEWEST_COMMON
        && ordered >= ORDERED
        && share(2 * in_order.fewest_in_half, fewer_content) >= ORDERED_IN_HALF;
    let near_duplicate = is_whole || shares_phrases || shares_order;
    Pair { first, second, jaccard, containment, ordered, near_duplicate }
}

/// `part` of `whole`; 0 of nothing.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests;
