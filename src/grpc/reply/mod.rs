//! Answers become replies.

mod comparison;
mod document;
mod labels;
mod stance;
mod summary;
mod warnings;

use std::time::Duration;

pub(super) use comparison::pairs;

use super::beside::GeneratedSummary;
use super::info::{REVISION, VERSION};
use super::proto::v1;
use super::request::{AnalysisRequest, SummaryWish};
use super::setup::AnalyzerSetup;
use crate::analysis::{
    ClaimFinding, ContestCalibration, Reading, SpeakerParties, Stance, StatementFinding, Summary,
};
use crate::article::{Document, Span};
use crate::contest::Contest;

/// Everything that was found out about an article.
pub(super) struct Finding<'a> {
    pub(super) request: &'a AnalysisRequest,
    pub(super) document: &'a Document,
    /// Whether the model was made for its language.
    pub(super) supported: bool,
    /// Mentions whose polarity was not read.
    pub(super) mentions_left_out: usize,
    pub(super) reading: &'a Reading,
    pub(super) title_passages: usize,
    /// For each sentence that was read, whether it is part of the story.
    pub(super) in_story: &'a [bool],
    /// Set when a summary was asked for and the article could be read.
    pub(super) summary: Option<Summary>,
    /// Set when it was to be generated.
    pub(super) generated: Option<GeneratedSummary>,
    /// Set when stance was asked for and the article could be read.
    pub(super) judged: Option<Judged<'a>>,
    /// Set when statements were to be tested and the article could be read.
    pub(super) tested: Option<Tested>,
}

impl Finding<'_> {
    /// The generated summary, when something of it may stand.
    fn standing(&self) -> Option<&GeneratedSummary> {
        self.generated.as_ref().filter(|generated| !generated.sentences.is_empty())
    }
}

/// What came of the statements.
pub(super) struct Tested {
    /// One for each label of the request.
    pub(super) labels: Vec<StatementFinding>,
    /// Claims of the contest that the article meets.
    pub(super) claims: Vec<ClaimFinding>,
    /// Whether the probabilities were calibrated for the contest.
    pub(super) calibrated: bool,
    /// Labels and claims that were tested.
    pub(super) statements: usize,
}

/// A judgement, and what it rests on.
pub(super) struct Judged<'a> {
    pub(super) contest: &'a Contest,
    pub(super) speakers: SpeakerParties<'a>,
    pub(super) stance: Stance,
    pub(super) calibration: ContestCalibration<'a>,
}

/// Writes the reply, all but its timing.
pub(super) fn write(finding: &Finding<'_>, setup: &AnalyzerSetup) -> v1::AnalyzeArticleResponse {
    v1::AnalyzeArticleResponse {
        article_id: finding.request.article_id.clone(),
        summary: finding.request.summary.as_ref().map(|_| summary::write(finding)),
        stance: finding
            .request
            .contest
            .as_ref()
            .map(|entry| stance::write(finding, &entry.contest)),
        document: Some(document::write(finding)),
        coverage: Some(coverage(finding)),
        provenance: Some(provenance(finding, setup)),
        timing: None,
        warnings: warnings::write(finding),
        labels: labels::write(finding),
    }
}

/// A reply that was made for another call, as the answer to this one, which waited `total` for it.
pub(super) fn from_cache(
    mut reply: v1::AnalyzeArticleResponse,
    article_id: String,
    total: Duration,
) -> v1::AnalyzeArticleResponse {
    reply.article_id = article_id;
    reply.timing = Some(timing(&Reading { queue: total, ..Reading::default() }, total));
    if let Some(provenance) = &mut reply.provenance {
        provenance.cached = true;
    }
    reply
}

/// Where the time went.
pub(super) fn timing(reading: &Reading, total: Duration) -> v1::Timing {
    // A duration of centuries does not fit; ours does.
    let wire = |duration: Duration| prost_types::Duration::try_from(duration).ok();
    v1::Timing {
        queue: wire(reading.queue),
        inference: wire(reading.inference),
        total: wire(total),
    }
}

/// A count on the wire. Limits keep counts far below 2³².
pub(super) fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn span(span: &Span) -> v1::Span {
    v1::Span {
        start_byte: count(span.start_byte),
        end_byte: count(span.end_byte),
        start_code_point: count(span.start_code_point),
        end_code_point: count(span.end_code_point),
    }
}

/// The clean words of a span with white space folded, so that a sentence is one line.
pub(super) fn folded(span: &Span, document: &Document) -> String {
    let words = document.clean_text(span).split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

fn coverage(finding: &Finding<'_>) -> v1::Coverage {
    let read = finding.reading.passages.len().saturating_sub(finding.title_passages);
    let sentences = finding.document.sentences.iter().take(read);
    let processed: usize = sentences
        .map(|sentence| sentence.span.end_code_point.saturating_sub(sentence.span.start_code_point))
        .sum();
    v1::Coverage {
        code_points: count(finding.document.code_points),
        processed: count(processed.saturating_sub(finding.reading.unread)),
        windows: count(finding.reading.windows),
        truncated: is_truncated(finding),
        tokens: count(finding.reading.tokens),
    }
}

/// Words of the story did not reach the model: all, or those that its tokenizer does not split.
fn is_truncated(finding: &Finding<'_>) -> bool {
    let unsupported = !finding.supported && !finding.document.sentences.is_empty();
    unsupported || finding.reading.unread > 0
}

fn provenance(finding: &Finding<'_>, setup: &AnalyzerSetup) -> v1::Provenance {
    let manifest = setup.bundle.manifest();
    let contest = finding.request.contest.as_ref().map(|entry| &entry.contest);
    let model = v1::ModelReference {
        id: manifest.id.clone(),
        version: manifest.version.clone(),
        sha256: setup.bundle.sha256().into(),
        precision: setup.config.engine.precision.name().into(),
    };
    let was_read = !finding.reading.passages.is_empty();
    let beside = setup.checkpoints.iter().filter(|checkpoint| takes_part(finding, &checkpoint.id));
    let beside = beside.map(|checkpoint| v1::ModelReference {
        id: checkpoint.id.clone(),
        version: checkpoint.version.clone(),
        sha256: checkpoint.sha256.clone(),
        precision: checkpoint.numbers.name().into(),
    });
    let framing_head = match finding.judged.as_ref().map(|judged| judged.calibration.relevance) {
        None => "",
        Some(Some(_)) => "trained",
        Some(None) => "any",
    };
    v1::Provenance {
        models: std::iter::once(model).chain(beside).filter(|_| was_read).collect(),
        contest_id: contest.map(|contest| contest.id.clone()).unwrap_or_default(),
        contest_version: contest.map(|contest| contest.version.clone()).unwrap_or_default(),
        calibration_version: setup.calibration.version.clone(),
        build: format!("{VERSION}+{REVISION}"),
        framing_head: framing_head.into(),
        cached: false,
    }
}

/// Whether a checkpoint took part in an answer.
fn takes_part(finding: &Finding<'_>, id: &str) -> bool {
    let generated = finding.generated.as_ref().is_some_and(|generated| generated.parts > 0);
    let tested = finding.tested.as_ref().is_some_and(|tested| tested.statements > 0);
    let summary = match &finding.request.summary {
        Some(SummaryWish::Generated { model, .. }) => generated && model == id,
        Some(SummaryWish::Extractive(_)) | None => false,
    };
    summary || (tested && finding.request.entailment.as_ref().is_some_and(|wish| wish.model == id))
}
