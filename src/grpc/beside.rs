//! What the models beside the encoder add to the reading of an article: a generated summary, statements tested.

use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument;

use super::analyzer::{Analyzer, Asked, off_runtime};
use super::article::ReadArticle;
use super::request::{EntailmentWish, SummaryWish};
use super::status::AnalyzeError;
use super::trace::stage;
use crate::analysis::{Finish, PairLogits, Reading, Source};
use crate::engine::{GenerationWish, Place};

/// What came of them.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Set when a summary was to be generated from a text that could be read.
    pub(super) generated: Option<GeneratedSummary>,
    /// For each statement, one entry for each sentence; empty when none was to be tested.
    pub(super) statements: Vec<Vec<PairLogits>>,
    /// Time before the models had time for the article.
    pub(super) queue: Duration,
    /// Time of the models.
    pub(super) work: Duration,
}

/// What may stand of a generated summary.
#[derive(Debug, Default)]
pub(super) struct GeneratedSummary {
    pub(super) sentences: Vec<String>,
    /// None when there was nothing to summarise.
    pub(super) finish: Option<Finish>,
    /// Sentences that were left out.
    pub(super) ungrounded: usize,
    /// Parts of the article that were read one after another.
    pub(super) parts: usize,
    /// Tokens that were read.
    pub(super) tokens: usize,
}

impl Analyzer {
    /// Has the checkpoints do what the request asks of them.
    pub(super) async fn beside(
        &self,
        article: &Arc<ReadArticle>,
        reading: &Reading,
        asked: Asked,
        place: &Place,
    ) -> Result<Beside, AnalyzeError> {
        let mut beside = Beside::default();
        if !article.is_readable() {
            return Ok(beside);
        }
        if let Some(SummaryWish::Generated { model, wish }) = article.summary_wish() {
            let story = article.story(&self.setup().in_story(article, reading));
            let work = self.generate(&mut beside, model, *wish, story, (article, asked, place));
            work.instrument(stage("generate")).await?;
        }
        if let Some(wish) = article.entailment_wish() {
            let work = self.test(&mut beside, wish, (article, asked, place));
            work.instrument(stage("entail")).await?;
        }
        Ok(beside)
    }

    async fn generate(
        &self,
        beside: &mut Beside,
        model: &str,
        wish: GenerationWish,
        story: Vec<String>,
        (article, asked, place): (&Arc<ReadArticle>, Asked, &Place),
    ) -> Result<(), AnalyzeError> {
        // A request that names a checkpoint was held against those that are loaded.
        let summariser = self.checkpoints().summariser(model).ok_or(AnalyzeError::Model)?;
        if story.is_empty() {
            beside.generated = Some(GeneratedSummary::default());
            return Ok(());
        }
        let own = Arc::clone(article);
        let source = off_runtime("facts", move || own.source(), place.clone()).await?;
        let keep = |text: &str, finished: bool| source.ground(text, finished);
        let text = summariser.summarise(story, wish, keep, asked.deadline, place.clone()).await?;
        let grounded = source.ground(&text.text, text.finished);
        let ungrounded = grounded.ungrounded + text.ungrounded;
        let (sentences, finish) = grounded.within(wish.budget);
        beside.queue += text.queue;
        beside.work += text.work;
        let (parts, tokens) = (text.parts, text.tokens);
        beside.generated =
            Some(GeneratedSummary { sentences, finish: Some(finish), ungrounded, parts, tokens });
        Ok(())
    }

    async fn test(
        &self,
        beside: &mut Beside,
        wish: &EntailmentWish,
        (article, asked, place): (&Arc<ReadArticle>, Asked, &Place),
    ) -> Result<(), AnalyzeError> {
        let entailer = self.checkpoints().entailer(&wish.model).ok_or(AnalyzeError::Model)?;
        let (sentences, statements) = (article.sentence_texts(), article.statements());
        let limit = self.config().limits.max_entailment_pairs;
        let read =
            entailer.read(sentences, statements, limit, asked.deadline, place.clone()).await?;
        beside.queue += read.queue;
        beside.work += read.work;
        beside.statements = read.statements;
        Ok(())
    }
}

impl ReadArticle {
    /// The article as generated texts may quote it.
    fn source(&self) -> Source {
        Source::of(&self.document, self.title())
    }
}
