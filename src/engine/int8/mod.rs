//! BERT's forward pass on 8-bit integers.
//!
//! Processors with instructions for it (AVX-512 VNNI) multiply 8-bit integers four times as fast as
//! floats. Every linear layer runs on them (see [`linear`]); attention, layer norms and residuals stay in
//! single precision. Windows are computed each by itself, in parallel, so nothing is padded and the
//! result for a window does not depend on the batch.

mod attention;
mod linear;

pub(super) use linear::{Executor, Linear as IntegerLinear};

use std::collections::BTreeMap;

use rayon::prelude::*;
use rten_gemm::GemmExecutor;
use rten_simd::{SimdOp, SimdUnaryOp};
use rten_vecmath::{Gelu, Normalize, NormalizeOptions, Sum, SumSquareSub};
use rust_bert::bert::BertConfig;

use self::attention::attend;
use self::linear::Linear;
use super::backend::LoadError;
use super::weights::{Layer, NORM_EPSILON, Weights};
use crate::model::WeightTensor;

/// Layers and embeddings.
pub(super) struct IntegerTransformer {
    /// Of each word of the vocabulary.
    words: Vec<f32>,
    /// Of each position, the segment's added.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer<Linear, Norm>>,
    /// Size of a vector.
    size: usize,
}

/// What multiplies matrices. Made for each call, which costs nothing: it may not go to another thread.
#[derive(Default)]
struct Kernels {
    integer: Executor,
    float: GemmExecutor<f32>,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl IntegerTransformer {
    /// Builds what the config describes.
    pub(super) fn new(
        config: &BertConfig,
        tensors: &BTreeMap<String, WeightTensor>,
    ) -> Result<Self, LoadError> {
        let weights = Weights::new(config, tensors)?;
        let kernels = Kernels::default();
        let layers = weights.layers(
            |weights, bias| Ok(Linear::new(&kernels.integer, weights, bias)),
            |weight, bias| Ok(Norm::new(weight, bias)),
        )?;
        let (weight, bias) = weights.embedding_norm()?;
        Ok(Self {
            words: weights.words()?.to_vec(),
            positions: weights.positions()?,
            norm: Norm::new(weight, bias),
            layers,
            size: weights.size(),
        })
    }

    /// Last hidden states of each window, tokens × size, on the threads of the calling pool. The ids are within the vocabulary and not more than there
    /// are positions.
    pub(super) fn forward(&self, windows: &[&[i64]]) -> Result<Vec<Vec<f32>>, String> {
        let kernels = Kernels::default();
        windows.par_iter().map(|ids| self.window(&kernels, ids)).collect()
    }

    fn window(&self, kernels: &Kernels, ids: &[i64]) -> Result<Vec<f32>, String> {
        let rows = ids.iter().map(|&id| {
            let start = usize::try_from(id).unwrap_or_default() * self.size;
            self.words.get(start..start + self.size).unwrap_or_default()
        });
        let mut hidden: Vec<f32> = rows.collect::<Vec<_>>().concat();
        add(&mut hidden, &self.positions);
        self.norm.apply(&mut hidden);
        for layer in &self.layers {
            layer.forward(kernels, &mut hidden)?;
        }
        Ok(hidden)
    }
}

impl Layer<Linear, Norm> {
    fn forward(&self, kernels: &Kernels, hidden: &mut [f32]) -> Result<(), String> {
        let size = self.attention_norm.weight.len();
        let parts = self.attention.forward(&kernels.integer, hidden)?;
        let heads = usize::try_from(self.heads).unwrap_or_default();
        let attended = attend(&kernels.float, &parts, heads, size)?;
        add(hidden, &self.attention_output.forward(&kernels.integer, &attended)?);
        self.attention_norm.apply(hidden);
        let mut inner = self.intermediate.forward(&kernels.integer, hidden)?;
        Gelu {}.map_mut(&mut inner);
        add(hidden, &self.output.forward(&kernels.integer, &inner)?);
        self.output_norm.apply(hidden);
        Ok(())
    }
}

impl Norm {
    fn new(weight: &[f32], bias: &[f32]) -> Self {
        Self { weight: weight.to_vec(), bias: bias.to_vec() }
    }

    /// Layer norm of every row.
    fn apply(&self, rows: &mut [f32]) {
        let size = self.weight.len();
        for row in rows.chunks_exact_mut(size) {
            let mean = Sum::new(row).dispatch() / size as f32;
            let variance = SumSquareSub::new(row, mean).dispatch() / size as f32;
            let options = NormalizeOptions {
                pre_scale_bias: mean,
                scale: (variance + NORM_EPSILON as f32).sqrt().recip(),
                element_scale: Some(&self.weight),
                element_bias: Some(&self.bias),
                ..NormalizeOptions::default()
            };
            Normalize::new_mut(row, options).dispatch();
        }
    }
}

/// Adds as many values as there are places.
fn add(values: &mut [f32], more: &[f32]) {
    values.iter_mut().zip(more).for_each(|(value, more)| *value += more);
}
