//! Answers become replies.

mod comparison;
mod document;
mod stance;

use std::time::Duration;

pub(super) use comparison::pairs;

use super::info::{REVISION, VERSION};
use super::proto::v1;
use super::request::AnalysisRequest;
use super::setup::AnalyzerSetup;
use crate::analysis::{ContestCalibration, Finish, Reading, SpeakerParties, Stance, Summary};
use crate::article::{Document, SentenceKind, Span};
use crate::contest::Contest;

/// Body sentences below which a stance is little more than that of a sentence.
const SHORT_ARTICLE: usize = 3;

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
    /// Set when it was asked for and the article could be read.
    pub(super) summary: Option<Summary>,
    /// Set when stance was asked for and the article could be read.
    pub(super) judged: Option<Judged<'a>>,
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
        summary: finding.request.summary.map(|_| summary(finding)),
        stance: finding
            .request
            .contest
            .as_ref()
            .map(|entry| stance::write(finding, &entry.contest)),
        document: Some(document::write(finding)),
        coverage: Some(coverage(finding)),
        provenance: Some(provenance(finding, setup)),
        timing: None,
        warnings: warnings(finding),
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
fn folded(span: &Span, document: &Document) -> String {
    let words = document.clean_text(span).split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

fn summary(finding: &Finding<'_>) -> v1::Summary {
    let chosen = finding.summary.as_ref().map_or(&[][..], |summary| &summary.sentences);
    let sentences: Vec<v1::SummarySentence> = chosen
        .iter()
        .filter_map(|chosen| {
            let sentence = finding.document.sentences.get(chosen.sentence)?;
            Some(v1::SummarySentence {
                text: folded(&sentence.span, finding.document),
                span: Some(span(&sentence.span)),
                score: chosen.salience,
                rank: count(chosen.rank),
            })
        })
        .collect();
    let finish = match finding.summary.as_ref().map(|summary| summary.finish) {
        None => v1::FinishReason::Unspecified,
        Some(Finish::SentenceBudget) => v1::FinishReason::SentenceBudget,
        Some(Finish::WordBudget) => v1::FinishReason::WordBudget,
        Some(Finish::Exhausted) => v1::FinishReason::Exhausted,
    };
    let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    v1::Summary {
        text: texts.join(" "),
        style: v1::SummaryStyle::Extractive.into(),
        // Sentences of the article, unchanged.
        grounded: true,
        finish_reason: finish.into(),
        sentences,
    }
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
    let framing_head = match finding.judged.as_ref().map(|judged| judged.calibration.relevance) {
        None => "",
        Some(Some(_)) => "trained",
        Some(None) => "any",
    };
    v1::Provenance {
        models: was_read.then_some(model).into_iter().collect(),
        contest_id: contest.map(|contest| contest.id.clone()).unwrap_or_default(),
        contest_version: contest.map(|contest| contest.version.clone()).unwrap_or_default(),
        calibration_version: setup.calibration.version.clone(),
        build: format!("{VERSION}+{REVISION}"),
        framing_head: framing_head.into(),
        cached: false,
    }
}

fn warnings(finding: &Finding<'_>) -> Vec<v1::Warning> {
    use v1::WarningCode as Code;
    let mut warnings = Vec::new();
    let mut warn = |code: Code, message: String| {
        warnings.push(v1::Warning { code: code.into(), message });
    };
    let document = finding.document;
    if document.sentences.is_empty() {
        warn(
            Code::NoContent,
            "the text holds no sentence: nothing was summarised or judged".into(),
        );
        return warnings;
    }
    let language = &document.language;
    if !finding.supported {
        let code = &language.code;
        warn(
            Code::LanguageUnsupported,
            format!("the model does not read \"{code}\": the text was not read"),
        );
        return warnings;
    }
    if !language.reliable {
        warn(Code::LanguageUncertain, "the language could not be told; read as English".into());
    }
    if finding.reading.unread > 0 {
        let unread = finding.reading.unread;
        let message = format!("{unread} code points in words of more than 100 were not read");
        warn(Code::Truncated, message);
    }
    if finding.summary.as_ref().is_some_and(|summary| summary.sentences.is_empty()) {
        warn(Code::WordBudgetTooSmall, "no sentence fits into summary.max_words".into());
    }
    let Some(judged) = &finding.judged else {
        return warnings;
    };
    if finding.mentions_left_out > 0 {
        let message = format!("the last {} mentions were not read", finding.mentions_left_out);
        warn(Code::MentionsLeftOut, message);
    }
    let body = document.sentences.iter().filter(|s| s.kind == SentenceKind::Body).count();
    if body < SHORT_ARTICLE {
        warn(Code::ShortArticle, format!("the stance rests on {body} body sentences"));
    }
    if judged.calibration.relevance.is_none() {
        let message = "confidence is calibrated on other contests, not on this one";
        warn(Code::ContestNotCalibrated, message.into());
    }
    for side in judged.contest.sides.iter().filter(|side| side.claims.is_empty()) {
        let message = format!("side \"{}\" has no claims: its case is known by name only", side.id);
        warn(Code::NoClaims, message);
    }
    warnings
}
