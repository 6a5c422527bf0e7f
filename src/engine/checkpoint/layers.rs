//! What transformers are made of, on libtorch's fused operators.

use tch::{Kind, TchError, Tensor};

use super::settings::Settings;
use super::weights::Weights;
use crate::engine::backend::LoadError;

/// A product with weights (outputs × inputs), and a bias.
pub(super) struct Linear {
    /// The weights of so many inputs after so many: one block unless it is [`Linear::for_few_rows`].
    blocks: Vec<Tensor>,
    bias: Option<Tensor>,
}

/// For so many rows MKL's single-precision product is several times as fast with weights and input exchanged, which makes
/// it read the weights once; but only up to so many inputs. Measured with MKL of libtorch 2.4.0 on AVX-512: 4 rows of
/// 1,024 by 4,096 outputs in 0.8 ms for 5.3, and with 4,096 inputs 4.4 for 8.2.
const FEW_ROWS: std::ops::RangeInclusive<i64> = 2..=4;
const BLOCK_INPUTS: i64 = 1024;

impl Linear {
    pub(super) fn new(weight: Tensor, bias: Option<Tensor>) -> Self {
        Self { blocks: vec![weight], bias }
    }

    /// Laid out for inputs of a few rows, as a decoder has them.
    pub(super) fn for_few_rows(self) -> Self {
        let wide =
            |block: &Tensor| block.size().last().is_some_and(|&inputs| inputs > BLOCK_INPUTS);
        let split = |block: Tensor| -> Vec<Tensor> {
            if block.kind() != Kind::Float || !wide(&block) {
                return vec![block];
            }
            block.split(BLOCK_INPUTS, 1).iter().map(Tensor::contiguous).collect()
        };
        Self { blocks: self.blocks.into_iter().flat_map(split).collect(), bias: self.bias }
    }

    /// The layer of a name, with a bias.
    pub(super) fn load(weights: &Weights, name: &str, from: i64, to: i64) -> Self {
        Self::joined(weights, &[name.to_owned()], from, to, true)
    }

    /// Layers that read the same input, as one.
    pub(super) fn joined(
        weights: &Weights,
        names: &[String],
        from: i64,
        to: i64,
        biased: bool,
    ) -> Self {
        let all = |suffix: &str, shape: &[i64]| {
            let mut parts: Vec<Tensor> = names
                .iter()
                .map(|name| weights.tensor(&format!("{name}.{suffix}"), shape))
                .collect();
            match parts.pop() {
                Some(only) if parts.is_empty() => only,
                last => {
                    parts.extend(last);
                    Tensor::cat(&parts, 0)
                }
            }
        };
        Self::new(all("weight", &[to, from]), biased.then(|| all("bias", &[to])))
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let few = input.dim() == 2 && FEW_ROWS.contains(&input.size2()?.0);
        let exchanged = few && input.kind() == Kind::Float;
        if let ([weight], false) = (self.blocks.as_slice(), exchanged) {
            return input.f_linear(weight, self.bias.as_ref());
        }
        let mut sum: Option<Tensor> = None;
        let mut first = 0;
        for block in &self.blocks {
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
        let sum = match &self.bias {
            Some(bias) => sum.f_add(bias)?,
            None => sum,
        };
        sum.f_contiguous()
    }
}

/// What brings hidden states back to one scale.
pub(super) enum Norm {
    /// By mean and variance.
    Layer { weight: Tensor, bias: Tensor, epsilon: f64 },
    /// By the root of the mean square, as T5 does.
    Root { weight: Tensor, epsilon: f64 },
}

impl Norm {
    pub(super) fn layer(weights: &Weights, name: &str, size: i64, epsilon: f64) -> Self {
        let part = |part: &str| weights.tensor(&format!("{name}.{part}"), &[size]);
        Self::Layer { weight: part("weight"), bias: part("bias"), epsilon }
    }

    pub(super) fn root(weights: &Weights, name: &str, size: i64, epsilon: f64) -> Self {
        Self::Root { weight: weights.tensor(&format!("{name}.weight"), &[size]), epsilon }
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::Layer { weight, bias, epsilon } => {
                input.f_layer_norm(weight.size(), Some(weight), Some(bias), *epsilon, false)
            }
            Self::Root { weight, epsilon } => {
                // The square is taken in single precision whatever the format.
                let wide = input.f_to_kind(Kind::Float)?;
                let square = wide.f_square()?.f_mean_dim([-1].as_slice(), true, Kind::Float)?;
                let scaled = wide.f_mul(&square.f_add_scalar(*epsilon)?.f_rsqrt()?)?;
                scaled.f_to_kind(input.kind())?.f_mul(weight)
            }
        }
    }
}

/// Where the norms of a layer stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NormPlace {
    /// Before what they belong to: Pegasus, T5.
    Before,
    /// After the sum with what came in: BART, BERT.
    After,
}

impl NormPlace {
    /// What came in plus what `part` makes of it, normed at its place.
    pub(super) fn around(
        self,
        input: &Tensor,
        norm: &Norm,
        part: impl FnOnce(&Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Tensor, TchError> {
        match self {
            Self::Before => input.f_add(&part(&norm.forward(input)?)?),
            Self::After => norm.forward(&input.f_add(&part(input)?)?),
        }
    }
}

/// The function between two linear layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    Gelu,
    /// GELU by its approximation with tanh.
    GeluTanh,
    Relu,
    Silu,
    Tanh,
}

impl Activation {
    /// The function under a key of a config.
    pub(super) fn read(settings: &Settings, key: &str, default: &str) -> Result<Self, LoadError> {
        let name = settings.or(key, default.to_owned())?;
        Self::named(&name)
            .ok_or_else(|| LoadError::Model(format!("config.json: {key} \"{name}\" is not known")))
    }

    /// The function that transformers calls so.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gelu" => Self::Gelu,
            "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Self::GeluTanh,
            "relu" => Self::Relu,
            "silu" | "swish" => Self::Silu,
            "tanh" => Self::Tanh,
            _ => return None,
        })
    }

    pub(super) fn forward(self, input: &Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::Gelu => input.f_gelu("none"),
            Self::GeluTanh => input.f_gelu("tanh"),
            Self::Relu => input.f_relu(),
            Self::Silu => input.f_silu(),
            Self::Tanh => input.f_tanh(),
        }
    }
}

/// What follows attention in a layer.
pub(super) struct FeedForward {
    inner: Linear,
    /// T5 1.1 and Flan-T5: what the activated inner states are multiplied with.
    gate: Option<Linear>,
    outer: Linear,
    activation: Activation,
}

impl FeedForward {
    pub(super) fn new(
        inner: Linear,
        gate: Option<Linear>,
        outer: Linear,
        activation: Activation,
    ) -> Self {
        Self { inner, gate, outer, activation }
    }

    /// Laid out for inputs of a few rows, as a decoder has them.
    pub(super) fn for_few_rows(self) -> Self {
        let [inner, outer] = [self.inner, self.outer].map(Linear::for_few_rows);
        Self {
            inner,
            gate: self.gate.map(Linear::for_few_rows),
            outer,
            activation: self.activation,
        }
    }

    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let inner = self.activation.forward(&self.inner.forward(input)?)?;
        let inner = match &self.gate {
            Some(gate) => inner.f_mul(&gate.forward(input)?)?,
            None => inner,
        };
        self.outer.forward(&inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_computed_as_many_are() {
        let random = |rows, columns| Tensor::randn([rows, columns], tch::kind::FLOAT_CPU);
        let (weight, bias) = (random(7, 2 * BLOCK_INPUTS + 5), random(1, 7).view([-1]));
        let linear = Linear::new(weight.shallow_clone(), Some(bias.shallow_clone())).for_few_rows();
        assert_eq!(linear.blocks.len(), 3);
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
}
