//! The encoder: rust-bert's BERT, fed with batches of windows.

use std::collections::BTreeMap;

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Device, Tensor, nn, no_grad};

use super::backend::LoadError;
use crate::model::WeightTensor;

/// Token vectors of a batch of windows.
#[derive(Debug)]
pub(super) struct TokenVectors {
    /// Tokens that every window is padded to.
    length: usize,
    /// Size of a vector.
    size: usize,
    /// Row-major, windows × tokens × size.
    values: Vec<f32>,
}

impl TokenVectors {
    /// The vector of a token of a window.
    pub(super) fn token(&self, window: usize, token: usize) -> Option<&[f32]> {
        let start = (window * self.length + token) * self.size;
        self.values.get(start..start + self.size)
    }
}

/// A BERT encoder.
pub(super) struct Encoder {
    model: BertModel<BertEmbeddings>,
    vector_size: usize,
    vocabulary: i64,
    max_positions: usize,
}

impl Encoder {
    /// Builds the encoder that a Hugging Face `config.json` describes and fills it with weights under
    /// the names of a Hugging Face checkpoint.
    pub(super) fn new(
        config: &[u8],
        weights: &BTreeMap<String, WeightTensor>,
    ) -> Result<Self, LoadError> {
        let config: BertConfig = serde_json::from_slice(config)
            .map_err(|error| LoadError::Model(format!("config: {error}")))?;
        let mut variables = nn::VarStore::new(Device::Cpu);
        // The pooler on the first token is not used: sentences are pooled from their own tokens.
        let model = BertModel::new_with_optional_pooler(variables.root(), &config, false);
        for (name, mut variable) in variables.variables() {
            let weight = weights
                .get(&name)
                .ok_or_else(|| LoadError::Model(format!("the weights lack {name}")))?;
            let shape: Vec<i64> = weight.shape.iter().map(|&size| size as i64).collect();
            if shape != variable.size() {
                let expected = variable.size();
                let problem = format!("{name} has the shape {shape:?}, expected {expected:?}");
                return Err(LoadError::Model(problem));
            }
            let source = Tensor::f_from_slice(&weight.values)?.f_view(shape.as_slice())?;
            no_grad(|| variable.f_copy_(&source))?;
        }
        variables.freeze();
        Ok(Self {
            model,
            vector_size: usize::try_from(config.hidden_size).unwrap_or_default(),
            vocabulary: config.vocab_size,
            max_positions: usize::try_from(config.max_position_embeddings).unwrap_or_default(),
        })
    }

    /// Size of a token vector.
    pub(super) fn vector_size(&self) -> usize {
        self.vector_size
    }

    /// Most tokens of a window, the special ones included.
    pub(super) fn max_positions(&self) -> usize {
        self.max_positions
    }

    /// Encodes windows of token ids, padded to the longest. Checks first what would panic in
    /// libtorch.
    pub(super) fn encode(&self, windows: &[Vec<i64>]) -> Result<TokenVectors, String> {
        let length = windows.iter().map(Vec::len).max().unwrap_or_default();
        if length == 0 || length > self.max_positions {
            let limit = self.max_positions;
            return Err(format!("a window has 1 to {limit} tokens, got {length}"));
        }
        if let Some(id) = windows.iter().flatten().find(|&&id| id < 0 || id >= self.vocabulary) {
            return Err(format!("token id {id} is outside the vocabulary of {}", self.vocabulary));
        }
        let hidden = no_grad(|| self.forward(windows, length))?;
        let mut values = vec![0.0_f32; windows.len() * length * self.vector_size];
        let count = values.len();
        hidden.f_copy_data(&mut values, count).map_err(|error| error.to_string())?;
        Ok(TokenVectors { length, size: self.vector_size, values })
    }

    /// Last hidden states, windows × length × size.
    fn forward(&self, windows: &[Vec<i64>], length: usize) -> Result<Tensor, String> {
        let padded = |fill: &dyn Fn(&[i64]) -> Vec<i64>| {
            let rows: Vec<i64> = windows
                .iter()
                .flat_map(|window| {
                    let mut row = fill(window);
                    row.resize(length, 0);
                    row
                })
                .collect();
            Tensor::f_from_slice(&rows)
                .and_then(|rows| rows.f_view([windows.len() as i64, length as i64]))
                .map_err(|error| error.to_string())
        };
        let ids = padded(&<[i64]>::to_vec)?;
        let mask = padded(&|window| vec![1; window.len()])?;
        self.model
            .forward_t(Some(&ids), Some(&mask), None, None, None, None, None, false)
            .map(|output| output.hidden_state)
            .map_err(|error| error.to_string())
    }
}
