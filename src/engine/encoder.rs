//! The encoder, fed with batches of windows.

use std::sync::{Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};
use rust_bert::bert::BertConfig;
use tch::{TchError, Tensor, no_grad};

use super::backend::LoadError;
use super::int8::IntegerTransformer;
use super::transformer::Transformer;
use crate::model::{Bundle, Precision};

/// Token vectors of a batch of windows.
#[derive(Debug, Default)]
pub struct TokenVectors {
    /// Of each window, tokens × size; what follows the tokens is padding.
    windows: Vec<Vec<f32>>,
    /// Size of a vector.
    size: usize,
}

impl TokenVectors {
    /// Of windows of vectors of `size` numbers, each window tokens × size.
    pub fn new(windows: Vec<Vec<f32>>, size: usize) -> Self {
        Self { windows, size }
    }

    /// Numbers of a vector.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The vector of a token of a window.
    pub fn token(&self, window: usize, token: usize) -> Option<&[f32]> {
        let start = token * self.size;
        self.windows.get(window)?.get(start..start + self.size)
    }
}

/// The encoder of a bundle, alone.
pub struct Encoder {
    model: Transformers,
    threads: ThreadPool,
    vector_size: usize,
    vocabulary: i64,
    max_positions: usize,
}

enum Transformers {
    /// libtorch's tensors may go from thread to thread, but not be shared.
    F32(Mutex<Transformer>),
    Int8(IntegerTransformer),
}

impl Encoder {
    /// Builds the encoder that the bundle's `config.json` describes from its weights, which have the names of
    /// a Hugging Face checkpoint. All calls together compute on so many threads.
    ///
    /// # Errors
    /// When a file is missing or does not fit.
    pub fn load(bundle: &Bundle, precision: Precision, threads: usize) -> Result<Self, LoadError> {
        let config: BertConfig = serde_json::from_slice(bundle.file("config")?)
            .map_err(|error| LoadError::Model(format!("config: {error}")))?;
        let weights = bundle.weights("encoder")?;
        let model = match precision {
            Precision::F32 => {
                let transformer = no_grad(|| Transformer::new(&config, &weights))?;
                Transformers::F32(Mutex::new(transformer))
            }
            Precision::Int8 => Transformers::Int8(IntegerTransformer::new(&config, &weights)?),
        };
        let pool = ThreadPoolBuilder::new().num_threads(threads.max(1));
        let pool = pool.thread_name(|index| format!("model-{index}")).build();
        Ok(Self {
            model,
            threads: pool.map_err(|error| LoadError::Worker(error.to_string()))?,
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

    /// Runs work on the threads for the model: rayon's and rten's parallel loops stay within them.
    pub(super) fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.threads.install(work)
    }

    /// Encodes windows of token ids. Checks first what would panic or be misread further down.
    ///
    /// # Errors
    /// What is wrong with the ids, or what the libraries say.
    pub fn encode(&self, windows: &[&[i64]]) -> Result<TokenVectors, String> {
        if windows.is_empty() {
            return Ok(TokenVectors { windows: Vec::new(), size: self.vector_size });
        }
        let limit = self.max_positions;
        let lengths = windows.iter().map(|ids| ids.len());
        if let Some(length) = lengths.clone().find(|&length| length == 0 || length > limit) {
            return Err(format!("a window has 1 to {limit} tokens, got {length}"));
        }
        if let Some(id) =
            windows.iter().copied().flatten().find(|&&id| id < 0 || id >= self.vocabulary)
        {
            return Err(format!("token id {id} is outside the vocabulary of {}", self.vocabulary));
        }
        let windows = match &self.model {
            Transformers::Int8(transformer) => self.on_threads(|| transformer.forward(windows))?,
            Transformers::F32(transformer) => {
                let longest = lengths.max().unwrap_or_default();
                let transformer = transformer.lock().unwrap_or_else(PoisonError::into_inner);
                // A setting of the calling thread.
                let threads = self.threads.current_num_threads();
                tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX));
                let forward = || self.padded(&transformer, windows, longest);
                no_grad(forward).map_err(|error| error.to_string())?
            }
        };
        Ok(TokenVectors { windows, size: self.vector_size })
    }

    /// Pads the windows to one length and computes them as one.
    fn padded(
        &self,
        transformer: &Transformer,
        windows: &[&[i64]],
        length: usize,
    ) -> Result<Vec<Vec<f32>>, TchError> {
        let (rows, columns) = (windows.len() as i64, length as i64);
        let ids = windows.iter().flat_map(|ids| {
            let padding = std::iter::repeat_n(0, length - ids.len());
            ids.iter().copied().chain(padding)
        });
        let ids = Tensor::f_from_slice(&ids.collect::<Vec<i64>>())?.f_view([rows, columns])?;
        let mask = windows.iter().flat_map(|ids| {
            let padding = std::iter::repeat_n(f32::NEG_INFINITY, length - ids.len());
            std::iter::repeat_n(0.0, ids.len()).chain(padding)
        });
        let mask = Tensor::f_from_slice(&mask.collect::<Vec<f32>>())?;
        let hidden = transformer.forward(&ids, &mask.f_view([rows, 1, 1, columns])?)?;
        let mut values = vec![0.0_f32; windows.len() * length * self.vector_size];
        let count = values.len();
        hidden.f_copy_data(&mut values, count)?;
        Ok(values.chunks(length * self.vector_size).map(<[f32]>::to_vec).collect())
    }
}
