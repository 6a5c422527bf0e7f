//! DeBERTa, and DeBERTa v2 and v3: attention to content and to relative positions.

use tch::{Kind, TchError, Tensor};

use super::encoder::{BERT_NAMES, added_mask};
use super::layers::{Activation, FeedForward, Linear, Norm, NormPlace};
use super::settings::Settings;
use super::weights::Weights;
use crate::engine::backend::LoadError;

/// An encoder with a pooled first token.
pub(super) struct Deberta {
    words: Tensor,
    positions: Option<Tensor>,
    segments: Option<Tensor>,
    /// From the size of the embeddings to that of the layers.
    projection: Option<Linear>,
    norm: Norm,
    layers: Vec<Layer>,
    convolution: Option<Convolution>,
    relative: Option<Relative>,
    heads: i64,
    /// What products of queries and keys are multiplied with.
    scale: f64,
    kind: Kind,
}

struct Layer {
    /// Queries, keys and values in one product.
    attention: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    feed: FeedForward,
    output_norm: Norm,
    /// Keys and queries of the relative positions; heads × positions × part.
    position_key: Option<Tensor>,
    position_query: Option<Tensor>,
}

/// Where a pair of tokens finds its relative position.
struct Relative {
    /// Positions each way.
    span: i64,
    /// Beyond half of the span, distances up to the farthest share positions; not in v1.
    farthest: Option<i64>,
}

/// What v2 does after the first layer.
struct Convolution {
    weight: Tensor,
    bias: Tensor,
    groups: i64,
    norm: Norm,
    activation: Activation,
}

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

impl Deberta {
    pub(super) fn load(
        config: &Settings,
        weights: &Weights,
        second: bool,
    ) -> Result<Self, LoadError> {
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

    /// Hidden states; rows × length × size. `ids`, `mask` and `segments` are rows × length; `mask` is 1 at tokens and 0
    /// at padding.
    pub(super) fn forward(
        &self,
        ids: &Tensor,
        mask: &Tensor,
        segments: &Tensor,
    ) -> Result<Tensor, TchError> {
        let length = ids.size2()?.1;
        let added = added_mask(mask, self.kind)?;
        let kept = mask.f_unsqueeze(2)?.f_to_kind(self.kind)?;
        let embedded = self.embed(ids, segments)?.f_mul(&kept)?;
        let places = match &self.relative {
            Some(relative) => Some((relative.places(length, 1)?, relative.places(length, -1)?)),
            None => None,
        };
        let mut hidden = embedded.shallow_clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let attend = |input: &Tensor| {
                let found = self.attend(layer, input, &added, places.as_ref())?;
                layer.attention_output.forward(&found)
            };
            hidden = NormPlace::After.around(&hidden, &layer.attention_norm, attend)?;
            let feed = |input: &Tensor| layer.feed.forward(input);
            hidden = NormPlace::After.around(&hidden, &layer.output_norm, feed)?;
            if let Some(convolution) = self.convolution.as_ref().filter(|_| index == 0) {
                hidden = convolution.forward(&embedded, &hidden, &kept)?;
            }
        }
        Ok(hidden)
    }

    fn embed(&self, ids: &Tensor, segments: &Tensor) -> Result<Tensor, TchError> {
        let mut sum = Tensor::f_embedding(&self.words, ids, -1, false, false)?;
        if let Some(positions) = &self.positions {
            sum = sum.f_add(&positions.f_narrow(0, 0, ids.size2()?.1)?)?;
        }
        if let Some(table) = &self.segments {
            sum = sum.f_add(&Tensor::f_embedding(table, segments, -1, false, false)?)?;
        }
        if let Some(projection) = &self.projection {
            sum = projection.forward(&sum)?;
        }
        self.norm.forward(&sum)
    }

    fn attend(
        &self,
        layer: &Layer,
        input: &Tensor,
        mask: &Tensor,
        places: Option<&(Tensor, Tensor)>,
    ) -> Result<Tensor, TchError> {
        let (rows, length, size) = input.size3()?;
        let parts = layer.attention.forward(input)?;
        let parts = parts
            .f_view([rows, length, 3, self.heads, size / self.heads])?
            .f_permute([2, 0, 3, 1, 4])?;
        let part = |index| parts.f_select(0, index);
        let (query, key, value) = (part(0)?, part(1)?, part(2)?);
        let shape = [rows, self.heads, length, length];
        let mut added = mask.shallow_clone();
        if let Some((from_query, from_key)) = places {
            if let Some(positions) = &layer.position_key {
                let scores = query.f_matmul(&positions.f_transpose(1, 2)?)?;
                let scores = scores.f_gather(-1, &from_query.f_expand(shape, false)?, false)?;
                added = added.f_add(&scores.f_mul_scalar(self.scale)?)?;
            }
            if let Some(positions) = &layer.position_query {
                let scores = key.f_matmul(&positions.f_transpose(1, 2)?)?;
                let scores = scores.f_gather(-1, &from_key.f_expand(shape, false)?, false)?;
                added = added.f_add(&scores.f_transpose(2, 3)?.f_mul_scalar(self.scale)?)?;
            }
        }
        let scale = Some(self.scale);
        Tensor::f_scaled_dot_product_attention(
            &query,
            &key,
            &value,
            Some(&added),
            0.0,
            false,
            scale,
        )?
        .f_transpose(1, 2)?
        .f_reshape([rows, length, size])
    }
}

impl Relative {
    /// For each pair of tokens the row of their distance, taken from one side (1) or the other (-1); length × length.
    fn places(&self, length: i64, sign: i64) -> Result<Tensor, TchError> {
        let rows = (0..length).flat_map(|row| (0..length).map(move |column| row - column));
        let places = rows
            .map(|distance| (self.bucket(distance) * sign + self.span).clamp(0, 2 * self.span - 1));
        Tensor::f_from_slice(&places.collect::<Vec<i64>>())?.f_view([length, length])
    }

    /// In single precision, so that distances at a border fall where they fell in training.
    fn bucket(&self, distance: i64) -> i64 {
        let Some(farthest) = self.farthest else { return distance };
        let middle = self.span / 2;
        if distance.abs() <= middle {
            return distance;
        }
        let far = distance.abs() as f32 / middle as f32;
        let farthest = (((farthest - 1) as f64 / middle as f64) as f32).ln();
        let step = (far.ln() / farthest * (middle - 1) as f32).ceil();
        (step as i64 + middle) * distance.signum()
    }
}

impl Convolution {
    fn forward(
        &self,
        embedded: &Tensor,
        hidden: &Tensor,
        kept: &Tensor,
    ) -> Result<Tensor, TchError> {
        let padding = (self.weight.size3()?.2 - 1) / 2;
        let found = embedded.f_transpose(1, 2)?;
        let found = found.f_conv1d(&self.weight, Some(&self.bias), 1, padding, 1, self.groups)?;
        let found = self.activation.forward(&found.f_transpose(1, 2)?.f_mul(kept)?)?;
        self.norm.forward(&hidden.f_add(&found)?)?.f_mul(kept)
    }
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
            projection: (embedded != self.size).then(projection),
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
            let joined =
                Linear::joined(weights, &[name(part)], size, size, biased).forward(states)?;
            let split = joined.f_view([-1, self.heads, size / self.heads])?.f_transpose(0, 1)?;
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
                self.attention(&name)
            } else {
                self.first_attention(&name)?
            },
            attention_output: linear(BERT_NAMES.attention_output, size, size),
            attention_norm: norm(BERT_NAMES.attention_norm),
            feed: FeedForward::new(
                linear(BERT_NAMES.inner, size, inner),
                None,
                linear(BERT_NAMES.outer, inner, size),
                activation,
            ),
            output_norm: norm(BERT_NAMES.output_norm),
            position_key: project(self.content_to_position, key, self.second)?,
            position_query: project(self.position_to_content, query, true)?,
        })
    }

    fn attention(&self, name: &dyn Fn(&str) -> String) -> Linear {
        let parts =
            ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}_proj")));
        Linear::joined(self.weights, &parts, self.size, self.size, true)
    }

    /// Version 1 has query, key and value of each head beside each other, and no bias of the keys.
    fn first_attention(&self, name: &dyn Fn(&str) -> String) -> Result<Linear, LoadError> {
        let (weights, size) = (self.weights, self.size);
        let joined = weights.tensor(&name("attention.self.in_proj.weight"), &[3 * size, size]);
        let joined = joined.f_view([self.heads, 3, size / self.heads, size])?.f_transpose(0, 1)?;
        let [query, value] = ["q_bias", "v_bias"]
            .map(|part| weights.tensor(&name(&format!("attention.self.{part}")), &[size]));
        let bias = Tensor::f_cat(&[&query, &query.f_zeros_like()?, &value], 0)?;
        Ok(Linear::new(joined.f_reshape([3 * size, size])?, Some(bias)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_distances_share_buckets() {
        // DeBERTa v3: 256 buckets, 512 positions.
        let relative = Relative { span: 256, farthest: Some(512) };
        let buckets = [-300, 0, 127, 128, 129, 200, 511].map(|distance| relative.bucket(distance));
        assert_eq!(buckets, [-207, 0, 127, 128, 129, 169, 255]);
    }
}
