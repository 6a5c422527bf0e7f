//! BERT's forward pass on 8-bit integers.
//!
//! Processors with instructions for it (AVX-512 VNNI) multiply 8-bit integers four times as fast as floats. Every linear layer runs on them
//! (see [`linear`]); attention, layer norms and residuals stay in single precision. Windows are
//! computed each by itself, in parallel, so nothing is padded and the result for a window does not
//! depend on the batch.

mod attention;
mod linear;

use std::collections::BTreeMap;

use rayon::prelude::*;
use rten_gemm::GemmExecutor;
use rten_simd::{SimdOp, SimdUnaryOp};
use rten_vecmath::{Gelu, Normalize, NormalizeOptions, Sum, SumSquareSub};
use rust_bert::bert::BertConfig;

use self::attention::attend;
use self::linear::{Executor, Linear};
use super::backend::LoadError;
use super::weights::{NORM_EPSILON, Weights};
use crate::model::WeightTensor;

/// Layers and embeddings.
pub(super) struct IntegerTransformer {
    /// Of each word of the vocabulary.
    words: Vec<f32>,
    /// Position and segment, which is always the first, added up.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    kernels: Kernels,
    /// Size of a vector.
    size: usize,
    threads: rayon::ThreadPool,
}

/// What multiplies matrices.
#[derive(Default)]
struct Kernels {
    integer: Executor,
    float: GemmExecutor<f32>,
}

struct Layer {
    heads: usize,
    /// Queries, keys and values in one product.
    attention: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl IntegerTransformer {
    /// Builds what the config describes, to run on `threads` threads.
    pub(super) fn new(
        config: &BertConfig,
        tensors: &BTreeMap<String, WeightTensor>,
        threads: usize,
    ) -> Result<Self, LoadError> {
        let weights = Weights::new(config, tensors)?;
        let kernels = Kernels::default();
        let size = weights.size;
        let mut positions =
            weights.embeddings("position", config.max_position_embeddings)?.to_vec();
        let segments = weights.embeddings("token_type", config.type_vocab_size)?;
        for position in positions.chunks_exact_mut(size) {
            position.iter_mut().zip(segments).for_each(|(value, segment)| *value += segment);
        }
        let layers = (0..config.num_hidden_layers).map(|index| {
            Layer::new(&weights, &format!("encoder.layer.{index}"), config, &kernels.integer)
        });
        let threads = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1));
        let threads = threads.thread_name(|index| format!("encoder-{index}"));
        Ok(Self {
            words: weights.embeddings("word", config.vocab_size)?.to_vec(),
            positions,
            norm: Norm::new(&weights, "embeddings.LayerNorm")?,
            layers: layers.collect::<Result<_, _>>()?,
            kernels,
            size,
            threads: threads.build().map_err(|error| LoadError::Worker(error.to_string()))?,
        })
    }

    /// Last hidden states of each window, tokens × size. The ids are within the vocabulary and not more than there
    /// are positions.
    pub(super) fn forward(&self, windows: &[Vec<i64>]) -> Result<Vec<Vec<f32>>, String> {
        self.threads.install(|| windows.par_iter().map(|ids| self.window(ids)).collect())
    }

    fn window(&self, ids: &[i64]) -> Result<Vec<f32>, String> {
        let rows = ids.iter().map(|&id| {
            let start = usize::try_from(id).unwrap_or_default() * self.size;
            self.words.get(start..start + self.size).unwrap_or_default()
        });
        let mut hidden: Vec<f32> = rows.collect::<Vec<_>>().concat();
        add(&mut hidden, &self.positions);
        self.norm.apply(&mut hidden);
        for layer in &self.layers {
            layer.forward(&self.kernels, &mut hidden)?;
        }
        Ok(hidden)
    }
}

impl Layer {
    fn new(
        weights: &Weights<'_>,
        prefix: &str,
        config: &BertConfig,
        executor: &Executor,
    ) -> Result<Self, LoadError> {
        let (size, inner) = (config.hidden_size, config.intermediate_size);
        let linear = |names: &[String], from: i64, to: i64| {
            let (weights, bias) = weights.linear(names, from, to)?;
            Ok::<_, LoadError>(Linear::new(executor, &weights, bias))
        };
        let named = |name: &str| [format!("{prefix}.{name}")];
        let attention = ["query", "key", "value"].map(|n| format!("{prefix}.attention.self.{n}"));
        Ok(Self {
            heads: usize::try_from(config.num_attention_heads).unwrap_or_default(),
            attention: linear(&attention, size, size)?,
            attention_output: linear(&named("attention.output.dense"), size, size)?,
            attention_norm: Norm::new(weights, &format!("{prefix}.attention.output.LayerNorm"))?,
            intermediate: linear(&named("intermediate.dense"), size, inner)?,
            output: linear(&named("output.dense"), inner, size)?,
            output_norm: Norm::new(weights, &format!("{prefix}.output.LayerNorm"))?,
        })
    }

    fn forward(&self, kernels: &Kernels, hidden: &mut [f32]) -> Result<(), String> {
        let size = self.attention_norm.weight.len();
        let parts = self.attention.forward(&kernels.integer, hidden)?;
        let attended = attend(&kernels.float, &parts, self.heads, size)?;
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
    fn new(weights: &Weights<'_>, name: &str) -> Result<Self, LoadError> {
        let (weight, bias) = weights.norm(name)?;
        Ok(Self { weight: weight.to_vec(), bias: bias.to_vec() })
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
