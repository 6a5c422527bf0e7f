//! DeBERTa, and DeBERTa v2 and v3: their parts under the names of a checkpoint.

use tch::{TchError, Tensor};

use super::deberta::{Convolution, Deberta, Layer, Relative};
use super::encoder::BERT_NAMES;
use super::layers::{Activation, FeedForward, Norm};
use super::linear::{Linear, joined};
use super::settings::Settings;
use super::weights::Weights;
use crate::engine::backend::LoadError;

struct Family<'f> {
    config: &'f Settings,
    weights: &'f Weights,
    /// Versions 2 and 3.
    second: bool,
    size: i64,
    heads: i64,
    epsilon: f64,
    content_to_position: bool,
    position_to_content: bool,
}

/// Loads version 1, or with `second` version 2 or 3.
pub(super) fn load(
    config: &Settings,
    weights: &Weights,
    second: bool,
) -> Result<Deberta, LoadError> {
    config.expect_kind(if second { &["deberta-v2"] } else { &["deberta"] })?;
    if config.or("talking_head", false)? {
        return Err(LoadError::Model("config.json: talking_head is not supported".into()));
    }
    let size = config.size("hidden_size")?;
    let kinds = attention_kinds(config)?;
    let has = |kind: &str| kinds.iter().any(|one| one == kind);
    let (content_to_position, position_to_content) = (has("c2p"), has("p2c"));
    let heads = config.heads("num_attention_heads", size)?;
    let epsilon = config.or("layer_norm_eps", 1e-7)?;
    let counted = if second {
        usize::from(content_to_position) + usize::from(position_to_content)
    } else {
        kinds.len()
    };
    let family = Family {
        config,
        weights,
        second,
        size,
        heads,
        epsilon,
        content_to_position,
        position_to_content,
    };
    family.load(((1 + counted) as f64 * (size / heads) as f64).powf(-0.5))
}

impl Family<'_> {
    fn load(&self, scale: f64) -> Result<Deberta, LoadError> {
        let (config, weights) = (self.config, self.weights);
        let embedded = config.size_or("embedding_size", self.size)?;
        let table = |name: &str, rows: i64| {
            weights
                .tensor(&format!("deberta.embeddings.{name}_embeddings.weight"), &[rows, embedded])
        };
        let biased = config.or("position_biased_input", true)?;
        let positions = config.size("max_position_embeddings")?;
        let segments = config.or("type_vocab_size", 0)?;
        let projection = || {
            let name = ["deberta.embeddings.embed_proj".to_owned()];
            Linear::joined(weights, &name, embedded, self.size, false)
        };
        let (relative, states) = self.relative(positions)?;
        let layers =
            (0..config.size("num_hidden_layers")?).map(|index| self.layer(index, states.as_ref()));
        Ok(Deberta {
            words: table("word", config.size("vocab_size")?),
            positions: biased.then(|| table("position", positions)),
            segments: (segments > 0).then(|| table("token_type", segments)),
            projection: (embedded != self.size).then(projection).transpose()?,
            norm: Norm::layer(weights, "deberta.embeddings.LayerNorm", self.size, self.epsilon),
            layers: layers.collect::<Result<_, _>>()?,
            convolution: self.convolution()?,
            relative,
            heads: self.heads,
            scale,
            kind: weights.kind(),
        })
    }

    /// Where relative positions are found, and their embeddings; positions × size.
    fn relative(&self, positions: i64) -> Result<(Option<Relative>, Option<Tensor>), LoadError> {
        if !self.config.or("relative_attention", false)? {
            return Ok((None, None));
        }
        let or = |key: &str, default: i64| {
            Ok::<_, LoadError>(
                self.config.get(key)?.filter(|&found: &i64| found > 0).unwrap_or(default),
            )
        };
        let farthest = or("max_relative_positions", positions)?;
        let buckets = if self.second { or("position_buckets", 0)? } else { 0 };
        let span = if buckets > 0 { buckets } else { farthest };
        let states =
            self.weights.tensor("deberta.encoder.rel_embeddings.weight", &[2 * span, self.size]);
        let norm = self.config.or("norm_rel_ebd", String::new())?;
        let normed = self.second && norm.to_lowercase().split('|').any(|one| one == "layer_norm");
        let states = if normed {
            Norm::layer(self.weights, "deberta.encoder.LayerNorm", self.size, self.epsilon)
                .forward(&states)?
        } else {
            states
        };
        let relative = Relative { span, farthest: (buckets > 0).then_some(farthest) };
        Ok((Some(relative), Some(states)))
    }

    fn layer(&self, index: i64, states: Option<&Tensor>) -> Result<Layer, LoadError> {
        let (weights, size) = (self.weights, self.size);
        let inner = self.config.size("intermediate_size")?;
        let activation = Activation::read(self.config, "hidden_act", "gelu")?;
        let name = |part: &str| format!("deberta.encoder.layer.{index}.{part}");
        let linear = |part: &str, from, to| Linear::load(weights, &name(part), from, to);
        let norm = |part: &str| Norm::layer(weights, &name(part), size, self.epsilon);
        let project = |wanted: bool, part: &str, biased: bool| {
            let Some(states) = states.filter(|_| wanted) else { return Ok(None) };
            // Once, and so on floats whatever the layers compute with.
            let (weight, bias) = joined(weights, &[name(part)], size, size, biased);
            let projected = states.f_linear(&weight, bias)?;
            let split = projected.f_view([-1, self.heads, size / self.heads])?.f_transpose(0, 1)?;
            Ok::<_, TchError>(Some(split.f_contiguous()?))
        };
        let shared = self.config.or("share_att_key", false)?;
        let (key, query) = match (self.second, shared) {
            (false, _) => ("attention.self.pos_proj", "attention.self.pos_q_proj"),
            (true, false) => ("attention.self.pos_key_proj", "attention.self.pos_query_proj"),
            (true, true) => ("attention.self.key_proj", "attention.self.query_proj"),
        };
        Ok(Layer {
            attention: if self.second {
                self.attention(&name)?
            } else {
                self.first_attention(&name)?
            },
            attention_output: linear(BERT_NAMES.attention_output, size, size)?,
            attention_norm: norm(BERT_NAMES.attention_norm),
            feed: FeedForward::new(
                linear(BERT_NAMES.inner, size, inner)?,
                None,
                linear(BERT_NAMES.outer, inner, size)?,
                activation,
            ),
            output_norm: norm(BERT_NAMES.output_norm),
            position_key: project(self.content_to_position, key, self.second)?,
            position_query: project(self.position_to_content, query, true)?,
        })
    }

    fn attention(&self, name: &dyn Fn(&str) -> String) -> Result<Linear, TchError> {
        let parts =
            ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}_proj")));
        Linear::joined(self.weights, &parts, self.size, self.size, true)
    }

    /// Version 1 has query, key and value of each head beside each other, and no bias of the keys.
    fn first_attention(&self, name: &dyn Fn(&str) -> String) -> Result<Linear, TchError> {
        let (weights, size) = (self.weights, self.size);
        let joined = weights.tensor(&name("attention.self.in_proj.weight"), &[3 * size, size]);
        let joined = joined.f_view([self.heads, 3, size / self.heads, size])?.f_transpose(0, 1)?;
        let [query, value] = ["q_bias", "v_bias"]
            .map(|part| weights.tensor(&name(&format!("attention.self.{part}")), &[size]));
        let bias = Tensor::f_cat(&[&query, &query.f_zeros_like()?, &value], 0)?;
        Linear::new(weights.numbers(), joined.f_reshape([3 * size, size])?, Some(bias))
    }

    fn convolution(&self) -> Result<Option<Convolution>, LoadError> {
        let width = self.config.or("conv_kernel_size", 0)?;
        if !self.second || width < 1 {
            return Ok(None);
        }
        let groups = self.config.size_or("conv_groups", 1)?;
        let shape = [self.size, self.size / groups, width];
        Ok(Some(Convolution {
            weight: self.weights.tensor("deberta.encoder.conv.conv.weight", &shape),
            bias: self.weights.tensor("deberta.encoder.conv.conv.bias", &[self.size]),
            groups,
            norm: Norm::layer(
                self.weights,
                "deberta.encoder.conv.LayerNorm",
                self.size,
                self.epsilon,
            ),
            activation: Activation::read(self.config, "conv_act", "tanh")?,
        }))
    }
}

/// `pos_att_type`: a list, or names with bars between them.
fn attention_kinds(config: &Settings) -> Result<Vec<String>, LoadError> {
    let names = match config.get::<serde_json::Value>("pos_att_type")? {
        Some(serde_json::Value::String(names)) => names.split('|').map(str::to_owned).collect(),
        Some(_) => config.need::<Vec<String>>("pos_att_type")?,
        None => Vec::new(),
    };
    let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
    match names.iter().find(|name| !matches!(name.as_str(), "c2p" | "p2c")) {
        None => Ok(names),
        Some(other) => {
            Err(LoadError::Model(format!("config.json: pos_att_type \"{other}\" is not supported")))
        }
    }
}
