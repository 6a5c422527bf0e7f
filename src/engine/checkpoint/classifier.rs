//! The networks that tell entailment: an encoder and a head, from the tensors of a checkpoint.

use rust_bert::bart::{BartConfig, BartForSequenceClassification};
use tch::nn::VarStore;
use tch::{Device, Kind, TchError, Tensor};

use super::bart::WORDS;
use super::deberta::Deberta;
use super::deberta_weights;
use super::encoder::{
    BERT_NAMES, DISTILBERT_NAMES, EncoderLayers, LayerNames, LayerSizes, added_mask,
};
use super::layers::{Activation, Norm, NormPlace};
use super::linear::Linear;
use super::settings::Settings;
use super::weights::Weights;
use crate::engine::backend::LoadError;
use crate::model::{Architecture, Task};

/// A classifier of pairs of texts.
pub(super) struct Classifier {
    network: Network,
    /// Most tokens of a pair.
    pub(super) most: i64,
    /// Whether the second text has a segment of its own.
    pub(super) segmented: bool,
}

enum Network {
    /// BERT, RoBERTa, DistilBERT.
    Bert(Bert),
    Deberta(Deberta, Head),
    /// rust-bert's.
    Bart {
        model: Box<BartForSequenceClassification>,
        start: i64,
    },
}

/// Embeddings, layers, head.
struct Bert {
    words: Tensor,
    /// Of each position.
    positions: Tensor,
    segments: Option<Tensor>,
    norm: Norm,
    layers: EncoderLayers,
    head: Head,
    kind: Kind,
}

/// From the first token to the labels.
struct Head {
    dense: Linear,
    activation: Activation,
    output: Linear,
}

/// What a family calls its parts and settings.
struct Family {
    kinds: &'static [&'static str],
    prefix: &'static str,
    layers: &'static str,
    names: &'static LayerNames,
    /// Keys of size, inner size, layers, heads, activation.
    keys: [&'static str; 5],
    dense: &'static str,
    head_activation: Activation,
    output: &'static str,
}

const BERT: Family = Family {
    kinds: &["bert"],
    prefix: "bert",
    layers: "encoder.layer",
    names: &BERT_NAMES,
    keys: [
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "hidden_act",
    ],
    dense: "bert.pooler.dense",
    head_activation: Activation::Tanh,
    output: "classifier",
};

const ROBERTA: Family = Family {
    kinds: &["roberta", "xlm-roberta"],
    prefix: "roberta",
    dense: "classifier.dense",
    output: "classifier.out_proj",
    ..BERT
};

const DISTILBERT: Family = Family {
    kinds: &["distilbert"],
    prefix: "distilbert",
    layers: "transformer.layer",
    names: &DISTILBERT_NAMES,
    keys: ["dim", "hidden_dim", "n_layers", "n_heads", "activation"],
    dense: "pre_classifier",
    head_activation: Activation::Relu,
    output: "classifier",
};

impl Classifier {
    /// A classifier with so many labels.
    pub(super) fn load(
        architecture: Architecture,
        config: &Settings,
        weights: &Weights,
        labels: i64,
    ) -> Result<Self, LoadError> {
        let most = config.size("max_position_embeddings")?;
        let (network, most, segmented) = match architecture {
            Architecture::Bert => (BERT.load(config, weights, labels, 0)?, most, true),
            Architecture::DistilBert => (DISTILBERT.load(config, weights, labels, 0)?, most, false),
            Architecture::Roberta => {
                // Positions are counted from the one after that of padding.
                let first = config.or("pad_token_id", 1_i64)? + 1;
                (ROBERTA.load(config, weights, labels, first)?, most - first, false)
            }
            Architecture::Deberta => (deberta(config, weights, labels, false)?, most, true),
            Architecture::DebertaV2 => (deberta(config, weights, labels, true)?, most, true),
            Architecture::Bart => (bart(config, weights, labels, most)?, most, false),
            other => return Err(LoadError::Model(format!("{other:?} cannot tell entailment"))),
        };
        weights.check()?;
        Ok(Self { network, most, segmented })
    }

    /// Logits of the labels; rows × labels, single precision. `ids`, `mask` and `segments` are rows × length; `mask` is 1
    /// at tokens and 0 at padding.
    pub(super) fn logits(
        &self,
        ids: &Tensor,
        mask: &Tensor,
        segments: &Tensor,
    ) -> Result<Tensor, TchError> {
        let logits = match &self.network {
            Network::Bert(bert) => bert.forward(ids, mask, segments)?,
            Network::Deberta(deberta, head) => {
                head.forward(&deberta.forward(ids, mask, segments)?.f_select(1, 0)?)?
            }
            Network::Bart { model, start } => {
                let (rows, length) = ids.size2()?;
                let first = Tensor::f_full([rows, 1], *start, (Kind::Int64, Device::Cpu))?;
                let read = Tensor::f_cat(&[&first, &ids.f_narrow(1, 0, length - 1)?], 1)?;
                model.forward_t(ids, Some(mask), None, Some(&read), None, false).decoder_output
            }
        };
        logits.f_to_kind(Kind::Float)
    }
}

impl Bert {
    fn forward(&self, ids: &Tensor, mask: &Tensor, segments: &Tensor) -> Result<Tensor, TchError> {
        let words = Tensor::f_embedding(&self.words, ids, -1, false, false)?;
        let mut sum = words.f_add(&self.positions.f_narrow(0, 0, ids.size2()?.1)?)?;
        if let Some(table) = &self.segments {
            sum = sum.f_add(&Tensor::f_embedding(table, segments, -1, false, false)?)?;
        }
        let hidden = self.norm.forward(&sum)?;
        let hidden = self.layers.forward(hidden, &added_mask(mask, self.kind)?)?;
        self.head.forward(&hidden.f_select(1, 0)?)
    }
}

impl Head {
    fn load(
        weights: &Weights,
        names: [&str; 2],
        activation: Activation,
        size: i64,
        labels: i64,
    ) -> Result<Self, TchError> {
        let [dense, output] = names;
        let dense = Linear::load(weights, dense, size, size)?;
        Ok(Self { dense, activation, output: Linear::load(weights, output, size, labels)? })
    }

    fn forward(&self, first: &Tensor) -> Result<Tensor, TchError> {
        self.output.forward(&self.activation.forward(&self.dense.forward(first)?)?)
    }
}

impl Family {
    fn load(
        &self,
        config: &Settings,
        weights: &Weights,
        labels: i64,
        first_position: i64,
    ) -> Result<Network, LoadError> {
        config.expect_kind(self.kinds)?;
        let [size, inner, layers, heads, activation] = self.keys;
        let size = config.size(size)?;
        let sizes = LayerSizes {
            size,
            inner: config.size(inner)?,
            heads: config.heads(heads, size)?,
            activation: Activation::read(config, activation, "gelu")?,
            place: NormPlace::After,
            epsilon: config.or("layer_norm_eps", 1e-12)?,
        };
        let table = |name: &str, rows: i64| {
            let name = format!("{}.embeddings.{name}_embeddings.weight", self.prefix);
            weights.tensor(&name, &[rows, size])
        };
        let most = config.size("max_position_embeddings")?;
        let segments = config.or("type_vocab_size", 0)?;
        let prefix = format!("{}.{}", self.prefix, self.layers);
        let names = [self.dense, self.output];
        Ok(Network::Bert(Bert {
            words: table("word", config.size("vocab_size")?),
            positions: table("position", most).f_narrow(
                0,
                first_position,
                most - first_position,
            )?,
            segments: (segments > 0).then(|| table("token_type", segments)),
            norm: Norm::layer(
                weights,
                &format!("{}.embeddings.LayerNorm", self.prefix),
                size,
                sizes.epsilon,
            ),
            layers: EncoderLayers::load(
                weights,
                self.names,
                &sizes,
                &prefix,
                config.size(layers)?,
            )?,
            head: Head::load(weights, names, self.head_activation, size, labels)?,
            kind: weights.kind(),
        }))
    }
}

fn deberta(
    config: &Settings,
    weights: &Weights,
    labels: i64,
    second: bool,
) -> Result<Network, LoadError> {
    let encoder = deberta_weights::load(config, weights, second)?;
    let size = config.size("hidden_size")?;
    let activation = Activation::read(config, "pooler_hidden_act", "gelu")?;
    let head = Head::load(weights, ["pooler.dense", "classifier"], activation, size, labels)?;
    Ok(Network::Deberta(encoder, head))
}

/// rust-bert's classifier. Its random first weights are replaced.
fn bart(
    config: &Settings,
    weights: &Weights,
    labels: i64,
    most: i64,
) -> Result<Network, LoadError> {
    config.expect_kind(&["bart"])?;
    if !weights.numbers().serves(Task::Entailment, Architecture::Bart) {
        let problem = "BART tells entailment with f32 or bf16, not with int8";
        return Err(LoadError::Model(problem.into()));
    }
    let size = config.size("d_model")?;
    let end = config.or("eos_token_id", 2)?;
    let settings = BartConfig {
        d_model: size,
        activation_function: Some(bart_activation(config)?),
        encoder_layers: config.size("encoder_layers")?,
        decoder_layers: config.size("decoder_layers")?,
        encoder_attention_heads: config.heads("encoder_attention_heads", size)?,
        decoder_attention_heads: config.heads("decoder_attention_heads", size)?,
        encoder_ffn_dim: config.size("encoder_ffn_dim")?,
        decoder_ffn_dim: config.size("decoder_ffn_dim")?,
        max_position_embeddings: most,
        vocab_size: config.size("vocab_size")?,
        scale_embedding: config.get("scale_embedding")?,
        eos_token_id: Some(end),
        pad_token_id: Some(config.or("pad_token_id", 1)?),
        id2label: Some((0..labels).map(|label| (label, String::new())).collect()),
        ..BartConfig::default()
    };
    let store = VarStore::new(Device::Cpu);
    let model = BartForSequenceClassification::new(store.root(), &settings);
    let model = model.map_err(|error| LoadError::Model(error.to_string()))?;
    let words =
        |name: &str| -> &[&str] { if name == "model.shared.weight" { &WORDS } else { &[] } };
    weights.fill(&store, words);
    let start = config.or("decoder_start_token_id", end)?;
    Ok(Network::Bart { model: Box::new(model), start })
}

fn bart_activation(config: &Settings) -> Result<rust_bert::Activation, LoadError> {
    match Activation::read(config, "activation_function", "gelu")? {
        Activation::Gelu => Ok(rust_bert::Activation::gelu),
        Activation::Relu => Ok(rust_bert::Activation::relu),
        other => Err(LoadError::Model(format!(
            "config.json: activation_function {other:?} is not supported"
        ))),
    }
}
