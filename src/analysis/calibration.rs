//! `calibration.toml`: the numbers that turn scores into probabilities, measured on held-out data.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Key of the calibration for contests that the model was not trained for.
const ANY_CONTEST: &str = "any";

/// All calibrations of a bundle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Version, echoed in the provenance.
    pub version: String,
    /// Framing by contest id; `any` serves contests that the model was not trained for.
    pub framing: BTreeMap<String, FramingCalibration>,
    /// When a sentence is furniture.
    pub furniture: FurnitureCalibration,
    /// Whose words a sentence carries.
    pub voice: VoiceCalibration,
    /// Relevance by contest id.
    pub relevance: BTreeMap<String, RelevanceCalibration>,
}

/// From sentence scores to the framing of an article: a symmetric ordered logit, whose formula stands
/// in `aggregate.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FramingCalibration {
    /// Weights of the features.
    pub weights: FramingWeights,
    /// Half the width of "balanced" on the latent scale; above 0.
    pub cut: f64,
    /// Below this confidence the answer is ABSTAINED.
    pub abstain_below: f64,
    /// Expected calibration error when it was measured.
    pub ece: f64,
    /// Share of wrong answers among those given, when it was measured.
    pub risk: f64,
    /// Share of articles that were answered, when it was measured.
    pub answered: f64,
}

/// Weights of the features of an article.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FramingWeights {
    /// Mean of the sentences, weighted by how surely they are the author's own.
    pub author_mean: f64,
    /// Mean of the first three sentences.
    pub lead_mean: f64,
    /// The model's judgement of the article as a whole.
    pub article: f64,
}

/// How the scores of one contest become an answer.
#[derive(Debug, Clone, Copy)]
pub struct ContestCalibration<'a> {
    /// From sentence scores to the framing.
    pub framing: &'a FramingCalibration,
    /// Whether an article is about the contest; set for one that the model was trained for.
    pub relevance: Option<&'a RelevanceCalibration>,
}

/// When a sentence that the rules let through is furniture after all.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurnitureCalibration {
    /// A sentence is left out at or above this probability of the furniture head.
    pub drop_above: f64,
}

/// Whose words a sentence carries.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceCalibration {
    /// One without visible attribution carries somebody else's at or above this probability of the sourced head.
    pub sourced_above: f64,
    /// Quoted words whose speaker is not named are a side's at or above this probability that its people speak.
    pub side_above: f64,
}

/// From the relevance logit to a probability.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelevanceCalibration {
    /// Divides the logit.
    pub temperature: f64,
    /// Is added afterwards.
    pub offset: f64,
    /// The contest applies above this probability.
    pub applies_above: f64,
}

impl Calibration {
    /// Reads a calibration.
    ///
    /// # Errors
    /// A message when it is no valid calibration, lacks `framing.any`, or has a `cut` or
    /// `temperature` that is not above 0.
    pub fn parse(toml: &str) -> Result<Self, String> {
        let calibration: Self =
            toml::from_str(toml).map_err(|error| error.to_string().trim_end().to_owned())?;
        if !calibration.framing.contains_key(ANY_CONTEST) {
            return Err(format!("framing.{ANY_CONTEST} is missing"));
        }
        let voice = calibration.voice;
        for (name, above) in
            [("sourced_above", voice.sourced_above), ("side_above", voice.side_above)]
        {
            if !(0.0..=1.0).contains(&above) {
                return Err(format!("voice.{name} is a probability, got {above}"));
            }
        }
        for (contest, framing) in &calibration.framing {
            if !is_positive(framing.cut) {
                return Err(format!("framing.{contest}.cut is above 0, got {}", framing.cut));
            }
        }
        for (contest, relevance) in &calibration.relevance {
            if !is_positive(relevance.temperature) {
                let temperature = relevance.temperature;
                return Err(format!(
                    "relevance.{contest}.temperature is above 0, got {temperature}"
                ));
            }
        }
        Ok(calibration)
    }

    /// The calibration of a contest that the model was trained for.
    pub fn trained(&self, contest: &str) -> Option<&FramingCalibration> {
        self.framing.get(contest).filter(|_| contest != ANY_CONTEST)
    }

    /// The calibration for all other contests.
    pub fn any(&self) -> Option<&FramingCalibration> {
        self.framing.get(ANY_CONTEST)
    }
}

/// False for NaN as well.
fn is_positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "version = \"1\"\n[relevance]\n[furniture]\ndrop_above = 0.9\n[voice]\nside_above = 0.7\nsourced_above = 0.6\n[framing.any]\ncut = 0.5\nabstain_below = 0.5\n\
        ece = 0.1\nrisk = 0.1\nanswered = 0.5\nweights = { author_mean = 1, lead_mean = 3, article = 4 }\n";

    #[test]
    fn a_calibration_is_read() {
        let calibration = Calibration::parse(VALID).expect("valid");
        assert_eq!(calibration.any().map(|any| any.weights.lead_mean), Some(3.0));
        assert_eq!(calibration.trained("any"), None);
    }

    #[test]
    fn a_cut_of_zero_is_refused() {
        let error = Calibration::parse(&VALID.replace("cut = 0.5", "cut = nan")).expect_err("NaN");
        assert!(error.contains("framing.any.cut"), "{error}");
    }
}
