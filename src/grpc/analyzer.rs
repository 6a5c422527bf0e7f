//! The way of one article: admission, reading, model, judgement, reply.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{oneshot, watch};
use tracing::Instrument;

use super::article::ReadArticle;
use super::cache::ReplyCache;
use super::proto::v1;
use super::reply;
use super::request::MAX_ID_BYTES;
use super::setup::AnalyzerSetup;
use super::status::AnalyzeError;
use super::trace::stage;
use crate::analysis::Reading;
use crate::config::Config;
use crate::engine::{Checkpoints, Engine, EngineCounters, House, Place, Plan};

/// Analyses articles. Clones share everything.
#[derive(Debug, Clone)]
pub struct Analyzer {
    setup: Arc<AnalyzerSetup>,
    engine: Engine,
    checkpoints: Checkpoints,
    house: House,
    cache: Option<Arc<ReplyCache>>,
}

impl Analyzer {
    /// An analyzer of these parts.
    pub(super) fn new(setup: AnalyzerSetup, engine: Engine) -> Self {
        let house = House::new(setup.config().limits.max_requests_in_flight);
        let cache = ReplyCache::new(setup.config().cache.max_bytes);
        let checkpoints = Checkpoints::default();
        Self { setup: Arc::new(setup), engine, checkpoints, house, cache }
    }

    /// Adds the checkpoints of its setup, loaded.
    #[must_use]
    pub fn with_checkpoints(self, checkpoints: Checkpoints) -> Self {
        Self { checkpoints, ..self }
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        self.setup.config()
    }

    pub(super) fn setup(&self) -> &Arc<AnalyzerSetup> {
        &self.setup
    }

    /// The models beside the encoder.
    pub(super) fn checkpoints(&self) -> &Checkpoints {
        &self.checkpoints
    }

    /// Where requests are admitted.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// How many workers wait for the model to recover: it can read when there are none.
    pub fn recovering(&self) -> watch::Receiver<usize> {
        self.engine.recovering()
    }

    /// What reads.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Replies that are kept, when any are.
    pub(super) fn cache(&self) -> Option<&ReplyCache> {
        self.cache.as_deref()
    }

    /// Logs what the engine has done since its start.
    pub(super) fn log_totals(&self) {
        let EngineCounters { read, cancelled, expired, failed, batch_tokens, .. } =
            self.engine.counters();
        let seen = batch_tokens.snapshot();
        let (batches, tokens) = (seen.count(), seen.sum);
        tracing::info!(?read, ?cancelled, ?expired, ?failed, batches, tokens, "engine totals");
    }

    /// Admits a single request.
    ///
    /// # Errors
    /// [`AnalyzeError::Full`] when the house is full.
    pub fn admit(&self) -> Result<Place, AnalyzeError> {
        let limit = self.house.capacity();
        self.house.try_enter().ok_or(AnalyzeError::Full { limit })
    }

    /// Analyses a small article of its own, so that no caller pays for what is done once: rules and
    /// tables are made when they are first used.
    ///
    /// # Errors
    /// When the analysis fails.
    pub async fn warm_up(&self) -> Result<(), AnalyzeError> {
        let text = "“The bridge is closed,” said Ada Brook, the mayor, on Monday. Nobody was hurt.";
        let article = v1::Article { text: text.into(), ..v1::Article::default() };
        let request = v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
        let asked = Asked { at: Instant::now(), deadline: None };
        self.analyze(request, asked, self.admit()?).instrument(stage("warm_up")).await.map(drop)
    }

    /// Analyses an article that has a place in the house.
    ///
    /// # Errors
    /// See [`AnalyzeError`].
    pub async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
        asked: Asked,
        place: Place,
    ) -> Result<v1::AnalyzeArticleResponse, AnalyzeError> {
        asked.in_time(self.analyzed(request, asked, place)).await
    }

    async fn analyzed(
        &self,
        request: v1::AnalyzeArticleRequest,
        asked: Asked,
        place: Place,
    ) -> Result<v1::AnalyzeArticleResponse, AnalyzeError> {
        let id = request.article.as_ref().map_or("", |article| article.id.as_str());
        // An id that is too long is an error, whatever is known about the text.
        let Some(cache) = self.cache.as_ref().filter(|_| id.len() <= MAX_ID_BYTES) else {
            return self.computed(request, asked, place).await;
        };
        let id = id.to_owned();
        let analyzer = self.clone();
        // Others may wait for it longer than this caller does.
        let patient = Asked { deadline: None, ..asked };
        // Whoever waits for another's answer has a place as well.
        let _waiting = place.clone();
        // Part of this call's trace, whoever waits for it in the end.
        let compute = |request| {
            async move { analyzer.computed(request, patient, place).await }.in_current_span()
        };
        let (reply, for_another) = cache.get(request, compute).await?;
        Ok(if for_another { reply::from_cache(reply, id, asked.at.elapsed()) } else { reply })
    }

    async fn computed(
        &self,
        request: v1::AnalyzeArticleRequest,
        asked: Asked,
        place: Place,
    ) -> Result<v1::AnalyzeArticleResponse, AnalyzeError> {
        let admitted = asked.at.elapsed();
        let analyzer = self.clone();
        let read = move || analyzer.read_article(request);
        let (article, plan) = off_runtime("parse", read, place.clone()).await??;
        let mut reading = self.read(plan, asked, place.clone()).await?;
        reading.queue += admitted;
        let article = Arc::new(article);
        let beside = self.beside(&article, &reading, asked, &place).await?;
        let setup = Arc::clone(&self.setup);
        let answer = move || setup.answer(&article, reading, beside, asked.at);
        off_runtime("answer", answer, place).await
    }

    /// Reads an article up to the model: what the model is to do, None for an article that it cannot read.
    pub(super) fn read_article(
        &self,
        request: v1::AnalyzeArticleRequest,
    ) -> Result<(ReadArticle, Option<Plan>), AnalyzeError> {
        let mut article = self.setup.read_article(request)?;
        let passages = std::mem::take(&mut article.prepared.request);
        let plan = article.is_readable().then(|| self.engine.plan(passages)).transpose()?;
        Ok((article, plan))
    }

    /// Has the model read an article; an empty reading for one that it cannot read.
    pub(super) async fn read(
        &self,
        plan: Option<Plan>,
        asked: Asked,
        place: Place,
    ) -> Result<Reading, AnalyzeError> {
        match plan {
            Some(plan) => Ok(self.engine.read(plan, asked.deadline, place).await?),
            None => Ok(Reading::default()),
        }
    }
}

/// When a request came, and by when its answer has to be ready.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// When it came.
    pub at: Instant,
    /// None when the caller waits as long as it takes.
    pub deadline: Option<Instant>,
}

impl Asked {
    /// Gives work up when the deadline passes; does not begin it afterwards.
    pub(super) async fn in_time<T>(
        self,
        work: impl Future<Output = Result<T, AnalyzeError>>,
    ) -> Result<T, AnalyzeError> {
        match self.deadline {
            None => work.await,
            Some(deadline) if deadline <= Instant::now() => Err(AnalyzeError::DeadlineExceeded),
            Some(deadline) => tokio::time::timeout_at(deadline.into(), work)
                .await
                .unwrap_or(Err(AnalyzeError::DeadlineExceeded)),
        }
    }
}

/// Runs a stage of the work that takes longer than an async task may block. It is skipped when nobody waits for it
/// any more, and holds its place in the house until it is done. A panic in it answers INTERNAL; the
/// server lives on, and the panic hook has logged where it was.
pub(super) async fn off_runtime<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
    place: Place,
) -> Result<T, AnalyzeError> {
    let (done, outcome) = oneshot::channel();
    let span = stage(name);
    // Detached on purpose: the outcome comes through the channel.
    drop(tokio::task::spawn_blocking(move || {
        if !done.is_closed() {
            let outcome = span.in_scope(work);
            // Ended before the caller knows, so that it lies within the span of the call.
            drop(span);
            // Free before the caller knows, so that the next call finds it.
            drop(place);
            // The caller may have left meanwhile.
            let _left = done.send(outcome);
        }
    }));
    outcome.await.map_err(|_| AnalyzeError::Model)
}
