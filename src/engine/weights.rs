//! The weights of a BERT checkpoint, by their names.

use std::collections::BTreeMap;

use rust_bert::Activation;
use rust_bert::bert::BertConfig;

use super::backend::LoadError;
use crate::model::WeightTensor;

/// Added to the variance in a layer norm: the value of BERT and MiniLM. rust-bert's config has no field for
/// another.
pub(super) const NORM_EPSILON: f64 = 1e-12;

/// Weights under the names of a Hugging Face checkpoint. Those that nobody asks for (a pooler) are left out.
pub(super) struct Weights<'w> {
    tensors: &'w BTreeMap<String, WeightTensor>,
    /// Size of a hidden state.
    pub(super) size: usize,
}

impl<'w> Weights<'w> {
    /// Checks that the config describes a model that the forward passes compute.
    pub(super) fn new(
        config: &BertConfig,
        tensors: &'w BTreeMap<String, WeightTensor>,
    ) -> Result<Self, LoadError> {
        if !matches!(config.hidden_act, Activation::gelu) {
            return Err(LoadError::Model("config: hidden_act is not gelu".into()));
        }
        let sizes = [
            ("hidden_size", config.hidden_size),
            ("intermediate_size", config.intermediate_size),
            ("num_attention_heads", config.num_attention_heads),
            ("type_vocab_size", config.type_vocab_size),
        ];
        if let Some((name, size)) = sizes.iter().find(|(_, size)| *size < 1) {
            return Err(LoadError::Model(format!("config: {name} is {size}, expected 1 or more")));
        }
        if config.hidden_size % config.num_attention_heads != 0 {
            let (size, heads) = (config.hidden_size, config.num_attention_heads);
            return Err(LoadError::Model(format!("config: {heads} heads share {size} numbers")));
        }
        Ok(Self { tensors, size: usize::try_from(config.hidden_size).unwrap_or_default() })
    }

    /// Values of a tensor that has this shape, row by row.
    pub(super) fn tensor(&self, name: &str, shape: &[i64]) -> Result<&'w [f32], LoadError> {
        let weight = self.tensors.get(name);
        let weight = weight.ok_or_else(|| LoadError::Model(format!("the weights lack {name}")))?;
        let found: Vec<i64> = weight.shape.iter().map(|&size| size as i64).collect();
        if found != shape {
            let problem = format!("{name} has the shape {found:?}, expected {shape:?}");
            return Err(LoadError::Model(problem));
        }
        Ok(&weight.values)
    }

    /// A table of embeddings.
    pub(super) fn embeddings(&self, name: &str, rows: i64) -> Result<&'w [f32], LoadError> {
        self.tensor(&format!("embeddings.{name}_embeddings.weight"), &[rows, self.size as i64])
    }

    /// Weights (outputs × inputs) and bias of linear layers that read the same input, as one.
    pub(super) fn linear(
        &self,
        names: &[String],
        from: i64,
        to: i64,
    ) -> Result<(Vec<f32>, Vec<f32>), LoadError> {
        let joined = |suffix: &str, shape: &[i64]| {
            let parts = names.iter().map(|name| self.tensor(&format!("{name}.{suffix}"), shape));
            Ok::<_, LoadError>(parts.collect::<Result<Vec<_>, _>>()?.concat())
        };
        Ok((joined("weight", &[to, from])?, joined("bias", &[to])?))
    }

    /// Weight and bias of a layer norm.
    pub(super) fn norm(&self, name: &str) -> Result<(&'w [f32], &'w [f32]), LoadError> {
        let shape = [self.size as i64];
        let weight = self.tensor(&format!("{name}.weight"), &shape)?;
        Ok((weight, self.tensor(&format!("{name}.bias"), &shape)?))
    }
}
