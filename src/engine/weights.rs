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
    config: &'w BertConfig,
    tensors: &'w BTreeMap<String, WeightTensor>,
}

/// One layer, of linear layers and layer norms as a forward pass holds them.
pub(super) struct Layer<L, N> {
    /// Attention heads.
    pub(super) heads: i64,
    /// Queries, keys and values in one product.
    pub(super) attention: L,
    pub(super) attention_output: L,
    pub(super) attention_norm: N,
    pub(super) intermediate: L,
    pub(super) output: L,
    pub(super) output_norm: N,
}

impl<'w> Weights<'w> {
    /// Checks that the config describes a model that the forward passes compute.
    pub(super) fn new(
        config: &'w BertConfig,
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
        Ok(Self { config, tensors })
    }

    /// Values of a tensor that has this shape, row by row.
    fn tensor(&self, name: &str, shape: &[i64]) -> Result<&'w [f32], LoadError> {
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
    fn embeddings(&self, name: &str, rows: i64) -> Result<&'w [f32], LoadError> {
        let shape = [rows, self.config.hidden_size];
        self.tensor(&format!("embeddings.{name}_embeddings.weight"), &shape)
    }

    /// Embeddings of the words, words × size.
    pub(super) fn words(&self) -> Result<&'w [f32], LoadError> {
        self.embeddings("word", self.config.vocab_size)
    }

    /// Embeddings of the positions, positions × size, with that of the segment, which is always the first,
    /// added.
    pub(super) fn positions(&self) -> Result<Vec<f32>, LoadError> {
        let segments = self.embeddings("token_type", self.config.type_vocab_size)?;
        let positions = self.embeddings("position", self.config.max_position_embeddings)?;
        let first = segments.iter().take(self.size()).cycle();
        Ok(positions.iter().zip(first).map(|(position, segment)| position + segment).collect())
    }

    /// Size of a hidden state.
    pub(super) fn size(&self) -> usize {
        usize::try_from(self.config.hidden_size).unwrap_or_default()
    }

    /// All layers. `linear` makes a linear layer of weights (outputs × inputs) and bias, `norm` a layer norm of
    /// weight and bias.
    pub(super) fn layers<L, N>(
        &self,
        linear: impl Fn(&[f32], Vec<f32>) -> Result<L, LoadError>,
        norm: impl Fn(&[f32], &[f32]) -> Result<N, LoadError>,
    ) -> Result<Vec<Layer<L, N>>, LoadError> {
        let (size, inner) = (self.config.hidden_size, self.config.intermediate_size);
        let layer = |index: i64| {
            let prefix = format!("encoder.layer.{index}");
            let linear = |names: &[&str], from: i64, to: i64| {
                let (weights, bias) = self.linear(&prefix, names, from, to)?;
                linear(&weights, bias)
            };
            let norm = |name: &str| {
                let (weight, bias) = self.norm(&format!("{prefix}.{name}"))?;
                norm(weight, bias)
            };
            let queries_keys_values =
                ["attention.self.query", "attention.self.key", "attention.self.value"];
            Ok(Layer {
                heads: self.config.num_attention_heads,
                attention: linear(&queries_keys_values, size, size)?,
                attention_output: linear(&["attention.output.dense"], size, size)?,
                attention_norm: norm("attention.output.LayerNorm")?,
                intermediate: linear(&["intermediate.dense"], size, inner)?,
                output: linear(&["output.dense"], inner, size)?,
                output_norm: norm("output.LayerNorm")?,
            })
        };
        (0..self.config.num_hidden_layers).map(layer).collect()
    }

    /// Weights and bias of linear layers that read the same input, as one.
    fn linear(
        &self,
        prefix: &str,
        names: &[&str],
        from: i64,
        to: i64,
    ) -> Result<(Vec<f32>, Vec<f32>), LoadError> {
        let joined = |suffix: &str, shape: &[i64]| {
            let parts =
                names.iter().map(|name| self.tensor(&format!("{prefix}.{name}.{suffix}"), shape));
            Ok::<_, LoadError>(parts.collect::<Result<Vec<_>, _>>()?.concat())
        };
        Ok((joined("weight", &[to, from])?, joined("bias", &[to])?))
    }

    /// Weight and bias of a layer norm.
    fn norm(&self, name: &str) -> Result<(&'w [f32], &'w [f32]), LoadError> {
        let shape = [self.config.hidden_size];
        let weight = self.tensor(&format!("{name}.weight"), &shape)?;
        Ok((weight, self.tensor(&format!("{name}.bias"), &shape)?))
    }

    /// The norm of the embeddings.
    pub(super) fn embedding_norm(&self) -> Result<(&'w [f32], &'w [f32]), LoadError> {
        self.norm("embeddings.LayerNorm")
    }
}
