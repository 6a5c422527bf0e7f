//! The decoder of BART, Pegasus, T5 and LongT5, a token at a time.
//!
//! rust-bert's decoders copy the whole cache several times a step, and that of T5 projects the source anew each time. Here
//! keys and values of the source are computed once and shared by all beams, and those of the tokens so far are written
//! into tensors that are large enough from the start.

use tch::{Device, Kind, TchError, Tensor};

use super::layers::{FeedForward, Norm, NormPlace};
use super::linear::Linear;
use super::relative::RelativeBias;

/// A decoder with its vocabulary head.
pub(super) struct Decoder {
    /// Embeddings of the tokens, and what they are multiplied with.
    pub(super) words: Tensor,
    pub(super) scale: f64,
    pub(super) positions: Positions,
    pub(super) first_norm: Option<Norm>,
    pub(super) layers: Vec<DecoderLayer>,
    pub(super) place: NormPlace,
    pub(super) heads: i64,
    /// What products of queries and keys are multiplied with.
    pub(super) attention_scale: f64,
    pub(super) last_norm: Option<Norm>,
    /// What the last hidden state is multiplied with before the head.
    pub(super) output_scale: f64,
    /// To the vocabulary.
    pub(super) head: Linear,
}

/// How a decoder knows the order of its tokens.
pub(super) enum Positions {
    /// A vector is added to each token: positions × size.
    Added(Tensor),
    /// The distance between two tokens is added to their attention.
    Relative(RelativeBias),
}

/// One layer.
pub(super) struct DecoderLayer {
    /// Queries, keys and values in one product.
    pub(super) attention: Linear,
    pub(super) attention_output: Linear,
    pub(super) attention_norm: Norm,
    pub(super) source_query: Linear,
    /// Keys and values in one product.
    pub(super) source_key_value: Linear,
    pub(super) source_output: Linear,
    pub(super) source_norm: Norm,
    pub(super) feed: FeedForward,
    pub(super) feed_norm: Norm,
}

/// What a decoder remembers: of `sources` sources with `beams` rows each, the rows of a source one after the other.
pub(super) struct DecoderState {
    sources: i64,
    beams: i64,
    /// Tokens so far, and room for them.
    length: i64,
    room: i64,
    layers: Vec<LayerState>,
    /// What is added to the attention to the source's tokens; (sources × heads) × 1 × tokens.
    mask: Tensor,
}

/// Keys and values; (sources × heads) × tokens × part and (rows × heads) × room × part.
struct LayerState {
    source_key: Tensor,
    source_value: Tensor,
    key: Tensor,
    value: Tensor,
}

impl DecoderLayer {
    /// Laid out for the few rows of a step; the source's keys and values are computed once, of many.
    pub(super) fn for_few_rows(self) -> Self {
        Self {
            attention: self.attention.for_few_rows(),
            attention_output: self.attention_output.for_few_rows(),
            source_query: self.source_query.for_few_rows(),
            source_output: self.source_output.for_few_rows(),
            feed: self.feed.for_few_rows(),
            ..self
        }
    }
}

impl Decoder {
    /// The state before the first token. `states`: of the encoder, sources × tokens × size; `mask`: what is added to the
    /// attention to them, sources × 1 × 1 × tokens; `room`: tokens that will be read at most.
    pub(super) fn start(
        &self,
        states: &Tensor,
        mask: &Tensor,
        beams: i64,
        room: i64,
    ) -> Result<DecoderState, TchError> {
        let (sources, tokens, _) = states.size3()?;
        let layer = |layer: &DecoderLayer| {
            let both = layer.source_key_value.forward(states)?;
            let part = both.size().last().copied().unwrap_or_default() / 2 / self.heads;
            let both = both.f_view([sources, tokens, 2, self.heads, part])?;
            let split = |index| {
                let one = both.f_select(2, index)?.f_transpose(1, 2)?;
                one.f_reshape([sources * self.heads, tokens, part])
            };
            let own = || {
                let shape = [sources * beams * self.heads, room, part];
                Tensor::f_empty(shape, (states.kind(), Device::Cpu))
            };
            Ok(LayerState {
                source_key: split(0)?,
                source_value: split(1)?,
                key: own()?,
                value: own()?,
            })
        };
        let layers = self.layers.iter().map(layer).collect::<Result<_, TchError>>()?;
        let mask = mask.f_expand([sources, self.heads, 1, tokens], false)?;
        let mask = mask.f_reshape([sources * self.heads, 1, tokens])?;
        Ok(DecoderState { sources, beams, length: 0, room, layers, mask })
    }

    /// Logits of the token after these, which are the newest of each row; rows × vocabulary, single precision.
    pub(super) fn step(&self, state: &mut DecoderState, ids: &[i64]) -> Result<Tensor, TchError> {
        let ids = Tensor::f_from_slice(ids)?;
        let mut hidden = Tensor::f_embedding(&self.words, &ids, -1, false, false)?;
        if self.scale != 1.0 {
            hidden = hidden.f_mul_scalar(self.scale)?;
        }
        let bias = match &self.positions {
            Positions::Added(positions) => {
                hidden = hidden.f_add(&positions.f_narrow(0, state.length, 1)?)?;
                None
            }
            Positions::Relative(bias) => Some(bias.of_newest(state.length)?),
        };
        if let Some(norm) = &self.first_norm {
            hidden = norm.forward(&hidden)?;
        }
        for (layer, cache) in self.layers.iter().zip(&mut state.layers) {
            let attend = |input: &Tensor| {
                let (newest, scale) = (state.length, self.attention_scale);
                let projected = layer.attention.forward(input)?;
                let found = cache.attend(&projected, self.heads, newest, scale, bias.as_ref())?;
                layer.attention_output.forward(&found)
            };
            hidden = self.place.around(&hidden, &layer.attention_norm, attend)?;
            let shape = (state.sources, state.beams, self.heads);
            let attend = |input: &Tensor| {
                let query = layer.source_query.forward(input)?;
                let found =
                    cache.attend_to_source(&query, shape, self.attention_scale, &state.mask)?;
                layer.source_output.forward(&found)
            };
            hidden = self.place.around(&hidden, &layer.source_norm, attend)?;
            hidden =
                self.place.around(&hidden, &layer.feed_norm, |input| layer.feed.forward(input))?;
        }
        state.length += 1;
        if let Some(norm) = &self.last_norm {
            hidden = norm.forward(&hidden)?;
        }
        if self.output_scale != 1.0 {
            hidden = hidden.f_mul_scalar(self.output_scale)?;
        }
        self.head.forward(&hidden)?.f_to_kind(Kind::Float)
    }
}

impl LayerState {
    /// Attention of the newest token of each row to those before it and itself. `projected`: its query, key and value;
    /// rows × (3 × heads × part).
    fn attend(
        &mut self,
        projected: &Tensor,
        heads: i64,
        newest: i64,
        scale: f64,
        bias: Option<&Tensor>,
    ) -> Result<Tensor, TchError> {
        let (rows, triple) = projected.size2()?;
        let part = triple / 3 / heads;
        let parts = projected.f_view([rows, 3, heads, part])?;
        let split = |index| parts.f_select(1, index)?.f_reshape([rows * heads, 1, part]);
        self.key.f_narrow(1, newest, 1)?.f_copy_(&split(1)?)?;
        self.value.f_narrow(1, newest, 1)?.f_copy_(&split(2)?)?;
        let key = self.key.f_narrow(1, 0, newest + 1)?.f_transpose(1, 2)?;
        let scores = match bias {
            Some(bias) => {
                let bias = bias.f_repeat([rows, 1, 1])?;
                bias.f_baddbmm(&split(0)?, &key, 1.0, scale)?
            }
            None => split(0)?.f_bmm(&key)?.f_mul_scalar(scale)?,
        };
        let found = scores.f_softmax(-1, None)?.f_bmm(&self.value.f_narrow(1, 0, newest + 1)?)?;
        found.f_view([rows, heads * part])
    }

    /// Attention of the newest token of each row to the source. The beams of a source stand beside each other as if they
    /// were tokens, so that its keys and values are there once.
    fn attend_to_source(
        &self,
        query: &Tensor,
        (sources, beams, heads): (i64, i64, i64),
        scale: f64,
        mask: &Tensor,
    ) -> Result<Tensor, TchError> {
        let size = query.size().last().copied().unwrap_or_default();
        let part = size / heads;
        let query = query.f_view([sources, beams, heads, part])?.f_transpose(1, 2)?;
        let query = query.f_reshape([sources * heads, beams, part])?;
        let scores = mask.f_baddbmm(&query, &self.source_key.f_transpose(1, 2)?, 1.0, scale)?;
        let found = scores.f_softmax(-1, None)?.f_bmm(&self.source_value)?;
        let found = found.f_view([sources, heads, beams, part])?.f_transpose(1, 2)?;
        found.f_reshape([sources * beams, size])
    }
}

impl DecoderState {
    /// Goes on with these rows of what was, in this order: `beams` rows of each source that stays.
    pub(super) fn select(&mut self, rows: &[i64]) -> Result<(), TchError> {
        let count = self.sources * self.beams;
        if rows.iter().copied().eq(0..count) {
            return Ok(());
        }
        let firsts = rows.iter().step_by(usize::try_from(self.beams).unwrap_or(1));
        let sources: Vec<i64> = firsts.map(|row| row / self.beams).collect();
        let stay = !sources.iter().copied().eq(0..self.sources);
        let index = Tensor::f_from_slice(rows)?;
        for layer in &mut self.layers {
            for own in [&mut layer.key, &mut layer.value] {
                let heads = own.size3()?.0 / count;
                select_own(own, count, heads, self.length, self.room, &index)?;
            }
        }
        if stay {
            let index = Tensor::f_from_slice(&sources)?;
            let pick = |tensor: &Tensor| {
                let (many, tokens, part) = tensor.size3()?;
                let heads = many / self.sources;
                let split = tensor.f_view([self.sources, heads, tokens, part])?;
                split.f_index_select(0, &index)?.f_view([-1, tokens, part])
            };
            for layer in &mut self.layers {
                layer.source_key = pick(&layer.source_key)?;
                layer.source_value = pick(&layer.source_value)?;
            }
            self.mask = pick(&self.mask)?;
            self.sources = sources.len() as i64;
        }
        Ok(())
    }
}

/// Puts the rows of keys or values into another order, or leaves some out; only what is filled is moved.
fn select_own(
    own: &mut Tensor,
    rows: i64,
    heads: i64,
    length: i64,
    room: i64,
    index: &Tensor,
) -> Result<(), TchError> {
    let part = own.size3()?.2;
    let filled = own.f_view([rows, heads, room, part])?.f_narrow(2, 0, length)?;
    let picked = filled.f_index_select(0, index)?;
    let kept = picked.size().first().copied().unwrap_or_default();
    if kept != rows {
        *own = Tensor::f_empty([kept * heads, room, part], (own.kind(), Device::Cpu))?;
    }
    own.f_narrow(1, 0, length)?.f_copy_(&picked.f_view([kept * heads, length, part])?)?;
    Ok(())
}
