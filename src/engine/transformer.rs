//! BERT's forward pass on libtorch's fused operators.
//!
//! rust-bert spells attention and GELU out in several passes over memory and computes queries, keys and
//! values one after the other; here each is one call. The result is that of rust-bert's `BertModel` (see the
//! test).

use std::collections::BTreeMap;

use rust_bert::bert::BertConfig;
use tch::{TchError, Tensor};

use super::backend::LoadError;
use super::weights::{Layer, NORM_EPSILON, Weights};
use crate::model::WeightTensor;

/// Layers and embeddings.
pub(super) struct Transformer {
    words: Tensor,
    /// Of each position, the segment's added.
    positions: Tensor,
    norm: Norm,
    layers: Vec<Layer<Linear, Norm>>,
}

struct Linear {
    weight: Tensor,
    bias: Tensor,
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Transformer {
    /// Builds what the config describes.
    pub(super) fn new(
        config: &BertConfig,
        tensors: &BTreeMap<String, WeightTensor>,
    ) -> Result<Self, LoadError> {
        let weights = Weights::new(config, tensors)?;
        let table = |values: &[f32]| Tensor::f_from_slice(values)?.f_view([-1, config.hidden_size]);
        let (weight, bias) = weights.embedding_norm()?;
        Ok(Self {
            words: table(weights.words()?)?,
            positions: table(&weights.positions()?)?,
            norm: Norm::new(weight, bias)?,
            layers: weights.layers(Linear::new, Norm::new)?,
        })
    }

    /// Last hidden states, windows × length × size. `ids` is windows × length; `mask` is 0 at tokens and -∞ at
    /// padding, windows × 1 × 1 × length. (tch cannot leave the mask of fused attention out.)
    pub(super) fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
        let length = ids.size().last().copied().unwrap_or_default();
        let embedded = Tensor::f_embedding(&self.words, ids, -1, false, false)?
            .f_add(&self.positions.f_narrow(0, 0, length)?)?;
        let first = self.norm.forward(&embedded)?;
        self.layers.iter().try_fold(first, |hidden, layer| layer.forward(&hidden, mask))
    }
}

impl Layer<Linear, Norm> {
    fn forward(&self, hidden: &Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
        let attended = self.attention_output.forward(&self.attend(hidden, mask)?)?;
        let hidden = self.attention_norm.forward(&hidden.f_add(&attended)?)?;
        let inner = self.intermediate.forward(&hidden)?.f_gelu("none")?;
        self.output_norm.forward(&hidden.f_add(&self.output.forward(&inner)?)?)
    }

    fn attend(&self, hidden: &Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
        let (windows, length, size) = hidden.size3()?;
        // windows × length × (q, k, v) × heads × part -> (q, k, v) × windows × heads × length × part
        let parts = self
            .attention
            .forward(hidden)?
            .f_view([windows, length, 3, self.heads, size / self.heads])?
            .f_permute([2, 0, 3, 1, 4])?;
        let part = |index| parts.f_select(0, index);
        let (query, key, value) = (part(0)?, part(1)?, part(2)?);
        Tensor::f_scaled_dot_product_attention(&query, &key, &value, Some(mask), 0.0, false, None)?
            .f_transpose(1, 2)?
            .f_reshape([windows, length, size])
    }
}

impl Linear {
    fn new(weights: &[f32], bias: Vec<f32>) -> Result<Self, LoadError> {
        let weight = Tensor::f_from_slice(weights)?.f_view([bias.len() as i64, -1])?;
        Ok(Self { weight, bias: Tensor::f_from_slice(&bias)? })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        input.f_linear(&self.weight, Some(&self.bias))
    }
}

impl Norm {
    fn new(weight: &[f32], bias: &[f32]) -> Result<Self, LoadError> {
        Ok(Self { weight: Tensor::f_from_slice(weight)?, bias: Tensor::f_from_slice(bias)? })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let (weight, bias) = (Some(&self.weight), Some(&self.bias));
        input.f_layer_norm(self.weight.size(), weight, bias, NORM_EPSILON, false)
    }
}

#[cfg(test)]
#[path = "transformer_tests.rs"]
mod tests;
