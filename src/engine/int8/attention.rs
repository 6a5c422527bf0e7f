//! Self-attention of one window, in single precision.

use rayon::prelude::*;
use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_simd::SimdOp;
use rten_tensor::{NdTensorView, TensorBase};
use rten_vecmath::Softmax;

/// Attends with each head; tokens × size. `parts`: tokens × (queries, keys, values) × heads × part.
pub(super) fn attend(
    kernel: &GemmExecutor<f32>,
    parts: &[f32],
    heads: usize,
    size: usize,
) -> Result<Vec<f32>, String> {
    let tokens = parts.len() / (3 * size);
    let part = size / heads;
    let of_heads: Vec<Vec<f32>> = (0..heads)
        .into_par_iter()
        .map(|head| attend_with(kernel, parts, head * part, (tokens, size, part)))
        .collect::<Result<_, _>>()?;
    let mut attended = vec![0.0; tokens * size];
    for (head, values) in of_heads.iter().enumerate() {
        let rows = attended.chunks_exact_mut(size).zip(values.chunks_exact(part));
        for (row, values) in rows {
            let places = row.iter_mut().skip(head * part);
            places.zip(values).for_each(|(place, value)| *place = *value);
        }
    }
    Ok(attended)
}

/// softmax(q kᵀ / √part) v of the head whose queries start at `start` in each row.
fn attend_with(
    kernel: &GemmExecutor<f32>,
    parts: &[f32],
    start: usize,
    (tokens, size, part): (usize, usize, usize),
) -> Result<Vec<f32>, String> {
    let row = 3 * size;
    let matrix = |offset: usize, shape: [usize; 2], strides: [usize; 2]| {
        let values = parts.get(start + offset..).unwrap_or_default();
        NdTensorView::from_slice_with_strides(shape, values, strides).map_err(|e| e.to_string())
    };
    let queries = matrix(0, [tokens, part], [row, 1])?;
    let keys = matrix(size, [part, tokens], [1, row])?;
    let values = matrix(2 * size, [tokens, part], [row, 1])?;

    let mut weights = vec![0.0; tokens * tokens];
    let alpha = (part as f32).sqrt().recip();
    let options = GemmOptions { alpha, ..GemmOptions::default() };
    let (a, b) = (GemmInputA::Unpacked(queries), GemmInputB::Unpacked(keys));
    kernel.gemm(&mut weights, a, b, options).map_err(|error| error.to_string())?;
    for row in weights.chunks_exact_mut(tokens) {
        Softmax::new_mut(row).dispatch();
    }
    let mut attended = vec![0.0; tokens * part];
    let weights = TensorBase::from_data([tokens, tokens], weights.as_slice());
    let (a, b) = (GemmInputA::Unpacked(weights), GemmInputB::Unpacked(values));
    kernel.gemm(&mut attended, a, b, GemmOptions::default()).map_err(|error| error.to_string())?;
    Ok(attended)
}
