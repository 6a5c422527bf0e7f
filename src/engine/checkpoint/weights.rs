//! The tensors of a checkpoint, by their names.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use crate::engine::backend::LoadError;
use crate::model::NumberFormat;

/// Tensors of all weight files. What is missing or has another shape is noted when it is asked for, so that all
/// of it is told at once: see [`Weights::check`].
pub(super) struct Weights {
    tensors: HashMap<String, Tensor>,
    numbers: NumberFormat,
    problems: RefCell<Vec<String>>,
}

/// So many problems are told; a wrong checkpoint has hundreds.
const MOST_PROBLEMS: usize = 8;

impl Weights {
    pub(super) fn read(files: &[PathBuf], numbers: NumberFormat) -> Result<Self, LoadError> {
        let mut tensors = HashMap::new();
        for file in files {
            tensors.extend(Tensor::read_safetensors(file)?);
        }
        Ok(Self { tensors, numbers, problems: RefCell::default() })
    }

    /// What matrix products are computed with.
    pub(super) fn numbers(&self) -> NumberFormat {
        self.numbers
    }

    /// What all else is computed in.
    pub(super) fn kind(&self) -> Kind {
        match self.numbers {
            NumberFormat::F32 | NumberFormat::Int8 => Kind::Float,
            NumberFormat::Bf16 => Kind::BFloat16,
        }
    }

    fn note(&self, problem: String) {
        self.problems.borrow_mut().push(problem);
    }

    /// A tensor under its name. The first checkpoints call weight and bias of a norm gamma and beta.
    fn find(&self, name: &str) -> Option<&Tensor> {
        let old = || match name.rsplit_once('.') {
            Some((path, "weight")) => self.tensors.get(&format!("{path}.gamma")),
            Some((path, "bias")) => self.tensors.get(&format!("{path}.beta")),
            _ => None,
        };
        self.tensors.get(name).or_else(old)
    }

    /// The first tensor found under these names, which are those of one tensor that several layers share.
    pub(super) fn any(&self, names: &[&str], shape: &[i64]) -> Tensor {
        let found = names.iter().find_map(|name| Some((name, self.find(name)?)));
        let Some((name, tensor)) = found else {
            self.note(format!("no tensor {}", names.join(" or ")));
            return Tensor::zeros(shape, (self.kind(), Device::Cpu));
        };
        if tensor.size() != shape {
            self.note(format!("{name} has the shape {:?}, expected {shape:?}", tensor.size()));
            return Tensor::zeros(shape, (self.kind(), Device::Cpu));
        }
        tensor.to_kind(self.kind())
    }

    /// A tensor that must be there.
    pub(super) fn tensor(&self, name: &str, shape: &[i64]) -> Tensor {
        self.any(&[name], shape)
    }

    /// A tensor that need not be there.
    pub(super) fn maybe(&self, name: &str, shape: &[i64]) -> Option<Tensor> {
        self.tensors.contains_key(name).then(|| self.tensor(name, shape))
    }

    /// Gives the variables of a rust-bert model the tensors of their names, or of the names that `other` tells; not
    /// those that were made empty.
    pub(super) fn fill<'n>(&self, store: &VarStore, other: impl Fn(&str) -> &'n [&'n str]) {
        let variables = store.variables().into_iter().filter(|(_, variable)| variable.numel() > 0);
        for (name, mut variable) in variables {
            let names: Vec<&str> =
                std::iter::once(name.as_str()).chain(other(&name).iter().copied()).collect();
            let tensor = self.any(&names, &variable.size());
            variable.set_data(&tensor);
        }
    }

    /// # Errors
    /// What was missing or had another shape.
    pub(super) fn check(&self) -> Result<(), LoadError> {
        let mut problems = self.problems.borrow().clone();
        problems.sort_unstable();
        problems.dedup();
        if problems.is_empty() {
            return Ok(());
        }
        let more = problems.len().saturating_sub(MOST_PROBLEMS);
        problems.truncate(MOST_PROBLEMS);
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        Err(LoadError::Model(format!("weights: {}{more}", problems.join("; "))))
    }
}
