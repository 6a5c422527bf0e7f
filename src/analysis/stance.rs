//! From whose vantage point an article tells its story.

use super::aggregate::{FramingProbabilities, SentenceScore, aggregate};
use super::attribution::{Attribution, Voice, attribute};
use super::calibration::ContestCalibration;
use super::evidence::{Evidence, strongest};
use super::prepare::first_printings;
use super::reading::Reading;
use super::speakers::SpeakerParties;
use super::targets::{MentionPolarity, Target, portray};
use super::voices::{VoiceShare, share_voices};
use super::{mean, sigmoid};
use crate::article::Document;
use crate::contest::{Contest, Mention, Side};

/// Share of the framing above which it comes from the author's words, or from the quoted.
const MOSTLY: f64 = 2.0 / 3.0;
/// A contest applies only if at least this share of the sentences mentions one of its sides.
const LEAST_MENTIONING: f64 = 0.05;

/// Everything that a judgement rests on.
#[derive(Debug)]
pub struct StanceInput<'a> {
    /// The article.
    pub document: &'a Document,
    /// The contest.
    pub contest: &'a Contest,
    /// Where the contest's parties are mentioned.
    pub mentions: &'a [Mention],
    /// Who speaks for whom.
    pub speakers: &'a SpeakerParties<'a>,
    /// What the model read.
    pub reading: &'a Reading,
    /// Passages of the reading before the first sentence.
    pub title_passages: usize,
    /// For each sentence, whether it is part of the story: one that turned out to be furniture is not.
    pub in_story: &'a [bool],
    /// How scores become an answer.
    pub calibration: ContestCalibration<'a>,
    /// Probability from which on a sentence without visible attribution passes somebody's words on.
    pub sourced_above: f64,
    /// Most sentences of evidence.
    pub max_evidence: usize,
}

/// The judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stance {
    /// Whether there is an answer.
    pub status: StanceStatus,
    /// The framing; none when the contest does not apply.
    pub framing: Option<Framing>,
    /// How each party is portrayed.
    pub targets: Vec<Target>,
    /// Quoted words of the sides, third parties and others that have any.
    pub voices: Vec<VoiceShare>,
    /// Quoted words of which neither speaker nor party is known.
    pub unattributed_words: usize,
    /// The strongest sentences.
    pub evidence: Vec<Evidence>,
    /// Framing in [-1, 1] of every sentence of the document.
    pub sentence_framing: Vec<f64>,
    /// Whose words every sentence carries.
    pub attributions: Vec<Attribution>,
}

/// Whether there is an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StanceStatus {
    /// The label is set.
    Decided,
    /// The confidence is below the threshold.
    Abstained,
    /// The article is not about the contest.
    NotApplicable(NotApplicable),
}

/// Why a contest does not apply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NotApplicable {
    /// Too few sentences mention a side.
    TooFewMentions {
        /// Sentences that mention a side.
        mentioning: usize,
    },
    /// The relevance head says so.
    OffTopic {
        /// Probability that the contest applies.
        probability: f64,
    },
}

/// The framing of an article.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Framing {
    /// The most probable label.
    pub label: FramingLabel,
    /// Probability of the first side.
    pub first: f64,
    /// Probability of balance.
    pub balanced: f64,
    /// Probability of the second side.
    pub second: f64,
    /// How the framing reaches the reader.
    pub mode: Option<Mode>,
    /// Mean framing of the sentences in the author's words.
    pub author_score: f64,
    /// Mean framing of the sentences that quote or report.
    pub sourcing_score: f64,
}

/// Whose account a reader is left with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FramingLabel {
    /// A side's.
    Side(Side),
    /// Neither side's.
    Balanced,
}

/// How the framing reaches the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In the author's words.
    ByAuthor,
    /// In the words that are quoted.
    BySourcing,
    /// In both.
    Mixed,
    /// There is none.
    Balanced,
}

impl Framing {
    /// P(first) − P(second), in [-1, 1].
    pub fn score(&self) -> f64 {
        self.first - self.second
    }

    /// Probability of the label.
    pub fn confidence(&self) -> f64 {
        self.first.max(self.balanced).max(self.second)
    }
}

/// Judges an article.
pub fn judge(input: &StanceInput<'_>) -> Stance {
    let attributions: Vec<Attribution> = input
        .document
        .sentences
        .iter()
        .enumerate()
        .map(|(index, sentence)| {
            let reading = input.reading.passages.get(index + input.title_passages);
            let passed_on = reading.is_some_and(|r| r.sourced_probability() >= input.sourced_above);
            attribute(input.document, index, sentence, input.speakers, passed_on)
        })
        .collect();
    let polarities: Vec<MentionPolarity> =
        input.reading.mentions.iter().map(MentionPolarity::from_logits).collect();
    let scores = sentence_scores(input.reading);
    let (title, of_sentences) = scores.split_at_checked(input.title_passages).unwrap_or_default();
    // What is no part of the story says nothing.
    let in_story = of_sentences.iter().zip(input.in_story);
    let sentence_framing: Vec<f64> =
        in_story.map(|(score, &in_story)| if in_story { score.framing } else { 0.0 }).collect();
    // What is printed twice is said once.
    let counts = first_printings(input.document, input.in_story);
    let counted: Vec<(usize, SentenceScore)> = of_sentences
        .iter()
        .copied()
        .enumerate()
        .zip(counts)
        .filter_map(|(sentence, counts)| counts.then_some(sentence))
        .collect();

    let not_applicable = not_applicable(input);
    let story = title.iter().copied().chain(counted.iter().map(|(_, score)| *score));
    let story: Vec<SentenceScore> = story.collect();
    let calibration = input.calibration.framing;
    let framing = aggregate(&story, input.reading.stance.score(), calibration);
    let framing = describe(framing, &counted, &attributions);
    let status = match not_applicable {
        Some(reason) => StanceStatus::NotApplicable(reason),
        None if framing.confidence() < calibration.abstain_below => StanceStatus::Abstained,
        None => StanceStatus::Decided,
    };
    let (voices, unattributed_words) = share_voices(input.document, input.speakers);
    let applies = not_applicable.is_none();
    Stance {
        status,
        framing: applies.then_some(framing),
        targets: portray(input.contest, input.mentions, &polarities, &attributions),
        voices,
        unattributed_words,
        evidence: if applies { strongest(&counted, input.max_evidence) } else { Vec::new() },
        sentence_framing,
        attributions,
    }
}

/// One score for each passage, the title included.
fn sentence_scores(reading: &Reading) -> Vec<SentenceScore> {
    let passages = reading.passages.iter();
    passages
        .map(|passage| SentenceScore {
            framing: passage.stance.score(),
            salience: passage.salience_probability(),
            sourced: passage.sourced_probability(),
        })
        .collect()
}

fn not_applicable(input: &StanceInput<'_>) -> Option<NotApplicable> {
    let sides = input.mentions.iter().filter(|mention| mention.party.side().is_some());
    let sentences: std::collections::BTreeSet<usize> =
        sides.map(|mention| mention.sentence).collect();
    let mentioning = sentences.len();
    let least = LEAST_MENTIONING * input.document.sentences.len() as f64;
    if mentioning == 0 || (mentioning as f64) < least {
        return Some(NotApplicable::TooFewMentions { mentioning });
    }
    let relevance = input.calibration.relevance?;
    let logit = f64::from(input.reading.relevance);
    let probability = sigmoid(logit / relevance.temperature + relevance.offset);
    (probability < relevance.applies_above).then_some(NotApplicable::OffTopic { probability })
}

fn describe(
    probabilities: FramingProbabilities,
    counted: &[(usize, SentenceScore)],
    attributions: &[Attribution],
) -> Framing {
    let FramingProbabilities { first, balanced, second } = probabilities;
    let label = if first > balanced && first > second {
        FramingLabel::Side(Side::First)
    } else if second > balanced && second > first {
        FramingLabel::Side(Side::Second)
    } else {
        FramingLabel::Balanced
    };
    let is_author = |index: usize| {
        attributions.get(index).is_some_and(|attribution| attribution.voice == Voice::Author)
    };
    let of = |author: bool| {
        let sentences = counted.iter().filter(move |(index, _)| is_author(*index) == author);
        sentences.map(|(_, score)| score.framing)
    };
    Framing {
        label,
        first,
        balanced,
        second,
        mode: mode(label, of(true), of(false)),
        author_score: mean(of(true)),
        sourcing_score: mean(of(false)),
    }
}

/// Where the framing comes from: the author's words or the quoted ones. Each counts with the net sum
/// of its sentences' scores; they are mixed when they pull apart, and when neither clearly outweighs.
fn mode(
    label: FramingLabel,
    author: impl Iterator<Item = f64>,
    quoted: impl Iterator<Item = f64>,
) -> Option<Mode> {
    let sign = match label {
        FramingLabel::Balanced => return Some(Mode::Balanced),
        FramingLabel::Side(Side::First) => 1.0,
        FramingLabel::Side(Side::Second) => -1.0,
    };
    let (author, quoted) = (sign * author.sum::<f64>(), sign * quoted.sum::<f64>());
    let total = author.abs() + quoted.abs();
    (total > 0.0).then(|| match (author / total, quoted / total) {
        (author, _) if author > MOSTLY => Mode::ByAuthor,
        // An author who leans the other way is not neutral: the two pull apart.
        (author, quoted) if quoted > MOSTLY && author >= 0.0 => Mode::BySourcing,
        _ => Mode::Mixed,
    })
}
