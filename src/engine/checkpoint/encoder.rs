//! The encoder of BART, Pegasus, BERT, RoBERTa and DistilBERT: the same layers under different names.

use tch::{Kind, TchError, Tensor};

use super::layers::{Activation, FeedForward, Norm, NormPlace};
use super::linear::Linear;
use super::weights::Weights;

/// What a family calls the parts of a layer.
pub(super) struct LayerNames {
    /// Query, key and value.
    pub(super) attention: [&'static str; 3],
    pub(super) attention_output: &'static str,
    pub(super) attention_norm: &'static str,
    pub(super) inner: &'static str,
    pub(super) outer: &'static str,
    pub(super) output_norm: &'static str,
}

/// BART and Pegasus.
pub(super) const BART_NAMES: LayerNames = LayerNames {
    attention: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    attention_output: "self_attn.out_proj",
    attention_norm: "self_attn_layer_norm",
    inner: "fc1",
    outer: "fc2",
    output_norm: "final_layer_norm",
};

/// BERT and RoBERTa.
pub(super) const BERT_NAMES: LayerNames = LayerNames {
    attention: ["attention.self.query", "attention.self.key", "attention.self.value"],
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    inner: "intermediate.dense",
    outer: "output.dense",
    output_norm: "output.LayerNorm",
};

/// DistilBERT.
pub(super) const DISTILBERT_NAMES: LayerNames = LayerNames {
    attention: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
    attention_output: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    inner: "ffn.lin1",
    outer: "ffn.lin2",
    output_norm: "output_layer_norm",
};

/// Sizes of the layers.
pub(super) struct LayerSizes {
    pub(super) size: i64,
    pub(super) inner: i64,
    pub(super) heads: i64,
    pub(super) activation: Activation,
    pub(super) place: NormPlace,
    pub(super) epsilon: f64,
}

/// Layers of self-attention over hidden states.
pub(super) struct EncoderLayers {
    layers: Vec<Layer>,
    heads: i64,
    place: NormPlace,
}

struct Layer {
    /// Queries, keys and values in one product.
    attention: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    feed: FeedForward,
    output_norm: Norm,
}

impl EncoderLayers {
    /// `count` layers called `prefix` with their number.
    pub(super) fn load(
        weights: &Weights,
        names: &LayerNames,
        sizes: &LayerSizes,
        prefix: &str,
        count: i64,
    ) -> Result<Self, TchError> {
        let LayerSizes { size, inner, epsilon, .. } = *sizes;
        let layer = |index: i64| {
            let name = |part: &str| format!("{prefix}.{index}.{part}");
            let linear = |part: &str, from, to| Linear::load(weights, &name(part), from, to);
            let norm = |part: &str| Norm::layer(weights, &name(part), size, epsilon);
            Ok(Layer {
                attention: Linear::joined(weights, &names.attention.map(name), size, size, true)?,
                attention_output: linear(names.attention_output, size, size)?,
                attention_norm: norm(names.attention_norm),
                feed: FeedForward::new(
                    linear(names.inner, size, inner)?,
                    None,
                    linear(names.outer, inner, size)?,
                    sizes.activation,
                ),
                output_norm: norm(names.output_norm),
            })
        };
        let layers = (0..count).map(layer).collect::<Result<_, TchError>>()?;
        Ok(Self { layers, heads: sizes.heads, place: sizes.place })
    }

    /// Hidden states after all layers; rows × length × size. `mask`: see [`added_mask`].
    pub(super) fn forward(&self, hidden: Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
        self.layers.iter().try_fold(hidden, |hidden, layer| {
            let attend = |input: &Tensor| {
                layer
                    .attention_output
                    .forward(&self.attend(&layer.attention.forward(input)?, mask)?)
            };
            let hidden = self.place.around(&hidden, &layer.attention_norm, attend)?;
            self.place.around(&hidden, &layer.output_norm, |input| layer.feed.forward(input))
        })
    }

    /// Attention of each token to all tokens of its row, from queries, keys and values beside each other.
    fn attend(&self, projected: &Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
        let (rows, length, triple) = projected.size3()?;
        let size = triple / 3;
        let parts = projected
            .f_view([rows, length, 3, self.heads, size / self.heads])?
            .f_permute([2, 0, 3, 1, 4])?;
        let part = |index| parts.f_select(0, index);
        let (query, key, value) = (part(0)?, part(1)?, part(2)?);
        Tensor::f_scaled_dot_product_attention(&query, &key, &value, Some(mask), 0.0, false, None)?
            .f_transpose(1, 2)?
            .f_reshape([rows, length, size])
    }
}

/// What is added to the attention to each token: 0 at tokens, -∞ at padding; rows × 1 × 1 × length. `mask` is 1 at
/// tokens and 0 at padding, rows × length.
pub(super) fn added_mask(mask: &Tensor, kind: Kind) -> Result<Tensor, TchError> {
    let (rows, length) = mask.size2()?;
    let added = Tensor::f_zeros([rows, length], (kind, mask.device()))?;
    added.f_masked_fill(&mask.f_eq(0)?, f64::NEG_INFINITY)?.f_view([rows, 1, 1, length])
}
