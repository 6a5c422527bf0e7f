//! The header of a safetensors file: which tensors it holds, without reading them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::error::StoreProblem;
use crate::model::NumberFormat;

/// Bytes of the length in front of the header.
const LENGTH: u64 = 8;
/// Longest header that is read: that of the format's own library.
const LONGEST: u64 = 100_000_000;

/// What weights hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct WeightsSummary {
    /// Numbers in all tensors.
    pub(super) parameters: u64,
    /// Those in tables of embeddings.
    pub(super) tables: u64,
    /// Those in layers that are floats whatever the checkpoint computes with: the encoders of T5 and LongT5, whose tensors
    /// alone have the prefix.
    pub(super) float_layers: u64,
    /// Those with 16 bits and the exponent of 32.
    bf16: u64,
}

impl WeightsSummary {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            parameters: self.parameters + other.parameters,
            tables: self.tables + other.tables,
            float_layers: self.float_layers + other.float_layers,
            bf16: self.bf16 + other.bf16,
        }
    }

    /// Format to compute in: that of most numbers; 16 bits with a short exponent are widened.
    pub(super) fn numbers(self) -> NumberFormat {
        if self.bf16 * 2 > self.parameters { NumberFormat::Bf16 } else { NumberFormat::F32 }
    }
}

/// Reads the header of a file and compares the file's size with it.
pub(super) fn summary(path: &Path) -> Result<WeightsSummary, StoreProblem> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut length = [0; LENGTH as usize];
    file.read_exact(&mut length).map_err(|_| invalid("is too short"))?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST.min(size.saturating_sub(LENGTH)) {
        return Err(invalid(&format!("its header would have {length} bytes")));
    }
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header)?;
    let metadata: Metadata =
        serde_json::from_slice(&header).map_err(|error| invalid(&error.to_string()))?;
    let tensors = metadata.tensors();
    let end = tensors.values().map(|tensor| tensor.data_offsets.1).max().unwrap_or_default();
    let expected = LENGTH + length + end as u64;
    if size != expected {
        return Err(invalid(&format!("has {size} bytes, its header says {expected}")));
    }
    let count = |wanted: &dyn Fn(&str, &TensorInfo) -> bool| {
        let tensors = tensors.iter().filter(|(name, tensor)| wanted(name, tensor));
        tensors.map(|(_, tensor)| tensor.shape.iter().product::<usize>() as u64).sum()
    };
    Ok(WeightsSummary {
        parameters: count(&|_, _| true),
        tables: count(&|name, _| is_table(name)),
        float_layers: count(&|name, _| name.starts_with("encoder.") && !is_table(name)),
        bf16: count(&|_, tensor| tensor.dtype == Dtype::BF16),
    })
}

fn is_table(name: &str) -> bool {
    name.contains("embed") || name.contains("shared")
}

fn invalid(problem: &str) -> StoreProblem {
    StoreProblem::Invalid(format!("not a safetensors file: {problem}"))
}
