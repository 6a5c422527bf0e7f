//! Entailment, and what holds for all checkpoints.

use parallax::analysis::PairLogits;
use parallax::engine::{Entailment, GenerationSettings, Generator};
use parallax::model::{Architecture, Checkpoint, NumberFormat, Task};
use serde_json::Value;

use crate::fixture::{CLASSIFIERS, SUMMARISERS, checkpoint, expected, fixture, json};
use crate::{entailment, generator, sources};

#[test]
fn logits_of_pairs_agree_alone_and_in_a_batch() {
    for (name, architecture) in CLASSIFIERS {
        let entailment = entailment(name, architecture, NumberFormat::F32);
        let (expected, config): (Value, Value) =
            (expected(name), json(&fixture(name).join("config.json")));
        let rows = expected["pairs"].as_array().expect("pairs");
        let text = |row: &'_ Value, key: &str| row[key].as_str().expect("text").to_owned();
        let owned: Vec<(String, String)> =
            rows.iter().map(|row| (text(row, "premise"), text(row, "hypothesis"))).collect();
        let pairs: Vec<(&str, &str)> = owned
            .iter()
            .map(|(premise, hypothesis)| (premise.as_str(), hypothesis.as_str()))
            .collect();
        let batch = entailment.judge(&pairs, &|| true).expect(name).expect("not given up");
        assert_eq!(batch.len(), rows.len());
        for ((pair, row), found) in pairs.iter().zip(rows).zip(&batch) {
            let of = |label: &str| {
                let ids = config["id2label"].as_object().expect("labels");
                let (id, _) = ids
                    .iter()
                    .find(|(_, name)| name.as_str().expect("name").to_lowercase() == label)?;
                row["logits"][id.parse::<usize>().expect("id")].as_f64().map(|logit| logit as f32)
            };
            let expected = PairLogits {
                contradiction: of("contradiction").or(of("not_entailment")).expect("label"),
                neutral: of("neutral"),
                entailment: of("entailment").expect("label"),
            };
            assert_close(name, *found, expected, 1e-4);
            let alone = entailment.judge(&[*pair], &|| true).expect(name).expect("not given up");
            assert_close(name, alone[0], expected, 1e-4);
        }
    }
}

fn assert_close(what: &str, found: PairLogits, expected: PairLogits, tolerance: f32) {
    let flat = |one: PairLogits| [one.contradiction, one.neutral.unwrap_or(0.0), one.entailment];
    assert_eq!(found.neutral.is_some(), expected.neutral.is_some(), "{what}");
    for (found, expected) in flat(found).into_iter().zip(flat(expected)) {
        assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
    }
}

#[test]
fn every_architecture_computes_in_bf16() {
    for (name, architecture) in CLASSIFIERS {
        let pairs = [("The bridge was closed on Monday.", "Nobody could cross the river.")];
        let [wide, narrow] = [NumberFormat::F32, NumberFormat::Bf16].map(|numbers| {
            let entailment = entailment(name, architecture, numbers);
            entailment.judge(&pairs, &|| true).expect(name).expect("not given up")[0]
        });
        // Eight bits of mantissa, through layers with weights near 1.
        assert_close(name, narrow, wide, 0.3);
    }
    for (name, architecture) in SUMMARISERS {
        let checkpoint = checkpoint(&fixture(name), architecture, Task::Summary);
        let checkpoint = Checkpoint { numbers: NumberFormat::Bf16, ..checkpoint };
        let generator = Generator::load(&checkpoint).expect(name);
        let run = GenerationSettings { max_tokens: 8, ..generator.default_settings() };
        let run = GenerationSettings { min_tokens: 0, beams: 4, ..run };
        let generated = generator.generate(&sources(&expected(name)), &run, &|_| true).expect(name);
        assert!(generated.iter().flatten().all(|one| one.tokens > 0), "{name}");
    }
}

#[test]
fn integers_of_8_bits_are_close_to_floats() {
    let pairs = [
        ("The bridge was closed on Monday.", "Nobody could cross the river."),
        ("The bridge was closed.", "The bridge was open."),
    ];
    for (name, architecture) in CLASSIFIERS.iter().filter(|(name, _)| *name != "bart-nli") {
        let [floats, integers] = [NumberFormat::F32, NumberFormat::Int8].map(|numbers| {
            let entailment = entailment(name, *architecture, numbers);
            let both = entailment.judge(&pairs, &|| true).expect(name).expect("not given up");
            let alone = entailment.judge(&pairs[1..], &|| true).expect(name).expect("not given up");
            assert_close(name, alone[0], both[1], 1e-4);
            both
        });
        for (floats, integers) in floats.iter().zip(integers) {
            // Random weights near 1, with errors of half a hundred-and-twenty-seventh each.
            assert_close(name, integers, *floats, 0.1);
        }
    }
}

#[test]
fn pairs_can_be_given_up() {
    let entailment = entailment("bert", Architecture::Bert, NumberFormat::F32);
    assert_eq!(entailment.judge(&[("a", "b")], &|| false), Ok(None));
    assert_eq!(entailment.judge(&[], &|| true), Ok(Some(Vec::new())));
}

#[test]
fn special_tokens_in_a_text_stay_text() {
    let entailment = entailment("bart-nli", Architecture::Bart, NumberFormat::F32);
    // A separator more in one row of a batch than in the other would stop rust-bert's classifier.
    let pairs = [("It </s> was <s> closed <pad>.", "It was."), ("It was closed.", "It was.")];
    assert_eq!(entailment.judge(&pairs, &|| true).expect("logits").map(|all| all.len()), Some(2));
    let generator = generator("t5", Architecture::T5);
    let plain = generator.count_tokens("end").expect("count");
    assert!(generator.count_tokens("end </s>").expect("count") > plain);
}

#[test]
fn models_may_be_sent_to_another_thread() {
    fn sendable<T: Send>() {}
    sendable::<Generator>();
    sendable::<Entailment>();
}
