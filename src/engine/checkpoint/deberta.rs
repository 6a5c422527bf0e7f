//! DeBERTa, and DeBERTa v2 and v3: attention to content and to relative positions.

use tch::{Kind, TchError, Tensor};

use super::encoder::added_mask;
use super::layers::{Activation, FeedForward, Norm, NormPlace};
use super::linear::Linear;

/// An encoder with a pooled first token.
pub(super) struct Deberta {
    pub(super) words: Tensor,
    pub(super) positions: Option<Tensor>,
    pub(super) segments: Option<Tensor>,
    /// From the size of the embeddings to that of the layers.
    pub(super) projection: Option<Linear>,
    pub(super) norm: Norm,
    pub(super) layers: Vec<Layer>,
    pub(super) convolution: Option<Convolution>,
    pub(super) relative: Option<Relative>,
    pub(super) heads: i64,
    /// What products of queries and keys are multiplied with.
    pub(super) scale: f64,
    pub(super) kind: Kind,
}

pub(super) struct Layer {
    /// Queries, keys and values in one product.
    pub(super) attention: Linear,
    pub(super) attention_output: Linear,
    pub(super) attention_norm: Norm,
    pub(super) feed: FeedForward,
    pub(super) output_norm: Norm,
    /// Keys and queries of the relative positions; heads × positions × part.
    pub(super) position_key: Option<Tensor>,
    pub(super) position_query: Option<Tensor>,
}

/// Where a pair of tokens finds its relative position.
pub(super) struct Relative {
    /// Positions each way.
    pub(super) span: i64,
    /// Beyond half of the span, distances up to the farthest share positions; not in v1.
    pub(super) farthest: Option<i64>,
}

/// What v2 does after the first layer.
pub(super) struct Convolution {
    pub(super) weight: Tensor,
    pub(super) bias: Tensor,
    pub(super) groups: i64,
    pub(super) norm: Norm,
    pub(super) activation: Activation,
}

impl Deberta {
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
