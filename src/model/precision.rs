//! How exactly the products of a model are computed.

use serde::{Deserialize, Serialize};

/// Number format of a model's matrix products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Floats of 32 bits: the reference.
    F32,
    /// Integers of 8 bits: four times as fast with AVX-512 VNNI. Scores move by about a hundredth.
    Int8,
}

impl Precision {
    /// The name that configuration and replies use.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}
