//! Values and the ranges they have to be in.

use std::fmt::Display;

use crate::violation::Violation;

/// The violation of a value below `least` or above `most`.
pub(super) fn out_of_range<T: PartialOrd + Display>(
    key: &'static str,
    value: T,
    least: T,
    most: T,
) -> Option<Violation> {
    let problem = || format!("is between {least} and {most}, got {value}");
    (value < least || value > most).then(|| Violation::new(key, problem()))
}
