//! One article: before the model has read it, and after.

use std::time::Instant;

use super::proto::v1;
use super::reply::{self, Finding, Judged};
use super::request::{self, AnalysisRequest, Rules};
use super::setup::AnalyzerSetup;
use super::status::AnalyzeError;
use crate::analysis::{
    PreparedArticle, Reading, SpeakerParties, StanceInput, judge, prepare, summarise,
};
use crate::article::Document;
use crate::contest::{Mention, SpeakerSides};
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
            summary_model: &self.bundle.manifest().id,
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
        Ok(ReadArticle { request, document, supported, mentions, mentions_left_out, prepared })
    }

    /// Judges what the model read, and writes the reply.
    pub(super) fn answer(
        &self,
        article: &ReadArticle,
        reading: Reading,
        asked_at: Instant,
    ) -> v1::AnalyzeArticleResponse {
        let readable = article.is_readable();
        let title_passages = article.prepared.title_passages;
        let sentences = reading.passages.get(title_passages..).unwrap_or_default();
        let drop_above = self.calibration.furniture.drop_above;
        let in_story: Vec<bool> = sentences
            .iter()
            .map(|sentence| sentence.furniture_probability() < drop_above)
            .collect();
        let summary = article
            .request
            .summary
            .filter(|_| readable)
            .map(|budget| summarise(&article.document, sentences, &in_story, budget));
        let entry = article.request.contest.as_ref().filter(|_| readable);
        let printed = entry.map(|entry| SpeakerSides::of(&article.document, &entry.finder));
        let judged = entry.zip(printed.as_ref()).and_then(|(entry, printed)| {
            let calibration = self.calibration(entry)?;
            let voice = self.calibration.voice;
            let speakers =
                SpeakerParties::of(&article.document, printed, sentences, voice.side_above);
            let stance = judge(&StanceInput {
                document: &article.document,
                contest: &entry.contest,
                mentions: &article.mentions,
                speakers: &speakers,
                reading: &reading,
                title_passages,
                in_story: &in_story,
                calibration,
                sourced_above: voice.sourced_above,
                max_evidence: article.request.output.max_evidence,
            });
            Some(Judged { contest: &entry.contest, speakers, stance, calibration })
        });
        let finding = Finding {
            request: &article.request,
            document: &article.document,
            supported: article.supported,
            mentions_left_out: article.mentions_left_out,
            reading: &reading,
            title_passages,
            in_story: &in_story,
            summary,
            judged,
        };
        let mut reply = reply::write(&finding, self);
        reply.timing = Some(reply::timing(&reading, asked_at.elapsed()));
        reply
    }
}
