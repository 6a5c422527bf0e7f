//! The networks that generate: an encoder and a decoder, from the tensors of a checkpoint.

use rust_bert::longt5::LongT5ForConditionalGeneration;
use rust_bert::t5::T5ForSentenceEmbeddings;
use tch::{Kind, Tensor};

use super::decoder::Decoder;
use super::encoder::{EncoderLayers, added_mask};
use super::layers::Norm;
use super::settings::Settings;
use super::weights::Weights;
use super::{bart, t5};
use crate::engine::backend::LoadError;
use crate::model::Architecture;

/// An encoder and a decoder.
pub(super) struct Network {
    encoder: Encoder,
    pub(super) decoder: Decoder,
    /// Rows of the embeddings.
    pub(super) words: i64,
    /// Most tokens of a source, and most that can be generated.
    pub(super) most_source: usize,
    pub(super) most_target: usize,
    kind: Kind,
}

/// What reads the source.
pub(super) enum Encoder {
    /// BART and Pegasus.
    Layers {
        words: Tensor,
        scale: f64,
        /// Of each position.
        positions: Tensor,
        first_norm: Option<Norm>,
        layers: EncoderLayers,
        last_norm: Option<Norm>,
    },
    /// rust-bert's.
    T5(T5ForSentenceEmbeddings),
    /// rust-bert's.
    LongT5(LongT5ForConditionalGeneration),
}

/// An encoder, a decoder and their limits.
pub(super) struct Parts {
    pub(super) encoder: Encoder,
    pub(super) decoder: Decoder,
    pub(super) most_source: i64,
    pub(super) most_target: i64,
}

impl Network {
    pub(super) fn load(
        architecture: Architecture,
        config: &Settings,
        weights: &Weights,
    ) -> Result<Self, LoadError> {
        let parts = match architecture {
            Architecture::Bart | Architecture::Pegasus => {
                bart::load(architecture, config, weights)?
            }
            Architecture::T5 | Architecture::LongT5 => t5::load(architecture, config, weights)?,
            other => {
                return Err(LoadError::Model(format!("{other:?} cannot generate summaries")));
            }
        };
        weights.check()?;
        Ok(Self {
            encoder: parts.encoder,
            decoder: parts.decoder,
            words: config.size("vocab_size")?,
            most_source: usize::try_from(parts.most_source).unwrap_or_default(),
            most_target: usize::try_from(parts.most_target).unwrap_or_default(),
            kind: weights.kind(),
        })
    }

    /// States of the source tokens, rows × length × size, and the mask for attention to them, rows × 1 × 1 × length.
    /// `ids` and `mask` are rows × length; `mask` is 1 at tokens and 0 at padding.
    pub(super) fn encode(&self, ids: &Tensor, mask: &Tensor) -> Result<(Tensor, Tensor), String> {
        let told = |error: tch::TchError| error.to_string();
        let added = added_mask(mask, self.kind).map_err(told)?;
        let states = match &self.encoder {
            Encoder::Layers { words, scale, positions, first_norm, layers, last_norm } => {
                let embed = || {
                    let length = ids.size2()?.1;
                    let hidden = Tensor::f_embedding(words, ids, -1, false, false)?;
                    let hidden =
                        hidden.f_mul_scalar(*scale)?.f_add(&positions.f_narrow(0, 0, length)?)?;
                    let normed = |norm: &Option<Norm>, hidden: Tensor| match norm {
                        Some(norm) => norm.forward(&hidden),
                        None => Ok(hidden),
                    };
                    let hidden = layers.forward(normed(first_norm, hidden)?, &added)?;
                    normed(last_norm, hidden)
                };
                embed().map_err(told)?
            }
            Encoder::T5(model) => model.forward(ids, mask).map_err(|error| error.to_string())?.0,
            Encoder::LongT5(model) => model.encode(ids, Some(mask)),
        };
        Ok((states, added))
    }
}
