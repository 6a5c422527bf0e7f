//! One article: before the model has read it, and after.

use std::time::Instant;

use super::beside::Beside;
use super::proto::v1;
use super::reply::{self, Finding, Judged, Tested};
use super::request::{self, AnalysisRequest, EntailmentWish, Rules, SummaryWish};
use super::setup::AnalyzerSetup;
use super::status::AnalyzeError;
use crate::analysis::{
    EntailmentRule, PassageReading, PreparedArticle, Reading, SpeakerParties, StanceInput,
    find_claims, judge, judge_statement, prepare, summarise,
};
use crate::article::{Document, SentenceKind};
use crate::contest::{CatalogEntry, Mention, SpeakerSides};
use crate::violation::Violation;

/// Most mentions whose polarity is read; a vector is kept for each.
const MAX_MENTIONS: usize = 10_000;

/// An article before the model has read it.
pub(super) struct ReadArticle {
    request: AnalysisRequest,
    pub(super) document: Document,
    /// Whether the model was made for its language.
    supported: bool,
    mentions: Vec<Mention>,
    /// Mentions beyond [`MAX_MENTIONS`].
    mentions_left_out: usize,
    pub(super) prepared: PreparedArticle,
}

impl ReadArticle {
    /// Whether there is something that the model can read.
    pub(super) fn is_readable(&self) -> bool {
        self.supported && !self.document.sentences.is_empty()
    }

    /// What kind of summary is wanted, if any.
    pub(super) fn summary_wish(&self) -> Option<&SummaryWish> {
        self.request.summary.as_ref()
    }

    /// Which statements are to be tested, if any.
    pub(super) fn entailment_wish(&self) -> Option<&EntailmentWish> {
        self.request.entailment.as_ref()
    }

    /// The title, when the caller gave one.
    pub(super) fn title(&self) -> Option<&str> {
        self.request.title.as_deref()
    }

    /// Every sentence, with white space folded.
    pub(super) fn sentence_texts(&self) -> Vec<String> {
        let sentences = self.document.sentences.iter();
        sentences.map(|sentence| reply::folded(&sentence.span, &self.document)).collect()
    }

    /// The body sentences that are part of the story; the headings when there are none.
    pub(super) fn story(&self, in_story: &[bool]) -> Vec<String> {
        let of_kind = |kind: SentenceKind| -> Vec<String> {
            let sentences = self.document.sentences.iter().zip(in_story);
            let counted =
                sentences.filter(|(sentence, in_story)| **in_story && sentence.kind == kind);
            counted.map(|(sentence, _)| reply::folded(&sentence.span, &self.document)).collect()
        };
        let body = of_kind(SentenceKind::Body);
        if body.is_empty() { of_kind(SentenceKind::Heading) } else { body }
    }

    /// The statements to be tested: the labels', then the claims of the contest.
    pub(super) fn statements(&self) -> Vec<String> {
        let Some(wish) = &self.request.entailment else { return Vec::new() };
        let labels = wish.labels.iter().map(|(_, statement)| statement.clone());
        let contest = self.request.contest.as_ref().filter(|_| wish.claims);
        let claims = contest
            .into_iter()
            .flat_map(|entry| entry.contest.claims())
            .map(|(.., claim)| claim.to_owned());
        labels.chain(claims).collect()
    }

    /// Sentences times statements are bounded.
    fn check_pairs(&self, limit: usize) -> Result<(), AnalyzeError> {
        let (sentences, statements) = (self.document.sentences.len(), self.statements().len());
        let pairs = sentences * statements;
        if pairs <= limit {
            return Ok(());
        }
        let problem = format!(
            "{sentences} sentences times {statements} labels and claims are at most {limit} pairs, got {pairs}"
        );
        Err(AnalyzeError::Invalid(vec![Violation::new("entailment", problem)]))
    }
}

impl AnalyzerSetup {
    /// Checks a request and reads its article, without a model: what the server does with what strangers send.
    ///
    /// # Errors
    /// When the request is not valid, or asks for what this server does not serve.
    pub fn read(&self, request: v1::AnalyzeArticleRequest) -> Result<Document, AnalyzeError> {
        self.read_article(request).map(|article| article.document)
    }

    /// Checks the request, reads the text, and says what the model is to read.
    pub(super) fn read_article(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<ReadArticle, AnalyzeError> {
        let rules = Rules {
            config: &self.config,
            catalog: &self.catalog,
            bundle: &self.bundle.manifest().id,
            checkpoints: &self.checkpoints,
        };
        let mut request = request::parse(request, rules)?;
        let text = std::mem::take(&mut request.text);
        let document = Document::parse_as(text, request.format, request.title.as_deref());
        let (sentences, limit) =
            (document.sentences.len(), self.config.limits.max_article_sentences);
        if sentences > limit {
            let problem = format!("has at most {limit} sentences, got {sentences}");
            return Err(AnalyzeError::Invalid(vec![Violation::new("article.text", problem)]));
        }
        let supported = self.is_supported(&document);
        let contest = request.contest.as_ref().filter(|_| supported);
        let mut mentions = contest.map_or_else(Vec::new, |entry| entry.finder.find(&document));
        let mentions_left_out = mentions.len().saturating_sub(MAX_MENTIONS);
        mentions.truncate(MAX_MENTIONS);
        let contest = contest.map(|entry| (entry.contest.as_ref(), &*entry.finder));
        let prepared = prepare(&document, request.title.as_deref(), &mentions, contest);
        let article =
            ReadArticle { request, document, supported, mentions, mentions_left_out, prepared };
        if article.is_readable() {
            article.check_pairs(self.config.limits.max_entailment_pairs)?;
        }
        Ok(article)
    }

    /// For each sentence of an article that was read, whether it is part of the story.
    pub(super) fn in_story(&self, article: &ReadArticle, reading: &Reading) -> Vec<bool> {
        let drop_above = self.calibration.furniture.drop_above;
        let sentences = of_sentences(article, reading).iter();
        sentences.map(|sentence| sentence.furniture_probability() < drop_above).collect()
    }

    /// Judges what the models read, and writes the reply.
    pub(super) fn answer(
        &self,
        article: &ReadArticle,
        mut reading: Reading,
        beside: Beside,
        asked_at: Instant,
    ) -> v1::AnalyzeArticleResponse {
        reading.queue += beside.queue;
        reading.inference += beside.work;
        let readable = article.is_readable();
        let sentences = of_sentences(article, &reading);
        let in_story = self.in_story(article, &reading);
        let budget = article.request.summary.as_ref().filter(|_| readable).map(SummaryWish::budget);
        let summary =
            budget.map(|budget| summarise(&article.document, sentences, &in_story, budget));
        let entry = article.request.contest.as_ref().filter(|_| readable);
        let printed = entry.map(|entry| SpeakerSides::of(&article.document, &entry.finder));
        let judged = entry.zip(printed.as_ref());
        let judged = judged
            .and_then(|(entry, printed)| self.judge(article, entry, printed, &reading, &in_story));
        let tested = self.tested(article, &beside, &in_story, judged.as_ref());
        let finding = Finding {
            request: &article.request,
            document: &article.document,
            supported: article.supported,
            mentions_left_out: article.mentions_left_out,
            reading: &reading,
            title_passages: article.prepared.title_passages,
            in_story: &in_story,
            summary,
            generated: beside.generated,
            judged,
            tested,
        };
        let mut reply = reply::write(&finding, self);
        reply.timing = Some(reply::timing(&reading, asked_at.elapsed()));
        reply
    }

    /// Whose account an article that could be read gives; `printed` says who speaks for whom as far as it is printed.
    fn judge<'a>(
        &'a self,
        article: &'a ReadArticle,
        entry: &'a CatalogEntry,
        printed: &'a SpeakerSides,
        reading: &Reading,
        in_story: &[bool],
    ) -> Option<Judged<'a>> {
        let calibration = self.calibration(entry)?;
        let voice = self.calibration.voice;
        let sentences = of_sentences(article, reading);
        let speakers = SpeakerParties::of(&article.document, printed, sentences, voice.side_above);
        let stance = judge(&StanceInput {
            document: &article.document,
            contest: &entry.contest,
            mentions: &article.mentions,
            speakers: &speakers,
            reading,
            title_passages: article.prepared.title_passages,
            in_story,
            calibration,
            sourced_above: voice.sourced_above,
            max_evidence: article.request.output.max_evidence,
        });
        Some(Judged { contest: &entry.contest, speakers, stance, calibration })
    }

    /// What came of the statements; None when none was to be tested or the article cannot be read.
    fn tested(
        &self,
        article: &ReadArticle,
        beside: &Beside,
        in_story: &[bool],
        judged: Option<&Judged<'_>>,
    ) -> Option<Tested> {
        let wish = article.request.entailment.as_ref().filter(|_| article.is_readable())?;
        // A calibration holds for texts about the contest.
        let about = judged.filter(|judged| judged.stance.framing.is_some());
        let rule = EntailmentRule::of(about.map(|judged| judged.contest), &wish.model);
        let (labels, claims) = beside.statements.split_at_checked(wish.labels.len())?;
        let max_evidence = article.request.output.max_evidence;
        let labels =
            labels.iter().map(|pairs| judge_statement(pairs, in_story, rule, max_evidence));
        let document = &article.document;
        let claims = judged.map_or_else(Vec::new, |judged| {
            let attributions = &judged.stance.attributions;
            find_claims(claims, document, judged.contest, in_story, attributions, rule)
        });
        Some(Tested {
            labels: labels.collect(),
            claims,
            calibrated: rule.calibrated,
            statements: beside.statements.len(),
        })
    }
}

/// What the model read in the sentences of an article, the title left out.
fn of_sentences<'r>(article: &ReadArticle, reading: &'r Reading) -> &'r [PassageReading] {
    reading.passages.get(article.prepared.title_passages..).unwrap_or_default()
}
