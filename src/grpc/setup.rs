//! The parts of an analyzer, and which of them serve a contest.

use super::analyzer::Analyzer;
use crate::analysis::{Calibration, ContestCalibration};
use crate::article::Document;
use crate::config::Config;
use crate::contest::{Catalog, CatalogEntry};
use crate::engine::Engine;
use crate::model::{Bundle, BundleError};

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
}

/// A checked analyzer that lacks its engine: everything that can be wrong is known before the model
/// is loaded and a port is bound.
#[derive(Debug)]
pub struct AnalyzerSetup {
    pub(super) config: Config,
    pub(super) catalog: Catalog,
    pub(super) bundle: Bundle,
    pub(super) calibration: Calibration,
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
        Ok(Self { config, catalog, bundle, calibration })
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
