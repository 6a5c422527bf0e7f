//! How the probabilities of an entailment model are to be read for a contest.

use std::ops::RangeInclusive;

use serde::Deserialize;

use crate::violation::Violation;

/// Bounds of a temperature.
const TEMPERATURE: RangeInclusive<f64> = 0.05..=20.0;
/// Bounds of the probability that decides.
const DECIDE_ABOVE: RangeInclusive<f64> = 0.5..=1.0;
/// Most calibrations of a contest.
const MOST: usize = 16;

/// The calibration of one entailment model, fitted on texts about the contest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntailmentCalibration {
    /// Id of the model.
    pub model: String,
    /// What its logits are divided by, 0.05 to 20.
    pub temperature: f64,
    /// Probability from which on a statement counts as entailed or contradicted, 0.5 to 1.
    pub decide_above: f64,
}

/// What is wrong with the calibrations of a contest at `field`.
pub(super) fn violations(calibrations: &[EntailmentCalibration], field: &str) -> Vec<Violation> {
    let count = calibrations.len();
    if count > MOST {
        return vec![Violation::new(field, format!("has at most {MOST} entries, got {count}"))];
    }
    let outside = |value: f64, range: &RangeInclusive<f64>| {
        let (least, most) = (range.start(), range.end());
        (!range.contains(&value)).then(|| format!("is between {least} and {most}, got {value}"))
    };
    let of_one = |(index, calibration): (usize, &EntailmentCalibration)| {
        let EntailmentCalibration { model, temperature, decide_above } = calibration;
        let empty = model.is_empty().then(|| "is required".to_owned());
        let problems = [
            ("model", empty),
            ("temperature", outside(*temperature, &TEMPERATURE)),
            ("decide_above", outside(*decide_above, &DECIDE_ABOVE)),
        ];
        problems.into_iter().filter_map(move |(key, problem)| {
            Some(Violation::new(format!("{field}[{index}].{key}"), problem?))
        })
    };
    calibrations.iter().enumerate().flat_map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_out_of_range_is_named() {
        let good = EntailmentCalibration { model: "m".into(), temperature: 1.0, decide_above: 0.8 };
        assert_eq!(violations(&[good], "contest.entailment"), []);
        let bad = EntailmentCalibration {
            model: String::new(),
            temperature: f64::NAN,
            decide_above: 0.2,
        };
        let found = violations(&[bad], "contest.entailment");
        let fields: Vec<&str> = found.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "contest.entailment[0].model",
                "contest.entailment[0].temperature",
                "contest.entailment[0].decide_above"
            ]
        );
    }
}
