//! What is inside, against Python transformers; `tests/checkpoints/` tests what comes out.

use serde::Deserialize;
use tch::Tensor;

use super::*;
use crate::model::Task;
use fixture::{CLASSIFIERS, SUMMARISERS, checkpoint, expected, fixture};

#[path = "../../../tests/checkpoints/fixture.rs"]
mod fixture;

/// How exactly floats must agree.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Expected {
    sources: Vec<Source>,
    /// Of the first two sources, padded to one length: encoder states of their first and last tokens.
    states: Vec<Vec<Vec<f32>>>,
    decoder_input: Vec<i64>,
    /// After each token of the decoder's input: of the first words.
    logits: Vec<Vec<Vec<f32>>>,
    generated: Vec<Run>,
}

#[derive(Deserialize)]
struct Source {
    text: String,
    ids: Vec<i64>,
}

#[derive(Deserialize)]
struct Run {
    settings: RunSettings,
    ids: Vec<Vec<i64>>,
}

#[derive(Deserialize)]
struct RunSettings {
    beams: usize,
    min_tokens: usize,
    max_tokens: usize,
    no_repeat_ngram: usize,
    length_penalty: f64,
}

#[derive(Deserialize)]
struct Pairs {
    pairs: Vec<PairIds>,
}

#[derive(Deserialize)]
struct PairIds {
    premise: String,
    hypothesis: String,
    ids: Vec<i64>,
}

fn summarisers() -> impl Iterator<Item = (&'static str, Generator, Expected)> {
    SUMMARISERS.into_iter().map(|(name, architecture)| {
        let checkpoint = checkpoint(&fixture(name), architecture, Task::Summary);
        (name, Generator::load(&checkpoint).expect(name), expected(name))
    })
}

fn assert_close(what: &str, found: &Tensor, expected: &[f32]) {
    let found = Vec::<f32>::try_from(found.reshape([-1])).expect("floats");
    assert_eq!(found.len(), expected.len(), "{what}");
    let far = found.iter().zip(expected).map(|(f, e)| (f - e).abs()).fold(0.0, f32::max);
    assert!(far <= TOLERANCE, "{what}: {far} off");
}

#[test]
fn sources_and_pairs_become_the_same_ids() {
    for (name, generator, expected) in summarisers() {
        for source in &expected.sources {
            assert_eq!(generator.ids(&source.text), source.ids, "{name}: {}", source.text);
        }
    }
    for (name, architecture) in CLASSIFIERS {
        let checkpoint = checkpoint(&fixture(name), architecture, Task::Entailment);
        let entailment = Entailment::load(&checkpoint).expect(name);
        for pair in expected::<Pairs>(name).pairs {
            assert_eq!(entailment.ids(&pair.premise, &pair.hypothesis), pair.ids, "{name}");
        }
    }
}

#[test]
fn encoder_states_and_decoder_logits_agree() {
    let _no_grad = tch::no_grad_guard();
    for (name, generator, expected) in summarisers() {
        let rows: Vec<Vec<i64>> =
            expected.sources.iter().take(2).map(|source| source.ids.clone()).collect();
        let (states, mask) = generator.encode(&rows).expect(name);
        for (row, ends) in expected.states.iter().enumerate() {
            for (place, state) in [0, rows[row].len() as i64 - 1].into_iter().zip(ends) {
                let found = states.get(row as i64).get(place);
                assert_close(&format!("{name}: state {place} of source {row}"), &found, state);
            }
        }
        let decoder = &generator.parts().0.decoder;
        let room = expected.decoder_input.len() as i64;
        let mut state = decoder.start(&states, &mask, 1, room).expect(name);
        for (step, &id) in expected.decoder_input.iter().enumerate() {
            let logits = decoder.step(&mut state, &[id, id]).expect(name);
            for (row, of_row) in expected.logits.iter().enumerate() {
                let found = logits.get(row as i64).narrow(0, 0, of_row[step].len() as i64);
                assert_close(
                    &format!("{name}: logits {step} of source {row}"),
                    &found,
                    &of_row[step],
                );
            }
        }
    }
}

#[test]
fn the_same_tokens_are_generated_in_a_batch_and_alone() {
    for (name, generator, expected) in summarisers() {
        let rows: Vec<Vec<i64>> =
            expected.sources.iter().take(2).map(|source| source.ids.clone()).collect();
        for run in &expected.generated {
            let RunSettings { beams, min_tokens, max_tokens, no_repeat_ngram, length_penalty } =
                run.settings;
            let settings = GenerationSettings {
                beams,
                min_tokens,
                max_tokens,
                no_repeat_ngram,
                length_penalty,
            };
            let search = |rows: &[Vec<i64>]| {
                let found = guarded(|| generator.search(rows, &settings, &|_| true)).expect(name);
                found
                    .into_iter()
                    .map(|found| found.expect("not given up").tokens)
                    .collect::<Vec<_>>()
            };
            let (_, rules, padding) = generator.parts();
            // The fixture leaves out what transformers pads with, though it may be generated too.
            let kept = |ids: &Vec<i64>| -> Vec<i64> {
                let ids = ids.iter().copied();
                ids.filter(|id| !rules.ends.contains(id) && *id != padding).collect()
            };
            let together: Vec<Vec<i64>> = search(&rows).iter().map(kept).collect();
            assert_eq!(together, run.ids, "{name}: {settings:?}");
            for (row, ids) in rows.iter().zip(&run.ids) {
                let alone = search(std::slice::from_ref(row));
                assert_eq!(alone.first().map(kept).as_ref(), Some(ids), "{name}: {settings:?}");
            }
        }
    }
}
