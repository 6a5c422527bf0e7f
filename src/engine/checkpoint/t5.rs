//! T5, Flan-T5 and LongT5: rust-bert's encoders, and the parts of the decoder under the names of a checkpoint.

use rust_bert::longt5::{LongT5Config, LongT5ForConditionalGeneration};
use rust_bert::t5::{T5Config, T5ForSentenceEmbeddings};
use serde_json::json;
use tch::nn::VarStore;
use tch::{Device, TchError, Tensor};

use super::decoder::{Decoder, DecoderLayer, Positions};
use super::layers::{Activation, FeedForward, Norm, NormPlace};
use super::linear::Linear;
use super::network::{Encoder, Parts};
use super::relative::RelativeBias;
use super::settings::Settings;
use super::weights::Weights;
use crate::engine::backend::LoadError;
use crate::model::Architecture;

/// Relative positions know no end. T5 was trained on sources of 512 tokens; LongT5 is used on up to 16,384, and its
/// attention grows with the length only. Summaries have at most 512 tokens.
const MOST_T5: i64 = 512;
const MOST_LONG_T5: i64 = 16_384;
const MOST_TARGET: i64 = 512;

/// Names of the embeddings, which encoder and decoder share; a file may have any of them.
const WORDS: [&str; 3] =
    ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"];

struct Family<'f> {
    config: &'f Settings,
    weights: &'f Weights,
    long: bool,
    size: i64,
    heads: i64,
    /// Size of all heads.
    joined: i64,
    inner: i64,
    epsilon: f64,
    activation: Activation,
    gated: bool,
}

pub(super) fn load(
    architecture: Architecture,
    config: &Settings,
    weights: &Weights,
) -> Result<Parts, LoadError> {
    let long = architecture == Architecture::LongT5;
    config.expect_kind(if long { &["longt5"] } else { &["t5"] })?;
    let feed: String = config.or("feed_forward_proj", "relu".to_owned())?;
    // The encoders of rust-bert know these two.
    let (activation, gated) = match feed.as_str() {
        "relu" => (Activation::Relu, false),
        "gated-gelu" => (Activation::GeluTanh, true),
        other => {
            let problem =
                format!("feed_forward_proj is \"{other}\", expected \"relu\" or \"gated-gelu\"");
            return Err(LoadError::Model(format!("config.json: {problem}")));
        }
    };
    let heads = config.size("num_heads")?;
    let family = Family {
        config,
        weights,
        long,
        size: config.size("d_model")?,
        heads,
        joined: heads * config.size("d_kv")?,
        inner: config.size("d_ff")?,
        epsilon: config.or("layer_norm_epsilon", 1e-6)?,
        activation,
        gated,
    };
    let most =
        config.size_or("n_positions", MOST_T5)?.max(if long { MOST_LONG_T5 } else { MOST_T5 });
    let (encoder, decoder) = (family.encoder()?, family.decoder()?);
    Ok(Parts { encoder, decoder, most_source: most, most_target: MOST_TARGET })
}

impl Family<'_> {
    /// rust-bert's encoder. Its random first weights are replaced.
    fn encoder(&self) -> Result<Encoder, LoadError> {
        let store = VarStore::new(Device::Cpu);
        let words = |name: &str| -> &[&str] { if name == "shared.weight" { &WORDS } else { &[] } };
        let failed = |error: serde_json::Error| LoadError::Model(format!("config.json: {error}"));
        if !self.long {
            let config: T5Config =
                serde_json::from_value(self.rust_bert_config()?).map_err(failed)?;
            let model = T5ForSentenceEmbeddings::new(store.root(), &config);
            self.weights.fill(&store, words);
            return Ok(Encoder::T5(model));
        }
        let config: LongT5Config =
            serde_json::from_value(self.rust_bert_config()?).map_err(failed)?;
        let model = LongT5ForConditionalGeneration::new(store.root(), &config);
        // Its decoder is not used and must not take memory.
        for (name, mut variable) in store.variables() {
            if name.starts_with("decoder.") || name.starts_with("lm_head.") {
                variable.set_data(&Tensor::empty([0], (variable.kind(), Device::Cpu)));
            }
        }
        self.weights.fill(&store, words);
        Ok(Encoder::LongT5(model))
    }

    /// The keys that rust-bert wants, of the encoder.
    fn rust_bert_config(&self) -> Result<serde_json::Value, LoadError> {
        let config = self.config;
        let attention: String = config.or("encoder_attention_type", "local".to_owned())?;
        Ok(json!({
            "dropout_rate": 0.0,
            "d_model": self.size,
            "d_ff": self.inner,
            "d_kv": self.joined / self.heads,
            "initializer_factor": 1.0,
            "layer_norm_epsilon": self.epsilon,
            "num_heads": self.heads,
            "num_layers": config.size("num_layers")?,
            "relative_attention_num_buckets": self.buckets()?,
            "relative_attention_max_distance": self.farthest()?,
            "vocab_size": config.size("vocab_size")?,
            "feed_forward_proj": if self.gated { "gated-gelu" } else { "relu" },
            "local_radius": config.size_or("local_radius", 127)?,
            "global_block_size": config.size_or("global_block_size", 16)?,
            "encoder_attention_type": attention,
        }))
    }

    fn buckets(&self) -> Result<i64, LoadError> {
        self.config.size_or("relative_attention_num_buckets", 32)
    }

    fn farthest(&self) -> Result<i64, LoadError> {
        self.config.size_or("relative_attention_max_distance", 128)
    }

    fn decoder(&self) -> Result<Decoder, LoadError> {
        let (weights, size) = (self.weights, self.size);
        let vocabulary = self.config.size("vocab_size")?;
        let count = self.config.size_or("num_decoder_layers", self.config.size("num_layers")?)?;
        let words = weights.any(&WORDS, &[vocabulary, size]);
        let tied = self.config.or("tie_word_embeddings", true)?;
        let head = if tied {
            words.shallow_clone()
        } else {
            weights.tensor("lm_head.weight", &[vocabulary, size])
        };
        let table = "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        let (buckets, farthest) = (self.buckets()?, self.farthest()?);
        let table = weights.tensor(table, &[buckets, self.heads]);
        Ok(Decoder {
            words,
            scale: 1.0,
            positions: Positions::Relative(RelativeBias::new(table, buckets, farthest)),
            first_norm: None,
            layers: (0..count)
                .map(|index| Ok(self.decoder_layer(index)?.for_few_rows()))
                .collect::<Result<_, TchError>>()?,
            place: NormPlace::Before,
            heads: self.heads,
            attention_scale: 1.0,
            last_norm: Some(Norm::root(weights, "decoder.final_layer_norm", size, self.epsilon)),
            output_scale: if tied { (size as f64).powf(-0.5) } else { 1.0 },
            head: Linear::new(weights.numbers(), head, None)?.for_few_rows(),
        })
    }

    fn decoder_layer(&self, index: i64) -> Result<DecoderLayer, TchError> {
        let name = |part: &str| format!("decoder.block.{index}.layer.{part}");
        let (weights, size, joined) = (self.weights, self.size, self.joined);
        let linear = |parts: &[&str], from, to| {
            let names: Vec<String> = parts.iter().map(|part| name(part)).collect();
            Linear::joined(weights, &names, from, to, false)
        };
        let norm = |part: &str| Norm::root(weights, &name(part), size, self.epsilon);
        let feed = |part: &str, from, to| linear(&[&format!("2.DenseReluDense.{part}")], from, to);
        let (inner, gate) = if self.gated {
            // The first is activated, the second is the gate.
            (feed("wi_0", size, self.inner)?, Some(feed("wi_1", size, self.inner)?))
        } else {
            (feed("wi", size, self.inner)?, None)
        };
        Ok(DecoderLayer {
            attention: linear(
                &["0.SelfAttention.q", "0.SelfAttention.k", "0.SelfAttention.v"],
                size,
                joined,
            )?,
            attention_output: linear(&["0.SelfAttention.o"], joined, size)?,
            attention_norm: norm("0.layer_norm"),
            source_query: linear(&["1.EncDecAttention.q"], size, joined)?,
            source_key_value: linear(
                &["1.EncDecAttention.k", "1.EncDecAttention.v"],
                size,
                joined,
            )?,
            source_output: linear(&["1.EncDecAttention.o"], joined, size)?,
            source_norm: norm("1.layer_norm"),
            feed: FeedForward::new(inner, gate, feed("wo", self.inner, size)?, self.activation),
            feed_norm: norm("2.layer_norm"),
        })
    }
}
