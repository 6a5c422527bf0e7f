//! What transformers are made of, on libtorch's fused operators.

use tch::{Kind, TchError, Tensor};

use super::linear::Linear;
use super::settings::Settings;
use super::weights::Weights;
use crate::engine::backend::LoadError;

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
