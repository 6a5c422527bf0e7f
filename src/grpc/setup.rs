//! The parts of an analyzer, and which of them serve a contest.

use super::analyzer::Analyzer;
use crate::analysis::{
    Alignment, Calibration, FramingCalibration, FramingHead, RelevanceCalibration,
};
use crate::article::Document;
use crate::config::Config;
use crate::contest::{Catalog, CatalogEntry, Side};
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
        let weight = weights.get("alignment.weight");
        let weight =
            weight.ok_or_else(|| SetupError::Model("there is no alignment head".into()))?;
        let alignment = Alignment::new(&weight.values)
            .ok_or_else(|| SetupError::Model("the alignment head is too short".into()))?;
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
        Analyzer::new(self, engine)
    }

    /// A language that cannot be told is given the benefit of the doubt, with a warning.
    pub(super) fn is_supported(&self, document: &Document) -> bool {
        let language = &document.language;
        !language.reliable || self.bundle.manifest().languages.contains(&language.code)
    }

    /// Whether the bundle has a head for the contest: one that was trained for a contest of this id
    /// and these side ids.
    pub(super) fn is_trained_for(&self, entry: &CatalogEntry) -> bool {
        self.trained(entry).is_some()
    }

    fn trained(
        &self,
        entry: &CatalogEntry,
    ) -> Option<(&FramingCalibration, &RelevanceCalibration)> {
        let contest = &entry.contest;
        let sides = contest.sides.each_ref().map(|side| side.id.as_str());
        if !self.bundle.manifest().is_trained_for("framing", &contest.id, sides) {
            return None;
        }
        let relevance = self.calibration.relevance.get(&contest.id);
        self.calibration.trained(&contest.id).zip(relevance)
    }

    /// How the sentences of an article are scored for a contest, and with which calibration.
    pub(super) fn head(
        &self,
        entry: &CatalogEntry,
    ) -> Option<(FramingHead<'_>, &FramingCalibration)> {
        if let Some((calibration, relevance)) = self.trained(entry) {
            let framing = self.bundle.manifest().heads.get("framing");
            let first = framing.and_then(|head| head.sides.first());
            let swapped = first != Some(&entry.contest.side(Side::First).id);
            return Some((FramingHead::Trained { swapped, relevance }, calibration));
        }
        let calibration = self.calibration.any()?;
        Some((FramingHead::Claims(&self.alignment), calibration))
    }
}
