//! BART, DistilBART and Pegasus: their parts under the names of a checkpoint.

use tch::{Kind, TchError, Tensor};

use super::decoder::{Decoder, DecoderLayer, Positions};
use super::encoder::{BART_NAMES, EncoderLayers, LayerSizes};
use super::layers::{Activation, FeedForward, Norm, NormPlace};
use super::linear::Linear;
use super::network::{Encoder, Parts};
use super::settings::Settings;
use super::weights::Weights;
use crate::engine::backend::LoadError;
use crate::model::Architecture;

/// Added to the variance in a layer norm; transformers has no setting for it here.
const EPSILON: f64 = 1e-5;
/// Rows before that of the first position in BART's embeddings.
const BART_FIRST_POSITION: i64 = 2;

/// Names of the embeddings, which all share; a file may have any of them.
pub(super) const WORDS: [&str; 4] = [
    "model.shared.weight",
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    "lm_head.weight",
];

struct Family<'f> {
    config: &'f Settings,
    weights: &'f Weights,
    pegasus: bool,
    size: i64,
    place: NormPlace,
    activation: Activation,
}

pub(super) fn load(
    architecture: Architecture,
    config: &Settings,
    weights: &Weights,
) -> Result<Parts, LoadError> {
    let pegasus = architecture == Architecture::Pegasus;
    config.expect_kind(if pegasus { &["pegasus"] } else { &["bart"] })?;
    let size = config.size("d_model")?;
    let place = if pegasus { NormPlace::Before } else { NormPlace::After };
    let activation = Activation::read(config, "activation_function", "gelu")?;
    Family { config, weights, pegasus, size, place, activation }.load()
}

impl Family<'_> {
    fn load(&self) -> Result<Parts, LoadError> {
        let vocabulary = self.config.size("vocab_size")?;
        let most = self.config.size("max_position_embeddings")?;
        let words = self.weights.any(&WORDS, &[vocabulary, self.size]);
        let scaled = self.config.or("scale_embedding", false)?;
        let scale = if scaled { (self.size as f64).sqrt() } else { 1.0 };
        let encoder_sizes = LayerSizes {
            size: self.size,
            inner: self.config.size("encoder_ffn_dim")?,
            heads: self.config.heads("encoder_attention_heads", self.size)?,
            activation: self.activation,
            place: self.place,
            epsilon: EPSILON,
        };
        let count = self.config.size("encoder_layers")?;
        let layers = EncoderLayers::load(
            self.weights,
            &BART_NAMES,
            &encoder_sizes,
            "model.encoder.layers",
            count,
        )?;
        let (first_norm, last_norm) = self.norms("encoder");
        let encoder = Encoder::Layers {
            words: words.shallow_clone(),
            scale,
            positions: self.positions("encoder", most)?,
            first_norm,
            layers,
            last_norm,
        };
        let decoder = self.decoder(words, vocabulary, scale, most)?;
        Ok(Parts { encoder, decoder, most_source: most, most_target: most })
    }

    fn decoder(
        &self,
        words: Tensor,
        vocabulary: i64,
        scale: f64,
        most: i64,
    ) -> Result<Decoder, LoadError> {
        let heads = self.config.heads("decoder_attention_heads", self.size)?;
        let inner = self.config.size("decoder_ffn_dim")?;
        let count = self.config.size("decoder_layers")?;
        let (first_norm, last_norm) = self.norms("decoder");
        let bias = self.weights.maybe("final_logits_bias", &[1, vocabulary]);
        Ok(Decoder {
            scale,
            positions: Positions::Added(self.positions("decoder", most)?),
            first_norm,
            layers: (0..count)
                .map(|index| Ok(self.decoder_layer(index, inner)?.for_few_rows()))
                .collect::<Result<_, TchError>>()?,
            place: self.place,
            heads,
            attention_scale: ((self.size / heads) as f64).powf(-0.5),
            last_norm,
            output_scale: 1.0,
            head: Linear::new(
                self.weights.numbers(),
                words.shallow_clone(),
                bias.map(|bias| bias.view([-1])),
            )?
            .for_few_rows(),
            words,
        })
    }

    fn decoder_layer(&self, index: i64, inner: i64) -> Result<DecoderLayer, TchError> {
        let name = |part: &str| format!("model.decoder.layers.{index}.{part}");
        let (weights, size) = (self.weights, self.size);
        let linear = |part: &str| Linear::load(weights, &name(part), size, size);
        let joined = |parts: &[&str]| {
            let names: Vec<String> = parts.iter().map(|part| name(part)).collect();
            Linear::joined(weights, &names, size, size, true)
        };
        let norm = |part: &str| Norm::layer(weights, &name(part), size, EPSILON);
        Ok(DecoderLayer {
            attention: joined(&BART_NAMES.attention)?,
            attention_output: linear(BART_NAMES.attention_output)?,
            attention_norm: norm(BART_NAMES.attention_norm),
            source_query: linear("encoder_attn.q_proj")?,
            source_key_value: joined(&["encoder_attn.k_proj", "encoder_attn.v_proj"])?,
            source_output: linear("encoder_attn.out_proj")?,
            source_norm: norm("encoder_attn_layer_norm"),
            feed: FeedForward::new(
                Linear::load(weights, &name(BART_NAMES.inner), size, inner)?,
                None,
                Linear::load(weights, &name(BART_NAMES.outer), inner, size)?,
                self.activation,
            ),
            feed_norm: norm(BART_NAMES.output_norm),
        })
    }

    /// The norms before the first and after the last layer.
    fn norms(&self, side: &str) -> (Option<Norm>, Option<Norm>) {
        let norm = |name: &str| {
            Some(Norm::layer(self.weights, &format!("model.{side}.{name}"), self.size, EPSILON))
        };
        if self.pegasus { (None, norm("layer_norm")) } else { (norm("layernorm_embedding"), None) }
    }

    /// Embeddings of the positions, from the first that is used. Pegasus computes what the file may leave out.
    fn positions(&self, side: &str, most: i64) -> Result<Tensor, LoadError> {
        let name = format!("model.{side}.embed_positions.weight");
        if self.pegasus {
            let found = self.weights.maybe(&name, &[most, self.size]);
            return match found {
                Some(positions) => Ok(positions),
                None => Ok(sinusoids(most, self.size, self.weights.kind())?),
            };
        }
        let all = self.weights.tensor(&name, &[most + BART_FIRST_POSITION, self.size]);
        Ok(all.f_narrow(0, BART_FIRST_POSITION, most)?)
    }
}

/// Sines in the first half of each row, cosines in the second, as Pegasus arranges them.
fn sinusoids(positions: i64, size: i64, kind: Kind) -> Result<Tensor, tch::TchError> {
    let half = (size + 1) / 2;
    let angle = |position: i64, index: i64| {
        position as f64 / 10_000_f64.powf((2 * index) as f64 / size as f64)
    };
    let row = |position: i64| {
        let sines = (0..half).map(move |index| angle(position, index).sin());
        sines.chain((0..size - half).map(move |index| angle(position, index).cos()))
    };
    let values: Vec<f64> = (0..positions).flat_map(row).collect();
    Tensor::f_from_slice(&values)?.f_view([positions, size])?.f_to_kind(kind)
}
