//! Linear layers on 8-bit integers.
//!
//! Weights are scaled once: w ≈ s q, one s for each output and group of inputs, q in -127..=127. Inputs are
//! scaled anew for each token and group: x ≈ t (u - z), u in 0..=255. The product of the integers is
//! exact, so a token's output depends on nothing but the token:
//!
//! ```text
//! y = bias + Σ over groups  s t (Σ q u - z Σ q)
//! ```
//!
//! (rten-gemm 0.27 would take z itself, but its products are wrong where rows have different ones and fill
//! more than a tile.)
//!
//! Groups keep a few large inputs (after GELU there are some) from making all others coarse.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::{Isa, SimdOp};
use rten_tensor::NdTensorView;
use rten_vecmath::{ExtendInit, MinMax, Quantize};

/// Most inputs that share a scale: those of MiniLM's hidden states.
const GROUP: usize = 384;

/// A linear layer.
pub(in crate::engine) struct Linear {
    groups: Vec<Group>,
    bias: Vec<f32>,
    inputs: usize,
}

/// The weights of some inputs.
struct Group {
    weights: PackedBMatrix<i8>,
    /// One for each output.
    scales: Vec<f32>,
    /// Σ q of each output.
    totals: Vec<i32>,
    /// How many inputs.
    inputs: usize,
}

/// Rows of a group of inputs as integers.
struct Quantised {
    values: Vec<u8>,
    zeros: Vec<i32>,
    scales: Vec<f32>,
}

/// What multiplies. To make one costs nothing.
pub(in crate::engine) type Executor = GemmExecutor<u8, i8, i32>;

impl Linear {
    /// From weights, outputs × inputs, and one bias for each output.
    pub(in crate::engine) fn new(executor: &Executor, weights: &[f32], bias: Vec<f32>) -> Self {
        let inputs = weights.len() / bias.len().max(1);
        let starts = (0..inputs).step_by(GROUP);
        let groups = starts.map(|start| {
            let end = inputs.min(start + GROUP);
            let rows = weights.chunks_exact(inputs).filter_map(|row| row.get(start..end));
            Group::new(executor, &rows.collect::<Vec<_>>())
        });
        Self { groups: groups.collect(), bias, inputs }
    }

    /// Size of a row of inputs.
    pub(in crate::engine) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Size of a row of outputs.
    pub(in crate::engine) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Outputs of all rows, tokens × outputs.
    pub(in crate::engine) fn forward(
        &self,
        executor: &Executor,
        rows: &[f32],
    ) -> Result<Vec<f32>, String> {
        let (count, outputs) = (rows.len() / self.inputs, self.outputs());
        let mut result = self.bias.repeat(count);
        let mut sums = vec![0_i32; count * outputs];
        let mut start = 0;
        for group in &self.groups {
            let parts = rows.chunks_exact(self.inputs);
            let parts = parts.filter_map(|row| row.get(start..start + group.inputs));
            let quantised = Quantised::new(parts, count * group.inputs);
            group.product(executor, &quantised, &mut sums)?;
            let rows = result.chunks_exact_mut(outputs).zip(sums.chunks_exact(outputs));
            for (((out, sums), &scale), &zero) in rows.zip(&quantised.scales).zip(&quantised.zeros)
            {
                Dequantise { group, sums, scale, zero, out }.dispatch();
            }
            start += group.inputs;
        }
        Ok(result)
    }
}

impl Group {
    /// `rows`: the weights of each output.
    fn new(executor: &Executor, rows: &[&[f32]]) -> Self {
        // Without instructions for it, sums of two products may overflow 16 bits.
        let largest = if executor.may_saturate() { 63.0 } else { 127.0 };
        let scale = |row: &&[f32]| {
            let extreme = row.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
            extreme.max(f32::MIN_POSITIVE) / largest
        };
        let scales: Vec<f32> = rows.iter().map(scale).collect();
        let values = rows
            .iter()
            .zip(&scales)
            .flat_map(|(row, &scale)| row.iter().map(move |weight| (weight / scale).round() as i8));
        let values: Vec<i8> = values.collect();
        let (outputs, inputs) = (rows.len(), values.len() / rows.len().max(1));
        let by_output = NdTensorView::from_data([outputs, inputs], values.as_slice());
        let weights = executor.prepack_b(by_output.transposed());
        let rows = values.chunks_exact(inputs.max(1));
        let totals = rows.map(|row| row.iter().map(|&weight| i32::from(weight)).sum());
        Self { weights, scales, totals: totals.collect(), inputs }
    }

    fn product(
        &self,
        executor: &Executor,
        rows: &Quantised,
        sums: &mut [i32],
    ) -> Result<(), String> {
        let values =
            NdTensorView::from_data([rows.scales.len(), self.inputs], rows.values.as_slice());
        let (a, b) = (GemmInputA::Unpacked(values), GemmInputB::Packed(&self.weights));
        executor.gemm(sums, a, b, GemmOptions::default()).map_err(|error| error.to_string())
    }
}

impl Quantised {
    /// Scales each row by itself; 0 stays 0. `size` values in all.
    fn new<'r>(rows: impl Iterator<Item = &'r [f32]>, size: usize) -> Self {
        let mut quantised =
            Self { values: Vec::with_capacity(size), zeros: Vec::new(), scales: Vec::new() };
        for row in rows {
            let (least, most) = MinMax::new(row).dispatch();
            let (least, most) = (least.min(0.0), most.max(0.0));
            let scale = (most - least).max(f32::MIN_POSITIVE) / f32::from(u8::MAX);
            let zero = (-least / scale).round() as u8;
            quantised.values.extend_init(|spare| {
                let (dest, _) = spare.split_at_mut(row.len());
                Quantize::new(row, dest, scale.recip(), zero).dispatch()
            });
            quantised.zeros.push(i32::from(zero));
            quantised.scales.push(scale);
        }
        quantised
    }
}

/// Adds `s t (Σ q u - z Σ q)` to the outputs of a row.
struct Dequantise<'r> {
    group: &'r Group,
    /// Σ q u of each output.
    sums: &'r [i32],
    /// t of the row.
    scale: f32,
    /// z of the row.
    zero: i32,
    out: &'r mut [f32],
}

impl SimdOp for Dequantise<'_> {
    type Output = ();

    /// A plain loop: it is compiled anew for each instruction set that it may be dispatched to.
    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let weights = self.group.scales.iter().zip(&self.group.totals);
        for ((out, &sum), (&scale, &total)) in self.out.iter_mut().zip(self.sums).zip(weights) {
            *out += (sum - self.zero * total) as f32 * (self.scale * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn outputs_are_close_to_exact_ones(
            weights in prop::collection::vec(-1.0..1.0_f32, 3 * 500),
            rows in prop::collection::vec(-4.0..9.0_f32, 2 * 500),
        ) {
            let executor = Executor::default();
            let bias = vec![0.5, -0.5, 0.0];
            let linear = Linear::new(&executor, &weights, bias.clone());
            let found = linear.forward(&executor, &rows).expect("product");
            for (row, found) in rows.chunks(500).zip(found.chunks(3)) {
                for ((weights, bias), found) in weights.chunks(500).zip(&bias).zip(found) {
                    let exact: f32 = bias + row.iter().zip(weights).map(|(x, w)| x * w).sum::<f32>();
                    // 500 products of numbers with errors of half a step, 13/255 and 1/127.
                    prop_assert!((exact - found).abs() < 3.0, "{exact} {found}");
                }
            }
        }

        // More rows than the kernels take at once, with zeros of their own.
        #[test]
        fn a_row_is_the_same_alone(rows in prop::collection::vec(-4.0..9.0_f32, 150 * 40)) {
            let executor = Executor::default();
            let weights: Vec<f32> = (0..40 * 5).map(|n| (n as f32).sin()).collect();
            let linear = Linear::new(&executor, &weights, vec![0.0; 5]);
            let together = linear.forward(&executor, &rows).expect("product");
            for (row, expected) in rows.chunks(40).zip(together.chunks(5)) {
                prop_assert_eq!(&linear.forward(&executor, row).expect("product"), expected);
            }
        }
    }
}
