//! Numbers that two documents give with different values.

use std::ops::Range;

use super::alteration::{Alteration, pair_up};
use crate::article::number::{Number, numbers};
use crate::article::words::{Word, hash, words};
use crate::article::{Document, Span};

/// Words on each side of a number that tell what is counted.
const CONTEXT: usize = 8;
/// Letters of a context word that count, so that endings do not matter; shorter words tell nothing.
const STEM: usize = 4;
/// Part of their context that two numbers must share to stand in the same place (Dice coefficient).
const ALIKE: f64 = 0.5;
/// Words of the context that have to be the same.
const FEWEST_SHARED: usize = 3;

/// A number in its place.
struct Placed {
    span: Span,
    number: Number,
    /// Hashes of the stems around it, in order, each once.
    context: Vec<u64>,
    /// Those of them that stand nearest, before and after it.
    neighbours: Vec<u64>,
    /// Index of its sentence.
    sentence: usize,
}

/// The numbers that stand in the same place of both documents with other values, in the order of the
/// first. The place is told by the words around a number in its sentence; values in different units
/// are not compared, and a value that stands in both sentences has not changed.
pub fn altered_numbers(first: &Document, second: &Document) -> Vec<Alteration> {
    let (first, second) = (placed(first), placed(second));
    pair_up((&first, &second), |placed| &placed.context, ALIKE, fit)
        .into_iter()
        .filter_map(|(a, b)| {
            let stays = |placed: &[Placed], sentence: usize, number: &Number| {
                let start = placed.partition_point(|placed| placed.sentence < sentence);
                let in_sentence = placed.iter().skip(start);
                in_sentence
                    .take_while(|placed| placed.sentence == sentence)
                    .any(|placed| is_same(&placed.number, number))
            };
            let altered =
                !stays(&second, b.sentence, &a.number) && !stays(&first, a.sentence, &b.number);
            altered.then_some(Alteration { first: a.span, second: b.span })
        })
        .collect()
}

fn placed(document: &Document) -> Vec<Placed> {
    let mut all = Vec::new();
    for (index, sentence) in document.sentences.iter().enumerate() {
        let text = document.sentence_text(sentence);
        let words = words(text);
        let start = document.clean_bytes(&sentence.span).start;
        all.extend(numbers(text, &words).into_iter().map(|number| {
            let (before, after) = around(&words, &number);
            let neighbours = before.last().into_iter().chain(after.first()).copied().collect();
            let mut context = [before, after].concat();
            context.sort_unstable();
            context.dedup();
            Placed {
                span: document.span(start + number.range.start..start + number.range.end),
                number,
                context,
                neighbours,
                sentence: index,
            }
        }));
    }
    all
}

/// The stems before and after a number, as hashes.
fn around(words: &[Word], number: &Number) -> (Vec<u64>, Vec<u64>) {
    let stems = |range: Range<usize>| {
        let stem = |word: &Word| {
            let (end, last) = word.folded.char_indices().nth(STEM - 1)?;
            word.folded.get(..end + last.len_utf8()).map(hash)
        };
        words.get(range).unwrap_or(&[]).iter().filter_map(stem).collect()
    };
    let Range { start, end } = number.words;
    let last = (end + CONTEXT).min(words.len());
    (stems(start.saturating_sub(CONTEXT)..start), stems(end..last))
}

/// How well two numbers fit together: the Dice coefficient of their contexts, and 1 more for the
/// same value, so that what did not change is matched first. None when they have different places.
fn fit(first: &Placed, second: &Placed) -> Option<f64> {
    if first.number.unit != second.number.unit {
        return None;
    }
    let holds = |placed: &Placed, word: &u64| placed.context.binary_search(word).is_ok();
    let is_beside_it = first.neighbours.iter().any(|word| holds(second, word))
        && second.neighbours.iter().any(|word| holds(first, word));
    let shared = first.context.iter().filter(|word| holds(second, word)).count();
    let alike = 2.0 * shared as f64 / (first.context.len() + second.context.len()).max(1) as f64;
    let same = if is_same(&first.number, &second.number) { 1.0 } else { 0.0 };
    (is_beside_it && shared >= FEWEST_SHARED && alike >= ALIKE).then_some(alike + same)
}

fn is_same(first: &Number, second: &Number) -> bool {
    (first.value - second.value).abs() <= first.value.abs().max(second.value.abs()) * 1e-9
}
