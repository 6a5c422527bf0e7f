//! A product with weights and a bias: on floats by libtorch, or on 8-bit integers (see [`crate::engine::int8`]).

use rayon::prelude::*;
use tch::{Kind, TchError, Tensor};

use super::weights::Weights;
use crate::engine::int8::{Executor, IntegerLinear};
use crate::model::NumberFormat;

/// A product with weights (outputs × inputs), and a bias.
pub(super) enum Linear {
    Floats {
        /// The weights of so many inputs after so many: one block unless it is [`Linear::for_few_rows`].
        blocks: Vec<Tensor>,
        bias: Option<Tensor>,
    },
    Integers(IntegerLinear),
}

/// For so many rows MKL's single-precision product is several times as fast with weights and input exchanged, which makes
/// it read the weights once; but only up to so many inputs. Measured with MKL of libtorch 2.4.0 on AVX-512: 4 rows of
/// 1,024 by 4,096 outputs in 0.8 ms for 5.3, and with 4,096 inputs 4.4 for 8.2.
const FEW_ROWS: std::ops::RangeInclusive<i64> = 2..=4;
const BLOCK_INPUTS: i64 = 1024;

/// Rows of integers that a thread takes at least. Fewer are left to the product, which divides the outputs.
const ROWS_OF_A_THREAD: usize = 32;

impl Linear {
    /// From weights and bias in the numbers that all weights have.
    pub(super) fn new(
        numbers: NumberFormat,
        weight: Tensor,
        bias: Option<Tensor>,
    ) -> Result<Self, TchError> {
        match numbers {
            NumberFormat::F32 | NumberFormat::Bf16 => {
                Ok(Self::Floats { blocks: vec![weight], bias })
            }
            NumberFormat::Int8 => {
                let outputs = weight.size2()?.0;
                let bias = match bias {
                    Some(bias) => values(&bias)?,
                    None => vec![0.0; usize::try_from(outputs).unwrap_or_default()],
                };
                let linear = IntegerLinear::new(&Executor::default(), &values(&weight)?, bias);
                Ok(Self::Integers(linear))
            }
        }
    }

    /// Laid out for inputs of a few rows, as a decoder has them.
    pub(super) fn for_few_rows(self) -> Self {
        let Self::Floats { blocks, bias } = self else { return self };
        let wide =
            |block: &Tensor| block.size().last().is_some_and(|&inputs| inputs > BLOCK_INPUTS);
        let split = |block: Tensor| -> Vec<Tensor> {
            if block.kind() != Kind::Float || !wide(&block) {
                return vec![block];
            }
            block.split(BLOCK_INPUTS, 1).iter().map(Tensor::contiguous).collect()
        };
        Self::Floats { blocks: blocks.into_iter().flat_map(split).collect(), bias }
    }

    /// The layer of a name, with a bias.
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        from: i64,
        to: i64,
    ) -> Result<Self, TchError> {
        Self::joined(weights, &[name.to_owned()], from, to, true)
    }

    /// Layers that read the same input, as one.
    pub(super) fn joined(
        weights: &Weights,
        names: &[String],
        from: i64,
        to: i64,
        biased: bool,
    ) -> Result<Self, TchError> {
        let (weight, bias) = joined(weights, names, from, to, biased);
        Self::new(weights.numbers(), weight, bias)
    }

    /// Outputs of each row; what the input has before its last dimension stays.
    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::Floats { blocks, bias } => floats(blocks, bias.as_ref(), input),
            Self::Integers(linear) => integers(linear, input),
        }
    }
}

/// Weights and biases of layers that read the same input, one after the other.
pub(super) fn joined(
    weights: &Weights,
    names: &[String],
    from: i64,
    to: i64,
    biased: bool,
) -> (Tensor, Option<Tensor>) {
    let all = |suffix: &str, shape: &[i64]| {
        let mut parts: Vec<Tensor> =
            names.iter().map(|name| weights.tensor(&format!("{name}.{suffix}"), shape)).collect();
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Tensor::cat(&parts, 0)
            }
        }
    };
    (all("weight", &[to, from]), biased.then(|| all("bias", &[to])))
}

fn floats(blocks: &[Tensor], bias: Option<&Tensor>, input: &Tensor) -> Result<Tensor, TchError> {
    let few = input.dim() == 2 && FEW_ROWS.contains(&input.size2()?.0);
    let exchanged = few && input.kind() == Kind::Float;
    if let ([weight], false) = (blocks, exchanged) {
        return input.f_linear(weight, bias);
    }
    let mut sum: Option<Tensor> = None;
    let mut first = 0;
    for block in blocks {
        let inputs = block.size2()?.1;
        let part = input.f_narrow(-1, first, inputs)?;
        first += inputs;
        let product = if exchanged {
            block.f_mm(&part.f_tr()?)?.f_tr()?
        } else {
            part.f_linear(block, None::<&Tensor>)?
        };
        sum = Some(match sum {
            Some(sum) => sum.f_add(&product)?,
            None => product,
        });
    }
    let sum = sum.unwrap_or_else(|| input.shallow_clone());
    let sum = match bias {
        Some(bias) => sum.f_add(bias)?,
        None => sum,
    };
    sum.f_contiguous()
}

/// On the threads of the calling pool.
fn integers(linear: &IntegerLinear, input: &Tensor) -> Result<Tensor, TchError> {
    let rows = values(input)?;
    let count = rows.len() / linear.inputs().max(1);
    let of_a_thread = count.div_ceil(rayon::current_num_threads()).max(ROWS_OF_A_THREAD);
    let product = |rows: &[f32]| linear.forward(&Executor::default(), rows);
    let outputs = if of_a_thread < count {
        let parts = rows.par_chunks(of_a_thread * linear.inputs()).map(product);
        parts.collect::<Result<Vec<_>, _>>().map(|parts| parts.concat())
    } else {
        product(&rows)
    };
    let mut shape = input.size();
    if let Some(last) = shape.last_mut() {
        *last = linear.outputs() as i64;
    }
    Tensor::f_from_slice(&outputs.map_err(TchError::Torch)?)?.f_view(shape.as_slice())
}

/// Numbers of a tensor in single precision, row by row.
fn values(tensor: &Tensor) -> Result<Vec<f32>, TchError> {
    Vec::try_from(tensor.f_reshape([-1])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(rows: i64, columns: i64) -> Tensor {
        Tensor::randn([rows, columns], tch::kind::FLOAT_CPU)
    }

    #[test]
    fn few_rows_are_computed_as_many_are() {
        let (weight, bias) = (random(7, 2 * BLOCK_INPUTS + 5), random(1, 7).view([-1]));
        let floats =
            Linear::new(NumberFormat::F32, weight.shallow_clone(), Some(bias.shallow_clone()));
        let linear = floats.expect("linear").for_few_rows();
        assert!(matches!(&linear, Linear::Floats { blocks, .. } if blocks.len() == 3));
        for rows in [1, 2, 4, 5] {
            let input = random(rows, 2 * BLOCK_INPUTS + 5);
            let found = linear.forward(&input).expect("product");
            let expected = input.linear(&weight, Some(&bias));
            assert!(
                found.is_contiguous() && found.allclose(&expected, 1e-4, 1e-3, false),
                "{rows} rows"
            );
        }
    }

    #[test]
    fn integers_keep_the_shape_and_are_close_to_floats() {
        tch::manual_seed(1);
        let (weight, bias) = (random(9, 500), random(1, 9).view([-1]));
        let linear =
            Linear::new(NumberFormat::Int8, weight.shallow_clone(), Some(bias.shallow_clone()));
        let linear = linear.expect("linear");
        // More rows than a thread takes, seen through a view that is not contiguous.
        let input = random(500, 3 * 40).transpose(0, 1).reshape([3, 40, 500]);
        let (found, exact) =
            (linear.forward(&input).expect("product"), input.linear(&weight, Some(&bias)));
        assert_eq!(found.size(), [3, 40, 9]);
        // 500 products of numbers near 1 whose errors are half a step: 3/63 where sums may overflow, and 8/255.
        let farthest = (&found - &exact).abs().max().double_value(&[]);
        assert!(farthest < 2.0, "{farthest}");
        let first = linear.forward(&input.get(0).narrow(0, 0, 1)).expect("product");
        assert!(first.equal(&found.get(0).narrow(0, 0, 1)), "a row depends on the others");
    }
}
