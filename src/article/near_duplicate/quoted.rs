//! Quotations that two documents give with different words.

use similar::{Algorithm, capture_diff_slices, get_diff_ratio};

use super::alteration::{Alteration, pair_up};
use crate::article::words::{hash, words};
use crate::article::{Document, Quotation};

/// Shorter quotations are too easily alike.
const FEWEST_WORDS: usize = 4;
/// Longer quotations are not compared; it bounds the cost of one comparison.
const MOST_WORDS: usize = 400;
/// Part of their words that two quotations must have in common order to be taken for one, when the
/// same person says them.
const ALIKE_OF_ONE_SPEAKER: f64 = 0.3;
/// The same for quotations whose speakers differ or are not known.
const ALIKE: f64 = 0.6;

/// A quotation, ready to be compared.
struct Said<'d> {
    quotation: &'d Quotation,
    /// Hashes of its words.
    words: Vec<u64>,
    /// The last word of the speaker's name, folded.
    surname: Option<String>,
}

/// The quotations that stand in both documents with other words, in the order of the first.
///
/// Two quotations are taken for one when enough of their words agree in order, less for the same
/// speaker. One that is left out, or given in part only, is not altered.
pub fn altered_quotations(first: &Document, second: &Document) -> Vec<Alteration> {
    let (first, second) = (said(first), said(second));
    pair_up((&first, &second), |said| &said.words, ALIKE_OF_ONE_SPEAKER, fit)
        .into_iter()
        .filter_map(|(a, b)| {
            let altered = !holds_run(&a.words, &b.words) && !holds_run(&b.words, &a.words);
            altered.then_some(Alteration { first: a.quotation.span, second: b.quotation.span })
        })
        .collect()
}

fn said(document: &Document) -> Vec<Said<'_>> {
    let quotations = document.quotations.iter().filter(|quotation| !quotation.scare);
    quotations
        .map(|quotation| {
            let words = words(document.clean_text(&quotation.span));
            let surname = quotation.speaker.as_ref().and_then(|speaker| surname(&speaker.name));
            let words = words.iter().map(|word| hash(&word.folded)).collect();
            Said { quotation, words, surname }
        })
        .filter(|said| (FEWEST_WORDS..=MOST_WORDS).contains(&said.words.len()))
        .collect()
}

fn surname(name: &str) -> Option<String> {
    words(name).pop().map(|word| word.folded)
}

/// How much two quotations are alike, in [0, 1]; none when they are not the same.
fn fit(first: &Said, second: &Said) -> Option<f64> {
    if holds_run(&first.words, &second.words) || holds_run(&second.words, &first.words) {
        return Some(1.0);
    }
    let changes = capture_diff_slices(Algorithm::Myers, &first.words, &second.words);
    let alike = f64::from(get_diff_ratio(&changes, first.words.len(), second.words.len()));
    let one_speaker = first.surname.is_some() && first.surname == second.surname;
    let least = if one_speaker { ALIKE_OF_ONE_SPEAKER } else { ALIKE };
    (alike >= least).then_some(alike)
}

/// Whether `part` is a run of words of `whole`.
fn holds_run(whole: &[u64], part: &[u64]) -> bool {
    whole.windows(part.len().max(1)).any(|run| run == part)
}
