//! Passages of two texts that ought to be the same, and how such passages find one another.

use std::collections::{BTreeMap, HashMap};

use crate::article::Span;

/// Two passages that stand in the same place of two documents with different content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alteration {
    /// In the first document.
    pub first: Span,
    /// In the second document.
    pub second: Span,
}

/// A word that so many passages of one text share tells none of them apart. It bounds the number of
/// pairs that are looked at.
const MOST_PASSAGES_OF_A_WORD: usize = 8;

/// Pairs of passages of two texts that stand for one another, in the order of the first; each passage
/// is in one pair at most. `words` gives the hashes of a passage's words, `least` is that of
/// [`likely_pairs`], and `fit` says how well two likely passages fit together, if they do.
pub(super) fn pair_up<'p, T>(
    (first, second): (&'p [T], &'p [T]),
    words: impl Fn(&T) -> &[u64],
    least: f64,
    fit: impl Fn(&T, &T) -> Option<f64>,
) -> Vec<(&'p T, &'p T)> {
    let first_words: Vec<&[u64]> = first.iter().map(&words).collect();
    let second_words: Vec<&[u64]> = second.iter().map(&words).collect();
    let matches = likely_pairs(&first_words, &second_words, least)
        .into_iter()
        .filter_map(|(a, b)| {
            let fit = fit(first.get(a)?, second.get(b)?)?;
            Some(Match { first: a, second: b, fit })
        })
        .collect();
    one_to_one(matches)
        .into_iter()
        .filter_map(|found| Some((first.get(found.first)?, second.get(found.second)?)))
        .collect()
}

/// Pairs of a passage of the first and one of the second text that share at least the part `least`
/// of the telling words of the shorter one, and at least two. Each passage is given by the hashes of
/// its words.
fn likely_pairs(first: &[&[u64]], second: &[&[u64]], least: f64) -> Vec<(usize, usize)> {
    let (first_index, second_index) = (passages_by_word(first), passages_by_word(second));
    let mut shared: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut telling = (vec![0_usize; first.len()], vec![0_usize; second.len()]);
    for (word, passages) in &first_index {
        let others = second_index.get(word).map_or(&[][..], Vec::as_slice);
        if passages.len().max(others.len()) > MOST_PASSAGES_OF_A_WORD {
            continue;
        }
        count(passages, &mut telling.0);
        for (a, b) in passages.iter().flat_map(|a| others.iter().map(move |b| (*a, *b))) {
            *shared.entry((a, b)).or_default() += 1;
        }
    }
    for (word, passages) in &second_index {
        let others = first_index.get(word).map_or(0, Vec::len);
        if passages.len().max(others) <= MOST_PASSAGES_OF_A_WORD {
            count(passages, &mut telling.1);
        }
    }
    let is_likely = |((a, b), shared): &((usize, usize), usize)| {
        let words = telling.0.get(*a).min(telling.1.get(*b)).copied().unwrap_or(0);
        *shared >= 2 && *shared as f64 >= least * words as f64
    };
    shared.into_iter().filter(is_likely).map(|(pair, _)| pair).collect()
}

/// For each word the passages it stands in, in order.
fn passages_by_word(passages: &[&[u64]]) -> HashMap<u64, Vec<usize>> {
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    for (passage, words) in passages.iter().enumerate() {
        for word in *words {
            let holders = index.entry(*word).or_default();
            if holders.last() != Some(&passage) {
                holders.push(passage);
            }
        }
    }
    index
}

fn count(passages: &[usize], telling: &mut [usize]) {
    for passage in passages {
        if let Some(count) = telling.get_mut(*passage) {
            *count += 1;
        }
    }
}

/// A pair of passages and how well they fit together; the greater, the better.
#[derive(Clone, Copy, Debug)]
struct Match {
    first: usize,
    second: usize,
    fit: f64,
}

/// Gives every passage to at most one other, the best fitting pairs first, and of equals the earlier
/// one. In the order of the first text.
fn one_to_one(mut matches: Vec<Match>) -> Vec<Match> {
    matches.sort_by(|a, b| {
        let by_place = (a.first + a.second).cmp(&(b.first + b.second)).then(a.first.cmp(&b.first));
        b.fit.total_cmp(&a.fit).then(by_place)
    });
    let mut taken = (std::collections::HashSet::new(), std::collections::HashSet::new());
    matches.retain(|found| {
        let is_free = !taken.0.contains(&found.first) && !taken.1.contains(&found.second);
        if is_free {
            taken.0.insert(found.first);
            taken.1.insert(found.second);
        }
        is_free
    });
    matches.sort_by_key(|found| found.first);
    matches
}
