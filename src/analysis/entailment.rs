//! Statements against the sentences of an article: labels of a request, and the claims of a contest.
//!
//! Each statement is judged by itself, so that neither the number nor the order of the others matters, and none has to
//! win. The most probable sentence speaks for the article: one sentence that entails a statement is enough to say that
//! the article says so.

use std::cmp::Ordering;

use super::attribution::{Attribution, Voice};
use crate::article::{Document, Facts, denied};
use crate::contest::{Contest, Side};

/// Share of the words of a claim that a denied content holds when it is the claim that is denied.
const MOSTLY_DENIED: f64 = 0.5;

/// What an entailment model says about a sentence and a statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairLogits {
    /// That the sentence contradicts the statement, or, with models of two labels, that it does not entail it.
    pub contradiction: f32,
    /// That it does neither; none with models of two labels.
    pub neutral: Option<f32>,
    /// That it entails it.
    pub entailment: f32,
}

/// How the logits of a model become a decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntailmentRule {
    /// What logits are divided by.
    pub temperature: f64,
    /// Probability from which on a statement counts as entailed or contradicted.
    pub decide_above: f64,
    /// Whether the two were fitted on texts about the contest.
    pub calibrated: bool,
}

/// What the sentences of an article make of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementFinding {
    /// Whether there is an answer.
    pub status: StatementStatus,
    /// Highest probability with which a sentence entails it.
    pub entailed: f64,
    /// Highest probability with which a sentence contradicts it.
    pub contradicted: f64,
    /// The sentences that decide, strongest first.
    pub evidence: Vec<StatementEvidence>,
}

/// Whether there is an answer about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementStatus {
    /// A sentence entails it and none contradicts it.
    Entailed,
    /// A sentence contradicts it and none entails it.
    Contradicted,
    /// Both.
    Contested,
    /// Neither.
    Undecided,
}

/// A sentence that entails or contradicts a statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatementEvidence {
    /// Index into [`Document::sentences`].
    pub sentence: usize,
    /// Probability that it entails the statement.
    pub entailed: f64,
    /// Probability that it contradicts it.
    pub contradicted: f64,
}

impl StatementEvidence {
    /// The order of what decides most clearly; the earlier sentence of equals.
    fn strongest_first(&self, other: &Self) -> Ordering {
        let strength = |evidence: &Self| evidence.entailed.max(evidence.contradicted);
        strength(other).total_cmp(&strength(self)).then(self.sentence.cmp(&other.sentence))
    }
}

/// A claim of a side, met in an article.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClaimFinding {
    /// The side whose claim it is.
    pub side: Side,
    /// Index into the claims of the side.
    pub claim: usize,
    /// What the article does with it.
    pub stance: ClaimStance,
    /// The sentence that carries it, an index into [`Document::sentences`].
    pub sentence: usize,
    /// P(entailed) − P(contradicted), in [-1, 1].
    pub score: f64,
}

/// What an article does with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimStance {
    /// The author makes it.
    Asserted,
    /// Somebody else makes it.
    Reported,
    /// It is contradicted, or printed only to say that it is not so.
    Denied,
}

impl EntailmentRule {
    /// The rule where nobody fitted one. Probabilities of such models are too sure; the threshold is a convention.
    pub const UNCALIBRATED: Self = Self { temperature: 1.0, decide_above: 0.8, calibrated: false };

    /// The rule of a contest for a model.
    pub fn of(contest: Option<&Contest>, model: &str) -> Self {
        let own = contest.and_then(|c| c.entailment.iter().find(|entry| entry.model == model));
        own.map_or(Self::UNCALIBRATED, |entry| Self {
            temperature: entry.temperature,
            decide_above: entry.decide_above,
            calibrated: true,
        })
    }

    /// Probabilities of entailment and of contradiction.
    fn probabilities(&self, logits: PairLogits) -> (f64, f64) {
        let PairLogits { contradiction, neutral, entailment } = logits;
        let scaled = |logit: f32| f64::from(logit) / self.temperature;
        let highest =
            [contradiction, neutral.unwrap_or(entailment), entailment].map(scaled).into_iter();
        let highest = highest.fold(f64::NEG_INFINITY, f64::max);
        let weight = |logit: f32| (scaled(logit) - highest).exp();
        let sum = weight(contradiction) + neutral.map_or(0.0, weight) + weight(entailment);
        // Not to entail is not to contradict.
        let contradicted = neutral.map_or(0.0, |_| weight(contradiction) / sum);
        (weight(entailment) / sum, contradicted)
    }

    fn evidence(&self, sentence: usize, logits: PairLogits) -> StatementEvidence {
        let (entailed, contradicted) = self.probabilities(logits);
        StatementEvidence { sentence, entailed, contradicted }
    }
}

/// Judges a statement: `pairs` has one entry for each sentence of the article, `in_story` whether the sentence counts.
pub fn judge_statement(
    pairs: &[PairLogits],
    in_story: &[bool],
    rule: EntailmentRule,
    max_evidence: usize,
) -> StatementFinding {
    let all = counted(pairs, in_story, rule);
    let highest = |part: fn(&StatementEvidence) -> f64| all.iter().map(part).fold(0.0, f64::max);
    let (entailed, contradicted) = (highest(|e| e.entailed), highest(|e| e.contradicted));
    let above = |probability: f64| probability >= rule.decide_above;
    let status = match (above(entailed), above(contradicted)) {
        (true, true) => StatementStatus::Contested,
        (true, false) => StatementStatus::Entailed,
        (false, true) => StatementStatus::Contradicted,
        (false, false) => StatementStatus::Undecided,
    };
    let strongest = |part: fn(&StatementEvidence) -> f64| {
        let mut deciding: Vec<StatementEvidence> =
            all.iter().copied().filter(|e| above(part(e))).collect();
        deciding.sort_by(|a, b| part(b).total_cmp(&part(a)).then(a.sentence.cmp(&b.sentence)));
        deciding.truncate(max_evidence);
        deciding
    };
    let mut evidence = strongest(|e| e.entailed);
    evidence.extend(strongest(|e| e.contradicted));
    evidence.sort_by(StatementEvidence::strongest_first);
    StatementFinding { status, entailed, contradicted, evidence }
}

/// The claims of both sides that an article meets, each at most once for each stance, by its strongest sentence. `pairs` has, for
/// the claims in the order of [`Contest::claims`], one entry for each sentence.
pub fn find_claims(
    pairs: &[Vec<PairLogits>],
    document: &Document,
    contest: &Contest,
    in_story: &[bool],
    attributions: &[Attribution],
    rule: EntailmentRule,
) -> Vec<ClaimFinding> {
    let mut found = Vec::new();
    for ((side, claim, text), pairs) in contest.claims().zip(pairs) {
        let met: Vec<(StatementEvidence, ClaimStance)> = counted(pairs, in_story, rule)
            .into_iter()
            .filter_map(|sentence| {
                Some((sentence, met(&sentence, text, document, attributions, rule)?))
            })
            .collect();
        for stance in [ClaimStance::Asserted, ClaimStance::Reported, ClaimStance::Denied] {
            let of_stance =
                met.iter().filter(|(_, met)| *met == stance).map(|(sentence, _)| sentence);
            let strongest = of_stance.max_by(|a, b| b.strongest_first(a));
            found.extend(strongest.map(|evidence| ClaimFinding {
                side,
                claim,
                stance,
                sentence: evidence.sentence,
                score: evidence.entailed - evidence.contradicted,
            }));
        }
    }
    found
}

/// What a sentence does with a claim, when it does anything.
fn met(
    evidence: &StatementEvidence,
    claim: &str,
    document: &Document,
    attributions: &[Attribution],
    rule: EntailmentRule,
) -> Option<ClaimStance> {
    if evidence.contradicted >= rule.decide_above {
        return Some(ClaimStance::Denied);
    }
    if evidence.entailed < rule.decide_above {
        return None;
    }
    let sentence = document.sentence_text(document.sentences.get(evidence.sentence)?);
    // The frame may be about something else than the claim.
    let denies = |content: &str| Facts::of(content).share_of_words(claim) >= MOSTLY_DENIED;
    if denied(sentence).is_some_and(|found| sentence.get(found.content).is_some_and(denies)) {
        return Some(ClaimStance::Denied);
    }
    let author =
        attributions.get(evidence.sentence).is_none_or(|whose| whose.voice == Voice::Author);
    Some(if author { ClaimStance::Asserted } else { ClaimStance::Reported })
}

fn counted(
    pairs: &[PairLogits],
    in_story: &[bool],
    rule: EntailmentRule,
) -> Vec<StatementEvidence> {
    let sentences = pairs.iter().zip(in_story).enumerate();
    let in_story = sentences.filter(|(_, (_, in_story))| **in_story);
    in_story.map(|(sentence, (pair, _))| rule.evidence(sentence, *pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: PairLogits =
        PairLogits { contradiction: -4.0, neutral: Some(-2.0), entailment: 4.0 };
    const NO: PairLogits = PairLogits { contradiction: 4.0, neutral: Some(-2.0), entailment: -4.0 };
    const OPEN: PairLogits =
        PairLogits { contradiction: -2.0, neutral: Some(4.0), entailment: -2.0 };

    fn status(pairs: &[PairLogits], in_story: &[bool]) -> StatementStatus {
        judge_statement(pairs, in_story, EntailmentRule::UNCALIBRATED, 5).status
    }

    #[test]
    fn nothing_has_to_win() {
        assert_eq!(status(&[OPEN, YES], &[true; 2]), StatementStatus::Entailed);
        assert_eq!(status(&[OPEN, NO], &[true; 2]), StatementStatus::Contradicted);
        assert_eq!(status(&[NO, YES], &[true; 2]), StatementStatus::Contested);
        assert_eq!(status(&[OPEN], &[true]), StatementStatus::Undecided);
        assert_eq!(status(&[], &[]), StatementStatus::Undecided);
    }

    #[test]
    fn furniture_says_nothing() {
        assert_eq!(status(&[OPEN, YES], &[true, false]), StatementStatus::Undecided);
    }

    #[test]
    fn not_to_entail_is_not_to_contradict() {
        let two = PairLogits { contradiction: 4.0, neutral: None, entailment: -4.0 };
        assert_eq!(status(&[two], &[true]), StatementStatus::Undecided);
    }

    #[test]
    fn a_temperature_makes_less_sure() {
        let rule = EntailmentRule { temperature: 10.0, ..EntailmentRule::UNCALIBRATED };
        let finding = judge_statement(&[YES], &[true], rule, 5);
        assert!(finding.entailed < 0.6, "{finding:?}");
        assert_eq!(finding.status, StatementStatus::Undecided);
    }

    #[test]
    fn the_strongest_sentences_come_first() {
        let weaker = PairLogits { entailment: 2.0, ..YES };
        let finding =
            judge_statement(&[weaker, YES, NO, YES], &[true; 4], EntailmentRule::UNCALIBRATED, 2);
        let order: Vec<usize> = finding.evidence.iter().map(|evidence| evidence.sentence).collect();
        assert_eq!(order, [2, 1, 3]);
    }
}
