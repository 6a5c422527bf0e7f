//! The heads: small networks on pooled vectors.

use std::collections::BTreeMap;

use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdUnaryOp;
use rten_tensor::NdTensorView;
use rten_vecmath::Gelu;

use super::backend::LoadError;
use crate::model::{HeadEntry, HeadInput, HeadVector, WeightTensor};

/// Numbers of the inputs that are no vectors of the encoder: position and polarities.
pub(super) const SHORT_SIZE: usize = 3;
/// Tokens at which the length feature of the position input reaches 1.
const LONG_SENTENCE: f32 = 64.0;

/// Items that a head reads at once; it bounds the memory for its input.
const ITEMS_AT_ONCE: usize = 4096;

/// The vectors that a head may read for one item.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeadInputs<'v> {
    pub(super) sentence: &'v [f32],
    pub(super) article: &'v [f32],
    pub(super) mention: &'v [f32],
    pub(super) party: &'v [f32],
    pub(super) side_mention: &'v [f32],
    pub(super) claim: &'v [f32],
    pub(super) position: [f32; SHORT_SIZE],
    pub(super) side_polarity: [f32; SHORT_SIZE],
    pub(super) party_polarity: [f32; SHORT_SIZE],
}

impl HeadInputs<'_> {
    fn vector(&self, name: HeadVector) -> &[f32] {
        match name {
            HeadVector::Sentence => self.sentence,
            HeadVector::Article => self.article,
            HeadVector::Mention => self.mention,
            HeadVector::Party => self.party,
            HeadVector::SideMention => self.side_mention,
            HeadVector::Claim => self.claim,
            HeadVector::Position => &self.position,
            HeadVector::SidePolarity => &self.side_polarity,
            HeadVector::PartyPolarity => &self.party_polarity,
        }
    }

    /// Appends what a head reads.
    fn push_to(&self, row: &mut Vec<f32>, input: HeadInput) {
        match input {
            HeadInput::Vector(name) => row.extend_from_slice(self.vector(name)),
            HeadInput::Product(a, b) => {
                row.extend(self.vector(a).iter().zip(self.vector(b)).map(|(a, b)| a * b));
            }
        }
    }
}

/// Position input of sentence `index` of `count` with a number of tokens, as
/// [`HeadVector::Position`] defines it.
pub(super) fn position(index: usize, count: usize, tokens: usize) -> [f32; SHORT_SIZE] {
    let index = index as f32;
    let last = count.saturating_sub(1).max(1) as f32;
    [1.0 / (1.0 + index), index / last, (tokens as f32 / LONG_SENTENCE).min(1.0)]
}

/// A multi-layer perceptron with GELU between its layers.
pub(super) struct Head {
    inputs: Vec<HeadInput>,
    input_size: usize,
    outputs: usize,
    layers: Vec<Layer>,
}

struct Layer {
    weights: PackedBMatrix<f32>,
    /// One for each output.
    bias: Vec<f32>,
}

impl Head {
    /// Builds the head `name` from its tensors `<name>.layers.<k>.{weight,bias}`.
    pub(super) fn new(
        name: &str,
        entry: &HeadEntry,
        weights: &BTreeMap<String, WeightTensor>,
        vector_size: usize,
        outputs: usize,
    ) -> Result<Self, LoadError> {
        let failed = |problem: String| LoadError::Model(format!("head {name}: {problem}"));
        let input_size = input_size(&entry.inputs, vector_size)
            .ok_or_else(|| failed("it multiplies inputs that are no vectors".into()))?;
        let kernel: GemmExecutor<f32> = GemmExecutor::default();
        let mut layers = Vec::new();
        let mut size = input_size;
        while let Some(weight) = weights.get(&format!("{name}.layers.{}.weight", layers.len())) {
            let bias = weights.get(&format!("{name}.layers.{}.bias", layers.len()));
            let bias = bias.ok_or_else(|| failed(format!("layer {} has no bias", layers.len())))?;
            let &[outputs, inputs] = weight.shape.as_slice() else {
                return Err(failed(format!("layer {} is no matrix", layers.len())));
            };
            if inputs != size || bias.shape != [outputs] {
                let problem =
                    format!("layer {} reads {inputs} numbers, expected {size}", layers.len());
                return Err(failed(problem));
            }
            let by_output = NdTensorView::from_data([outputs, inputs], weight.values.as_slice());
            let weights = kernel.prepack_b(by_output.transposed());
            layers.push(Layer { weights, bias: bias.values.clone() });
            size = outputs;
        }
        if layers.is_empty() || size != entry.labels.len() || size != outputs {
            let labels = entry.labels.len();
            let problem = format!("it has {size} outputs and {labels} labels, expected {outputs}");
            return Err(failed(problem));
        }
        Ok(Self { inputs: entry.inputs.clone(), input_size, outputs: size, layers })
    }

    /// Logits of every item.
    pub(super) fn logits(&self, items: &[HeadInputs<'_>]) -> Result<Vec<Vec<f32>>, String> {
        let chunks = items.chunks(ITEMS_AT_ONCE).map(|chunk| self.logits_of_chunk(chunk));
        Ok(chunks.collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn logits_of_chunk(&self, items: &[HeadInputs<'_>]) -> Result<Vec<Vec<f32>>, String> {
        let mut rows = Vec::with_capacity(items.len() * self.input_size);
        for item in items {
            self.inputs.iter().for_each(|input| item.push_to(&mut rows, *input));
        }
        if rows.len() != items.len() * self.input_size {
            return Err(format!("a head reads {} numbers for each item", self.input_size));
        }
        let logits = self.forward(rows, items.len())?;
        Ok(logits.chunks(self.outputs).map(<[f32]>::to_vec).collect())
    }

    fn forward(&self, rows: Vec<f32>, count: usize) -> Result<Vec<f32>, String> {
        // Made for each call, which costs nothing: it may not go to another thread.
        let kernel: GemmExecutor<f32> = GemmExecutor::default();
        let mut state = rows;
        for (index, Layer { weights, bias }) in self.layers.iter().enumerate() {
            if index > 0 {
                Gelu {}.map_mut(&mut state);
            }
            let input =
                NdTensorView::from_data([count, state.len() / count.max(1)], state.as_slice());
            let (a, b) = (GemmInputA::Unpacked(input), GemmInputB::Packed(weights));
            let options = GemmOptions { bias: Some(BiasVector::Row(bias)), ..Default::default() };
            let mut next = vec![0.0; count * bias.len()];
            kernel.gemm(&mut next, a, b, options).map_err(|error| error.to_string())?;
            state = next;
        }
        Ok(state)
    }
}

/// Numbers of all inputs together; none when a product is not of two vectors.
fn input_size(inputs: &[HeadInput], vector_size: usize) -> Option<usize> {
    let size = |vector: HeadVector| match vector {
        HeadVector::Position | HeadVector::SidePolarity | HeadVector::PartyPolarity => SHORT_SIZE,
        _ => vector_size,
    };
    let sizes = inputs.iter().map(|input| match *input {
        HeadInput::Vector(vector) => Some(size(vector)),
        HeadInput::Product(a, b) => Some(size(a)).filter(|&s| s == vector_size && size(b) == s),
    });
    sizes.sum()
}
