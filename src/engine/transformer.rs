//! BERT's forward pass on libtorch's fused operators.
//!
//! rust-bert spells attention and GELU out in several passes over memory and computes queries, keys and
//! values one after the other; here each is one call. The result is that of rust-bert's `BertModel` (see the
//! test).

use std::collections::BTreeMap;

use rust_bert::bert::BertConfig;
use tch::{TchError, Tensor};

use super::backend::LoadError;
use super::weights::{NORM_EPSILON, Weights};
use crate::model::WeightTensor;

/// Layers and embeddings.
pub(super) struct Transformer {
    words: Tensor,
    /// Position and segment, which is always the first, added up.
    positions: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
}

/// One layer.
struct Layer {
    heads: i64,
    /// Queries, keys and values in one product.
    attention: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
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
        let embeddings = |name: &str, rows: i64| {
            let values = weights.embeddings(name, rows)?;
            Ok::<_, LoadError>(Tensor::f_from_slice(values)?.f_view([rows, config.hidden_size])?)
        };
        let segments = embeddings("token_type", config.type_vocab_size)?;
        let positions = embeddings("position", config.max_position_embeddings)?;
        Ok(Self {
            words: embeddings("word", config.vocab_size)?,
            positions: positions.f_add(&segments.f_select(0, 0)?)?,
            norm: Norm::new(&weights, "embeddings.LayerNorm")?,
            layers: (0..config.num_hidden_layers)
                .map(|index| Layer::new(&weights, &format!("encoder.layer.{index}"), config))
                .collect::<Result<_, _>>()?,
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

impl Layer {
    fn new(weights: &Weights<'_>, prefix: &str, config: &BertConfig) -> Result<Self, LoadError> {
        let (size, inner) = (config.hidden_size, config.intermediate_size);
        let named = |name: &str| [format!("{prefix}.{name}")];
        let attention = ["query", "key", "value"].map(|n| format!("{prefix}.attention.self.{n}"));
        Ok(Self {
            heads: config.num_attention_heads,
            attention: Linear::new(weights, &attention, size, size)?,
            attention_output: Linear::new(weights, &named("attention.output.dense"), size, size)?,
            attention_norm: Norm::new(weights, &format!("{prefix}.attention.output.LayerNorm"))?,
            intermediate: Linear::new(weights, &named("intermediate.dense"), size, inner)?,
            output: Linear::new(weights, &named("output.dense"), inner, size)?,
            output_norm: Norm::new(weights, &format!("{prefix}.output.LayerNorm"))?,
        })
    }

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
    fn new(weights: &Weights<'_>, names: &[String], from: i64, to: i64) -> Result<Self, LoadError> {
        let (weight, bias) = weights.linear(names, from, to)?;
        let weight = Tensor::f_from_slice(&weight)?.f_view([-1, from])?;
        Ok(Self { weight, bias: Tensor::f_from_slice(&bias)? })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        input.f_linear(&self.weight, Some(&self.bias))
    }
}

impl Norm {
    fn new(weights: &Weights<'_>, name: &str) -> Result<Self, LoadError> {
        let (weight, bias) = weights.norm(name)?;
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
