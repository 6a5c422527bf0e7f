//! The way of one article: admission, reading, model, judgement, reply.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::proto::v1;
use super::reply::{self, Finding, Judged};
use super::request::{self, AnalysisRequest, Rules};
use super::status::AnalyzeError;
use crate::analysis::{
    Alignment, Calibration, FramingCalibration, FramingHead, PreparedArticle, Reading, StanceInput,
    judge, prepare, summarise,
};
use crate::article::Document;
use crate::config::Config;
use crate::contest::{Catalog, CatalogEntry, Mention, Side, SpeakerSides};
use crate::engine::Engine;
use crate::model::{Bundle, BundleError};

/// Why an analyzer cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A file of the bundle cannot be read.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A part of the bundle does not fit.
    #[error("{0}")]
    Model(String),
    /// The default contest is not known.
    #[error("analysis.default_contest: no contest \"{id}\"; known: {known}")]
    DefaultContest {
        /// What the configuration names.
        id: String,
        /// All known ids.
        known: String,
    },
}

/// What to do when as many requests are in the house as may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Refuse: the caller of a single article learns it at once.
    Refuse,
    /// Wait: a stream is held back by flow control.
    Wait,
}

/// Analyses articles. Clones share everything.
#[derive(Debug, Clone)]
pub struct Analyzer {
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
}

/// What all requests use.
#[derive(Debug)]
struct Shared {
    setup: AnalyzerSetup,
    engine: Engine,
}

/// A checked analyzer that lacks its engine: everything that can be wrong is known before the model
/// is loaded and a port is bound.
#[derive(Debug)]
pub struct AnalyzerSetup {
    pub(super) config: Config,
    pub(super) catalog: Catalog,
    pub(super) bundle: Bundle,
    pub(super) calibration: Calibration,
    alignment: Alignment,
}

impl AnalyzerSetup {
    /// Checks that the parts fit.
    ///
    /// # Errors
    /// When the bundle's calibration or alignment head does not fit, or the default contest is not
    /// in the catalog.
    pub fn new(config: Config, catalog: Catalog, bundle: Bundle) -> Result<Self, SetupError> {
        let id = &config.analysis.default_contest;
        if catalog.get(id).is_none() {
            let known = catalog.ids().join(", ");
            return Err(SetupError::DefaultContest { id: id.clone(), known });
        }
        let calibration = String::from_utf8_lossy(bundle.file("calibration")?).into_owned();
        let calibration = Calibration::parse(&calibration)
            .map_err(|problem| SetupError::Model(format!("calibration: {problem}")))?;
        let weights = bundle.weights("heads")?;
        let alignment = weights
            .get("alignment.weight")
            .and_then(|weight| Alignment::new(&weight.values))
            .ok_or_else(|| SetupError::Model("there is no alignment head".into()))?;
        Ok(Self { config, catalog, bundle, calibration, alignment })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The bundle, for the engine to load.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The analyzer, with its engine.
    pub fn with_engine(self, engine: Engine) -> Analyzer {
        let permits = Arc::new(Semaphore::new(self.config.limits.max_requests_in_flight));
        Analyzer { shared: Arc::new(Shared { setup: self, engine }), permits }
    }
}

impl Analyzer {
    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.shared.setup.config
    }

    pub(super) fn setup(&self) -> &AnalyzerSetup {
        &self.shared.setup
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
        self.analyze(request, None, Admission::Wait).await.map(drop)
    }

    /// Analyses one article.
    ///
    /// # Errors
    /// See [`AnalyzeError`].
    pub async fn analyze(
        &self,
        request: v1::AnalyzeArticleRequest,
        deadline: Option<Instant>,
        admission: Admission,
    ) -> Result<v1::AnalyzeArticleResponse, AnalyzeError> {
        let work = self.admitted(request, deadline, admission);
        match deadline {
            None => work.await,
            Some(deadline) => tokio::time::timeout_at(deadline.into(), work)
                .await
                .unwrap_or(Err(AnalyzeError::DeadlineExceeded)),
        }
    }

    async fn admitted(
        &self,
        request: v1::AnalyzeArticleRequest,
        deadline: Option<Instant>,
        admission: Admission,
    ) -> Result<v1::AnalyzeArticleResponse, AnalyzeError> {
        let permit = self.admit(admission).await?;
        let received = Instant::now();
        let shared = Arc::clone(&self.shared);
        let mut article = off_runtime(move || shared.setup.read_article(request)).await??;
        let passages = std::mem::take(&mut article.prepared.request);
        let reading = if article.document.sentences.is_empty() || !article.supported {
            Reading::default()
        } else {
            self.shared.engine.read(passages, deadline).await?
        };
        let shared = Arc::clone(&self.shared);
        let reply =
            off_runtime(move || shared.setup.answer(&article, reading, received.elapsed())).await?;
        drop(permit);
        Ok(reply)
    }

    async fn admit(&self, admission: Admission) -> Result<OwnedSemaphorePermit, AnalyzeError> {
        let permits = Arc::clone(&self.permits);
        match admission {
            Admission::Wait => permits.acquire_owned().await.map_err(|_| AnalyzeError::NotReady),
            Admission::Refuse => permits.try_acquire_owned().map_err(|_| AnalyzeError::Full {
                limit: self.config().limits.max_requests_in_flight,
            }),
        }
    }
}

/// An article before the model has read it.
struct ReadArticle {
    request: AnalysisRequest,
    document: Document,
    /// Whether the model was made for its language.
    supported: bool,
    mentions: Vec<Mention>,
    prepared: PreparedArticle,
}

impl AnalyzerSetup {
    /// Checks the request, reads the text, and says what the model is to read.
    fn read_article(
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
        let document = Document::parse(text, request.title.as_deref());
        let supported = self.is_supported(&document);
        let contest = request.contest.as_ref().filter(|_| supported);
        let mentions = contest.map_or_else(Vec::new, |entry| entry.finder.find(&document));
        let claims_of = contest.filter(|entry| !self.is_trained_for(entry));
        let claims_of = claims_of.map(|entry| entry.contest.as_ref());
        let prepared = prepare(&document, request.title.as_deref(), &mentions, claims_of);
        Ok(ReadArticle { request, document, supported, mentions, prepared })
    }

    /// A language that cannot be told is given the benefit of the doubt, with a warning.
    fn is_supported(&self, document: &Document) -> bool {
        let language = &document.language;
        !language.reliable || self.bundle.manifest().languages.contains(&language.code)
    }

    /// Whether the bundle has a head for the contest.
    pub(super) fn is_trained_for(&self, entry: &CatalogEntry) -> bool {
        self.trained_calibration(entry).is_some()
    }

    fn trained_calibration(&self, entry: &CatalogEntry) -> Option<&FramingCalibration> {
        let contest = &entry.contest;
        let sides = contest.sides.each_ref().map(|side| side.id.as_str());
        let trained = self.bundle.manifest().is_trained_for("framing", &contest.id, sides);
        self.calibration.trained(&contest.id).filter(|_| trained)
    }

    /// How the sentences of an article are scored for a contest, and with which calibration.
    fn head(&self, entry: &CatalogEntry) -> Option<(FramingHead<'_>, &FramingCalibration)> {
        let trained =
            self.trained_calibration(entry).zip(self.calibration.relevance.get(&entry.contest.id));
        if let Some((calibration, relevance)) = trained {
            let framing = self.bundle.manifest().heads.get("framing");
            let first = framing.and_then(|head| head.sides.first());
            let swapped = first != Some(&entry.contest.side(Side::First).id);
            return Some((FramingHead::Trained { swapped, relevance }, calibration));
        }
        let calibration = self.calibration.any()?;
        Some((FramingHead::Claims(&self.alignment), calibration))
    }

    /// Judges what the model read, and writes the reply.
    fn answer(
        &self,
        article: &ReadArticle,
        reading: Reading,
        so_far: Duration,
    ) -> v1::AnalyzeArticleResponse {
        let started = Instant::now();
        let readable = article.supported && !article.document.sentences.is_empty();
        let title_passages = article.prepared.title_passages;
        let summary = article.request.summary.filter(|_| readable).map(|budget| {
            let sentences = reading.passages.get(title_passages..).unwrap_or_default();
            summarise(&article.document, sentences, budget)
        });
        let entry = article.request.contest.as_ref();
        let judged = entry.filter(|_| readable).and_then(|entry| {
            let (head, calibration) = self.head(entry)?;
            let speakers = SpeakerSides::of(&article.document, &entry.finder);
            let stance = judge(&StanceInput {
                document: &article.document,
                contest: &entry.contest,
                mentions: &article.mentions,
                speakers: &speakers,
                reading: &reading,
                title_passages,
                head,
                calibration,
                max_evidence: article.request.output.max_evidence,
            });
            Some(Judged { contest: &entry.contest, speakers, stance, calibration, head })
        });
        let finding = Finding {
            request: &article.request,
            document: &article.document,
            supported: article.supported,
            reading: &reading,
            title_passages,
            summary,
            judged,
        };
        let mut reply = reply::write(&finding, self);
        reply.timing = Some(reply::timing(&reading, so_far + started.elapsed()));
        reply
    }
}

/// Runs work that takes longer than an async task may block. A panic in it is ours, not the
/// caller's: it answers INTERNAL and the server lives on.
async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AnalyzeError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(panic = %error, "an article could not be read");
        AnalyzeError::Model
    })
}
