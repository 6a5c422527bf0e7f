//! The extractive summary: salient sentences that do not repeat one another, in the article's order.
//!
//! Sentences are chosen one by one by maximal marginal relevance (Carbonell & Goldstein 1998): the
//! next is the one with the highest
//!
//! ```text
//! RELEVANCE · q · c  −  (1 − RELEVANCE) · max cos(this, chosen)
//! ```
//!
//! where q is the salience and c discounts sentences that cannot stand alone. What says the same as a
//! chosen sentence is left out.

use super::reading::PassageReading;
use super::{dot, unit};
use crate::article::{Document, Quotation, Sentence, SentenceKind, Span};

/// Weight of salience against redundancy. The vectors of one article's sentences are alike, so a
/// little is enough (`models/training/LOG.md`).
const RELEVANCE: f64 = 0.95;
/// Least cosine of two sentences that say the same.
const SAME: f64 = 0.95;
/// Factor for a sentence whose first word points back to the one before it.
const POINTS_BACK: f64 = 0.8;
/// Factor for a part of a quotation, or a quotation without its speaker: its words would seem to be
/// the article's own.
const LOOSE_QUOTATION: f64 = 0.5;
/// Sentences with fewer words say too little to stand in a summary beside others.
const FEWEST_WORDS: usize = 5;

/// How long a summary may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SummaryBudget {
    /// Most sentences.
    pub sentences: usize,
    /// Most words, when there is a limit.
    pub words: Option<usize>,
}

/// An extractive summary.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The chosen sentences in the article's order.
    pub sentences: Vec<ChosenSentence>,
    /// Why there are no more.
    pub finish: Finish,
}

/// A sentence of a summary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChosenSentence {
    /// Index into [`Document::sentences`].
    pub sentence: usize,
    /// Salience in (0, 1).
    pub salience: f64,
    /// Order of choice, from 1.
    pub rank: usize,
}

/// Why a summary has no more sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// It has as many as were asked for.
    SentenceBudget,
    /// No other fits into the asked number of words.
    WordBudget,
    /// The article has no other.
    Exhausted,
}

/// A sentence that may be chosen.
struct Candidate {
    sentence: usize,
    words: usize,
    salience: f64,
    worth: f64,
    direction: Vec<f64>,
    /// Highest similarity with a chosen sentence.
    repeats: f64,
}

/// Summarises a document. `readings` holds one reading for each of its sentences, and `in_story`
/// whether it is part of the story.
pub fn summarise(
    document: &Document,
    readings: &[PassageReading],
    in_story: &[bool],
    budget: SummaryBudget,
) -> Summary {
    let mut open = candidates(document, readings, in_story);
    let mut chosen: Vec<Candidate> = Vec::new();
    let mut words_left = budget.words.unwrap_or(usize::MAX);
    let mut too_long = false;
    let finish = loop {
        if chosen.len() >= budget.sentences {
            break Finish::SentenceBudget;
        }
        let before = open.len();
        open.retain(|candidate| candidate.words <= words_left);
        too_long |= open.len() < before;
        let Some(best) = best(&open) else {
            break if too_long { Finish::WordBudget } else { Finish::Exhausted };
        };
        let candidate = open.swap_remove(best);
        words_left = words_left.saturating_sub(candidate.words);
        for other in &mut open {
            other.repeats = other.repeats.max(dot(&candidate.direction, &other.direction));
        }
        open.retain(|other| other.repeats < SAME);
        chosen.push(candidate);
    };
    let mut sentences: Vec<ChosenSentence> = chosen
        .iter()
        .zip(1..)
        .map(|(candidate, rank)| ChosenSentence {
            sentence: candidate.sentence,
            salience: candidate.salience,
            rank,
        })
        .collect();
    sentences.sort_by_key(|chosen| chosen.sentence);
    Summary { sentences, finish }
}

/// Body sentences of some length; when there are none, all body sentences; else the headings.
fn candidates(
    document: &Document,
    readings: &[PassageReading],
    in_story: &[bool],
) -> Vec<Candidate> {
    let all: Vec<(bool, Candidate)> = document
        .sentences
        .iter()
        .zip(readings)
        .enumerate()
        .filter(|(index, _)| in_story.get(*index).is_some_and(|in_story| *in_story))
        .map(|(index, (sentence, reading))| {
            let text = document.sentence_text(sentence);
            let salience = reading.salience_probability();
            let candidate = Candidate {
                sentence: index,
                words: text.split_whitespace().count(),
                salience,
                worth: salience * self_containment(document, sentence),
                direction: unit(&reading.vector),
                repeats: 0.0,
            };
            (sentence.kind == SentenceKind::Body, candidate)
        })
        .collect();
    let has_body = all.iter().any(|(body, _)| *body);
    let has_long = all.iter().any(|(body, candidate)| *body && candidate.words >= FEWEST_WORDS);
    all.into_iter()
        .filter(|(body, candidate)| {
            *body == has_body && (!has_long || candidate.words >= FEWEST_WORDS)
        })
        .map(|(_, candidate)| candidate)
        .collect()
}

/// Index of the candidate with the highest marginal relevance; the earlier sentence of equals.
fn best(open: &[Candidate]) -> Option<usize> {
    let marginal =
        |candidate: &Candidate| RELEVANCE * candidate.worth - (1.0 - RELEVANCE) * candidate.repeats;
    open.iter()
        .enumerate()
        .map(|(index, candidate)| (index, marginal(candidate), candidate.sentence))
        .max_by(|(_, a, first), (_, b, second)| a.total_cmp(b).then(second.cmp(first)))
        .map(|(index, _, _)| index)
}

/// First words that point back to an earlier sentence.
const BACKWARD_WORDS: &[&str] = &[
    "he",
    "she",
    "it",
    "they",
    "his",
    "her",
    "their",
    "its",
    "him",
    "them",
    "this",
    "that",
    "these",
    "those",
    "but",
    "and",
    "or",
    "so",
    "however",
    "nonetheless",
    "nevertheless",
    "instead",
    "meanwhile",
    "moreover",
    "also",
    "then",
    "such",
    "both",
    "yet",
    "there",
];

/// How well a sentence stands alone: 1, or less for one that leans on its neighbours.
fn self_containment(document: &Document, sentence: &Sentence) -> f64 {
    let text = document.sentence_text(sentence);
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
    let first_word = words.find(|word| !word.is_empty()).unwrap_or_default();
    if document.quotations_in(sentence).iter().any(|quotation| is_loose(quotation, &sentence.span))
    {
        LOOSE_QUOTATION
    } else if BACKWARD_WORDS.contains(&first_word.to_lowercase().as_str()) {
        POINTS_BACK
    } else {
        1.0
    }
}

/// True for a quotation that reaches beyond its sentence, or that is all of it.
fn is_loose(quotation: &Quotation, sentence: &Span) -> bool {
    // Two marks of up to three bytes each, a full stop, and a space.
    const MARKS: usize = 8;
    let length = |span: &Span| span.end_byte.saturating_sub(span.start_byte);
    !sentence.contains(&quotation.span) || length(&quotation.span) + MARKS >= length(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The council of Arden voted on Monday to close the old bridge for repairs.\n\
        He said so. The bridge across the river was closed by the council of Arden on Monday.\n\
        Shops near the river expect to lose a third of their income until next spring.";

    fn readings(document: &Document, saliences: &[f32]) -> Vec<PassageReading> {
        let vectors = [[1.0, 0.0], [0.0, 1.0], [0.99, 0.1], [0.2, 0.9]];
        assert_eq!(document.sentences.len(), saliences.len());
        saliences
            .iter()
            .zip(vectors)
            .map(|(&salience, vector)| PassageReading {
                salience,
                vector: vector.to_vec(),
                ..PassageReading::default()
            })
            .collect()
    }

    fn chosen(budget: SummaryBudget) -> (Vec<usize>, Finish) {
        let document = Document::parse(TEXT.into(), None);
        let readings = readings(&document, &[2.0, 3.0, 1.9, 0.5]);
        let summary = summarise(&document, &readings, &vec![true; readings.len()], budget);
        (summary.sentences.iter().map(|chosen| chosen.sentence).collect(), summary.finish)
    }

    #[test]
    fn a_sentence_is_not_said_twice() {
        let budget = SummaryBudget { sentences: 2, words: None };
        assert_eq!(chosen(budget), (vec![0, 3], Finish::SentenceBudget));
    }

    #[test]
    fn the_word_budget_is_kept() {
        let budget = SummaryBudget { sentences: 3, words: Some(20) };
        assert_eq!(chosen(budget), (vec![0], Finish::WordBudget));
        let budget = SummaryBudget { sentences: 3, words: Some(10) };
        assert_eq!(chosen(budget), (vec![], Finish::WordBudget));
        // The first leaves room for three words: the others were too long for the rest.
        let budget = SummaryBudget { sentences: 4, words: Some(17) };
        assert_eq!(chosen(budget).1, Finish::WordBudget);
    }

    #[test]
    fn an_article_of_one_sentence_gives_itself() {
        let document = Document::parse("Rain.".into(), None);
        let readings = readings(&document, &[-5.0]);
        let budget = SummaryBudget { sentences: 3, words: None };
        let summary = summarise(&document, &readings, &vec![true; readings.len()], budget);
        assert_eq!((summary.sentences.len(), summary.finish), (1, Finish::Exhausted));
    }
}
