//! The public checkpoints of a server, loaded and at work.

use std::collections::BTreeMap;

use super::backend::LoadError;
use super::entailer::Entailer;
use super::line::LineRule;
use super::summariser::Summariser;
use super::turn::Turn;
use crate::model::{Checkpoint, NumberFormat, Task};

/// Checkpoints by id. Clones share them; their threads end when the last clone is dropped.
#[derive(Clone, Default)]
pub struct Checkpoints {
    summarisers: BTreeMap<String, Summariser>,
    entailers: BTreeMap<String, Entailer>,
}

/// Orders that may wait for each place in the house: those of callers who left stay until the model looks.
const ROOM_FOR_LEAVERS: usize = 8;

/// How checkpoints work.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointOptions {
    /// Threads that compute at once; of all checkpoints only one computes at a time.
    pub threads: usize,
    /// Most tokens of a batch, padding and what is to be written included.
    pub batch_tokens: usize,
    /// Places in the house.
    pub capacity: usize,
}

/// Threads that libtorch may use for a checkpoint that has so many: they spin between two operators, and would hold up
/// those that multiply integers.
pub fn torch_threads(numbers: NumberFormat, threads: usize) -> usize {
    match numbers {
        NumberFormat::Int8 => 1,
        NumberFormat::F32 | NumberFormat::Bf16 => threads,
    }
}

impl Checkpoints {
    /// Loads checkpoints. Takes as long as reading their files.
    ///
    /// # Errors
    /// The first that cannot be loaded, by its id.
    pub fn load<'c>(
        checkpoints: impl IntoIterator<Item = &'c Checkpoint>,
        options: CheckpointOptions,
    ) -> Result<Self, LoadError> {
        let mut loaded = Self::default();
        let turn = Turn::default();
        for checkpoint in checkpoints {
            let id = checkpoint.id.clone();
            let rule = LineRule {
                name: id.clone(),
                threads: options.threads,
                torch_threads: torch_threads(checkpoint.numbers, options.threads),
                capacity: options.capacity.saturating_mul(ROOM_FOR_LEAVERS),
                batch_tokens: options.batch_tokens,
                turn: Turn::clone(&turn),
            };
            let failed = |error: LoadError| LoadError::Model(format!("model \"{id}\": {error}"));
            match checkpoint.task {
                Task::Summary => {
                    let summariser = Summariser::start(checkpoint, rule).map_err(failed)?;
                    loaded.summarisers.insert(id, summariser);
                }
                Task::Entailment => {
                    let entailer = Entailer::start(checkpoint, rule).map_err(failed)?;
                    loaded.entailers.insert(id, entailer);
                }
            }
        }
        Ok(loaded)
    }

    /// The generator of this id.
    pub fn summariser(&self, id: &str) -> Option<&Summariser> {
        self.summarisers.get(id)
    }

    /// The entailment model of this id.
    pub fn entailer(&self, id: &str) -> Option<&Entailer> {
        self.entailers.get(id)
    }

    /// Most tokens that the checkpoint of this id reads at once.
    pub fn window_tokens(&self, id: &str) -> Option<usize> {
        let generator = self.summarisers.get(id).map(Summariser::window_tokens);
        generator.or_else(|| self.entailers.get(id).map(Entailer::window_tokens))
    }
}

impl std::fmt::Debug for Checkpoints {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&String> = self.summarisers.keys().chain(self.entailers.keys()).collect();
        formatter.debug_tuple("Checkpoints").field(&ids).finish()
    }
}

#[cfg(test)]
#[path = "checkpoints_tests.rs"]
mod tests;
