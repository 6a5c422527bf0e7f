//! The parts of an analyzer, and which of them serve a contest.

use super::analyzer::Analyzer;
use crate::analysis::{Calibration, ContestCalibration};
use crate::article::Document;
use crate::config::Config;
use crate::contest::{Catalog, CatalogEntry};
use crate::engine::Engine;
use crate::model::{Bundle, BundleError, Checkpoint, Task};

/// The head that names the contest the bundle was trained for.
const TRAINED_HEAD: &str = "relevance";

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
    /// A default model is not among the checkpoints.
    #[error("{key}: no model \"{id}\" for this task in models.directory; known: {known}")]
    DefaultModel {
        /// Key of the configuration.
        key: &'static str,
        /// What it names.
        id: String,
        /// All known ids.
        known: String,
    },
    /// A checkpoint has the id of the embedded bundle.
    #[error("models.directory: the id \"{0}\" is that of the embedded model")]
    TakenId(String),
}

/// A checked analyzer that lacks its engine: everything that can be wrong is known before the model
/// is loaded and a port is bound.
#[derive(Debug)]
pub struct AnalyzerSetup {
    pub(super) config: Config,
    pub(super) catalog: Catalog,
    pub(super) bundle: Bundle,
    pub(super) calibration: Calibration,
    pub(super) checkpoints: Vec<Checkpoint>,
}

impl AnalyzerSetup {
    /// Checks that the parts fit.
    ///
    /// # Errors
    /// When the bundle's calibration does not fit, or the default contest is not
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
        Ok(Self { config, catalog, bundle, calibration, checkpoints: Vec::new() })
    }

    /// Adds the models beside the bundle.
    ///
    /// # Errors
    /// When a default of the configuration is not among them, or one has the id of the bundle.
    pub fn with_checkpoints(mut self, checkpoints: Vec<Checkpoint>) -> Result<Self, SetupError> {
        check_checkpoints(&self.config, &self.bundle, &checkpoints)?;
        self.checkpoints = checkpoints;
        Ok(self)
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The bundle, for the engine to load.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The models beside the bundle, for the engine to load.
    pub fn checkpoints(&self) -> &[Checkpoint] {
        &self.checkpoints
    }

    /// The analyzer, with its engine and no checkpoints.
    pub fn with_engine(self, engine: Engine) -> Analyzer {
        Analyzer::new(self, engine)
    }

    /// A language that cannot be told is given the benefit of the doubt, with a warning.
    pub(super) fn is_supported(&self, document: &Document) -> bool {
        let language = &document.language;
        !language.reliable || self.bundle.manifest().languages.contains(&language.code)
    }

    /// Whether the bundle was trained for the contest: for one of this id and these side ids.
    pub(super) fn is_trained_for(&self, entry: &CatalogEntry) -> bool {
        let contest = &entry.contest;
        let sides = contest.sides.each_ref().map(|side| side.id.as_str());
        self.bundle.manifest().is_trained_for(TRAINED_HEAD, &contest.id, sides)
    }

    /// How the scores of a contest become an answer.
    pub(super) fn calibration(&self, entry: &CatalogEntry) -> Option<ContestCalibration<'_>> {
        let id = &entry.contest.id;
        let own = self.calibration.trained(id).zip(self.calibration.relevance.get(id));
        match own.filter(|_| self.is_trained_for(entry)) {
            Some((framing, relevance)) => {
                Some(ContestCalibration { framing, relevance: Some(relevance) })
            }
            None => Some(ContestCalibration { framing: self.calibration.any()?, relevance: None }),
        }
    }
}

/// Whether the defaults are there, and no id stands for two models.
fn check_checkpoints(
    config: &Config,
    bundle: &Bundle,
    checkpoints: &[Checkpoint],
) -> Result<(), SetupError> {
    let own = &bundle.manifest().id;
    if checkpoints.iter().any(|checkpoint| checkpoint.id == *own) {
        return Err(SetupError::TakenId(own.clone()));
    }
    let defaults = [
        ("models.summary", &config.models.summary, Task::Summary),
        ("models.entailment", &config.models.entailment, Task::Entailment),
    ];
    for (key, id, task) in defaults {
        let of_task = checkpoints.iter().filter(|checkpoint| checkpoint.task == task);
        let known: Vec<&str> = of_task.map(|checkpoint| checkpoint.id.as_str()).collect();
        if !id.is_empty() && !known.contains(&id.as_str()) {
            let (id, known) = (id.clone(), known.join(", "));
            return Err(SetupError::DefaultModel { key, id, known });
        }
    }
    Ok(())
}
