//! The way of one article: admission, reading, model, judgement, reply.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{oneshot, watch};

use super::article::ReadArticle;
use super::proto::v1;
use super::setup::AnalyzerSetup;
use super::status::AnalyzeError;
use crate::analysis::Reading;
use crate::config::Config;
use crate::engine::{Engine, House, Place};

/// Analyses articles. Clones share everything.
#[derive(Debug, Clone)]
pub struct Analyzer {
    setup: Arc<AnalyzerSetup>,
    engine: Engine,
    house: House,
}

impl Analyzer {
    /// An analyzer of these parts.
    pub(super) fn new(setup: AnalyzerSetup, engine: Engine) -> Self {
        let house = House::new(setup.config().limits.max_requests_in_flight);
        Self { setup: Arc::new(setup), engine, house }
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        self.setup.config()
    }

    pub(super) fn setup(&self) -> &Arc<AnalyzerSetup> {
        &self.setup
    }

    /// Where requests are admitted.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// Whether the model can read at the moment.
    pub fn healthy(&self) -> watch::Receiver<bool> {
        self.engine.healthy()
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
        self.analyze(request, asked, self.admit()?).await.map(drop)
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
        let admitted = asked.at.elapsed();
        let setup = Arc::clone(&self.setup);
        let mut article = off_runtime(move || setup.read_article(request), place.clone()).await??;
        let mut reading = self.read(&mut article, asked, place.clone()).await?;
        reading.queue += admitted;
        let setup = Arc::clone(&self.setup);
        off_runtime(move || setup.answer(&article, reading, asked.at), place).await
    }

    /// Has the model read an article; an empty reading for one that it cannot read.
    pub(super) async fn read(
        &self,
        article: &mut ReadArticle,
        asked: Asked,
        place: Place,
    ) -> Result<Reading, AnalyzeError> {
        if !article.is_readable() {
            return Ok(Reading::default());
        }
        let passages = std::mem::take(&mut article.prepared.request);
        Ok(self.engine.read(passages, asked.deadline, place).await?)
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

/// Runs work that takes longer than an async task may block. It is skipped when nobody waits for it
/// any more, and holds its place in the house until it is done. A panic in it answers INTERNAL; the
/// server lives on, and the panic hook has logged where it was.
pub(super) async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    place: Place,
) -> Result<T, AnalyzeError> {
    let (done, outcome) = oneshot::channel();
    // Detached on purpose: the outcome comes through the channel.
    drop(tokio::task::spawn_blocking(move || {
        if !done.is_closed() {
            let outcome = work();
            // Free before the caller knows, so that the next call finds it.
            drop(place);
            // The caller may have left meanwhile.
            let _left = done.send(outcome);
        }
    }));
    outcome.await.map_err(|_| AnalyzeError::Model)
}
