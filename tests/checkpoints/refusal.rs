//! What is refused, and in which words.

use std::fs;
use std::path::{Path, PathBuf};

use parallax::engine::{Entailment, GenerationSettings, Generator};
use parallax::model::{Architecture, Checkpoint, NumberFormat, Task};
use serde_json::Value;

use crate::fixture::{checkpoint, fixture, json};
use crate::{entailment, generator};

/// A copy of a fixture that a test may change; the folder goes with the first value.
fn copy(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    for file in fs::read_dir(fixture(name)).expect("fixture") {
        let file = file.expect("file");
        fs::copy(file.path(), folder.path().join(file.file_name())).expect("copy");
    }
    let path = folder.path().to_owned();
    (folder, path)
}

/// Changes a JSON file of a copied fixture.
fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = json(path);
    change(&mut value);
    fs::write(path, value.to_string()).expect("write");
}

fn summary_error(folder: &Path, architecture: Architecture) -> String {
    let checkpoint = checkpoint(folder, architecture, Task::Summary);
    Generator::load(&checkpoint).expect_err("must be refused").to_string()
}

#[test]
fn what_is_too_long_is_refused_and_never_cut() {
    let generator = generator("bart", Architecture::Bart);
    let long = "The bridge was closed. ".repeat(40);
    let error = generator.generate(&[&long], &generator.default_settings(), &|_| true);
    let error = error.expect_err("too long");
    assert!(error.contains("at most 80 fit"), "{error}");
    let entailment = entailment("roberta", Architecture::Roberta, NumberFormat::F32);
    assert_eq!(entailment.max_tokens(), 64);
    let error = entailment.judge(&[(&long, "It was.")], &|| true).expect_err("too long");
    assert!(error.contains("at most 64 fit"), "{error}");
    assert!(!error.contains("bridge"), "no text of an article in an error");
}

#[test]
fn settings_out_of_range_are_refused() {
    let generator = generator("bart", Architecture::Bart);
    let good = generator.default_settings();
    let refused = |run: GenerationSettings| {
        generator.generate(&["A bridge."], &run, &|_| true).expect_err("refused")
    };
    assert!(refused(GenerationSettings { beams: 0, ..good.clone() }).starts_with("beams is 0"));
    assert!(refused(GenerationSettings { max_tokens: 81, ..good.clone() }).contains("1 to 80"));
    assert!(refused(GenerationSettings { min_tokens: 80, ..good.clone() }).contains("min_tokens"));
    let length_penalty = f64::NAN;
    assert!(refused(GenerationSettings { length_penalty, ..good }).contains("length_penalty"));
}

#[test]
fn bart_tells_no_entailment_on_integers() {
    let checkpoint = checkpoint(&fixture("bart-nli"), Architecture::Bart, Task::Entailment);
    let integers = Checkpoint { numbers: NumberFormat::Int8, ..checkpoint };
    let error = Entailment::load(&integers).expect_err("refused").to_string();
    assert!(error.contains("f32 or bf16, not with int8"), "{error}");
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let (_folder, path) = copy("bart");
    edit(&path.join("config.json"), |config| config["decoder_layers"] = 3.into());
    let error = summary_error(&path, Architecture::Bart);
    assert!(error.contains("no tensor model.decoder.layers.2."), "{error}");
    assert!(error.contains("more"), "{error}");
    let (_folder, path) = copy("t5");
    edit(&path.join("config.json"), |config| config["d_ff"] = 24.into());
    let error = summary_error(&path, Architecture::T5);
    assert!(
        error.contains("DenseReluDense.wi.weight has the shape [32, 16], expected [24, 16]"),
        "{error}"
    );
}

#[test]
fn a_config_that_does_not_fit_is_refused() {
    for (key, value, expected) in [
        ("model_type", Value::from("gpt2"), "model_type is \"gpt2\", expected \"bart\""),
        ("d_model", Value::from(0), "d_model is 0, expected 1 to 1000000"),
        ("encoder_layers", Value::from("two"), "encoder_layers is not usable"),
        (
            "decoder_attention_heads",
            Value::from(3),
            "decoder_attention_heads is 3, which does not divide 16",
        ),
        ("activation_function", Value::from("sine"), "activation_function \"sine\" is not known"),
        (
            "forced_eos_token_id",
            Value::from(5000),
            "forced_eos_token_id is 5000, the model has 356 words",
        ),
        ("max_position_embeddings", Value::Null, "max_position_embeddings is missing"),
    ] {
        let (_folder, path) = copy("bart");
        edit(&path.join("config.json"), |config| config[key] = value);
        let error = summary_error(&path, Architecture::Bart);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn files_that_are_missing_or_broken_are_named() {
    let (_folder, path) = copy("bart");
    fs::write(path.join("config.json"), "{").expect("write");
    assert!(summary_error(&path, Architecture::Bart).contains("config.json"));
    fs::remove_file(path.join("config.json")).expect("remove");
    assert!(summary_error(&path, Architecture::Bart).contains("config.json"));
    let (_folder, path) = copy("pegasus");
    fs::write(path.join("spiece.model"), "not a protocol buffer").expect("write");
    assert!(summary_error(&path, Architecture::Pegasus).contains("tokenizer"));
    let (_folder, path) = copy("bart");
    fs::write(path.join("model.safetensors"), "short").expect("write");
    assert!(summary_error(&path, Architecture::Bart).contains("model.safetensors"));
}

#[test]
fn a_tokenizer_of_another_model_is_refused() {
    let (_folder, path) = copy("bart");
    edit(&path.join("vocab.json"), |vocab| vocab["Ġfarther"] = 356.into());
    let error = summary_error(&path, Architecture::Bart);
    assert!(error.contains("its highest id is 356, the model has 356 words"), "{error}");
    let (_folder, path) = copy("bart");
    edit(&path.join("vocab.json"), |vocab| {
        let words = vocab.as_object_mut().expect("vocabulary");
        let id = words.remove("</s>").expect("end");
        words.insert("end".into(), id);
    });
    let error = summary_error(&path, Architecture::Bart);
    assert!(error.contains("it has none of </s>, [SEP]"), "{error}");
}

#[test]
fn labels_that_do_not_tell_entailment_are_refused() {
    let (_folder, path) = copy("roberta");
    edit(&path.join("config.json"), |config| {
        config["id2label"] = serde_json::json!({"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"});
    });
    let checkpoint = checkpoint(&path, Architecture::Roberta, Task::Entailment);
    let error = Entailment::load(&checkpoint).expect_err("refused").to_string();
    assert!(
        error.contains("id2label has LABEL_0, LABEL_1, LABEL_2, expected entailment"),
        "{error}"
    );
}

#[test]
fn an_architecture_is_refused_for_what_it_cannot_do() {
    let checkpoint = checkpoint(&fixture("bert"), Architecture::Bert, Task::Summary);
    let error = Generator::load(&checkpoint).expect_err("refused").to_string();
    assert!(error.contains("Bert cannot generate summaries"), "{error}");
    let other = Checkpoint { task: Task::Entailment, ..checkpoint };
    assert!(
        Generator::load(&other).expect_err("refused").to_string().contains("not for summaries")
    );
}
