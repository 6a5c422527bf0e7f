//! What the store reads, and every way in which a folder can be wrong.

use std::fs;
use std::path::Path;

use parallax::model::{
    Architecture, ImportRequest, ModelStore, NumberFormat, Provenance, Task, TokenizerFiles, import,
};
use safetensors::tensor::{Dtype, TensorView};
use tempfile::TempDir;

use crate::support::{PARAMETERS, files, folder, weights};

fn problem(store: &TempDir) -> String {
    ModelStore::open(store.path()).expect_err("refused").to_string()
}

/// A store with one checkpoint that has a manifest.
fn with_manifest() -> TempDir {
    let store = TempDir::new().expect("store");
    let source = TempDir::new().expect("source");
    let request = ImportRequest {
        source: folder(source.path(), "bart", &files()),
        store: store.path().into(),
        id: None,
        provenance: Provenance::default(),
    };
    import(&request).expect("imported");
    store
}

/// Changes the manifest of [`with_manifest`].
fn change(store: &TempDir, from: &str, to: &str) {
    let path = store.path().join("bart/manifest.toml");
    let toml = fs::read_to_string(&path).expect("manifest");
    assert!(toml.contains(from), "{from} is not in {toml}");
    fs::write(path, toml.replacen(from, to, 1)).expect("write");
}

#[test]
fn a_plain_folder_works_as_it_is() {
    let store = TempDir::new().expect("store");
    let mut all = files();
    all.push(("generation_config.json", b"{}".into()));
    all[2].1 = weights(Dtype::BF16);
    let bart = folder(store.path(), "bart", &all);
    fs::write(store.path().join("notes.txt"), "mine").expect("file");
    folder(store.path(), ".hidden", &[]);
    let opened = ModelStore::open(store.path()).expect("verified");
    let stored = &opened.checkpoints["bart"];
    let checkpoint = &stored.checkpoint;
    assert!(!stored.has_manifest);
    assert_eq!((checkpoint.task, checkpoint.architecture), (Task::Summary, Architecture::Bart));
    assert_eq!(checkpoint.numbers, NumberFormat::Bf16);
    assert_eq!(checkpoint.files.generation, Some(bart.join("generation_config.json")));
    assert_eq!(checkpoint.files.tokenizer, TokenizerFiles::Json(bart.join("tokenizer.json")));
    assert_eq!(stored.parameters, PARAMETERS as u64);
    assert_eq!(stored.memory_bytes(), 2 * PARAMETERS as u64);
    assert_eq!(stored.bytes, all.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
}

#[test]
fn what_it_computes_with_may_be_chosen() {
    let (store, source) = (TempDir::new().expect("store"), TempDir::new().expect("source"));
    let values = vec![0; 4 * PARAMETERS];
    let tensor = || TensorView::new(Dtype::F32, vec![PARAMETERS], &values).expect("view");
    let tensors =
        [("model.shared.weight", tensor()), ("model.encoder.layers.0.fc1.weight", tensor())];
    let mut all = files();
    all[2].1 = safetensors::serialize(tensors, None).expect("safetensors");
    let numbers = Some("int8".parse().expect("known"));
    let request = ImportRequest {
        source: folder(source.path(), "bart", &all),
        store: store.path().into(),
        id: None,
        provenance: Provenance { numbers, ..Provenance::default() },
    };
    let stored = import(&request).expect("imported");
    assert_eq!(stored.checkpoint.numbers, NumberFormat::Int8);
    // The table of embeddings as floats, and both as integers.
    assert_eq!(stored.memory_bytes(), (4 + 1 + 1) * PARAMETERS as u64);
    let manifest = fs::read_to_string(stored.folder.join("manifest.toml")).expect("manifest");
    assert!(manifest.contains("numbers = \"int8\""), "{manifest}");
    assert_eq!("int4".parse::<NumberFormat>(), Err("expected f32, bf16, int8".to_owned()));
}

#[test]
fn the_identity_is_that_of_the_files_with_or_without_a_manifest() {
    let store = with_manifest();
    let plain = TempDir::new().expect("store");
    folder(plain.path(), "another-id", &files());
    let [with, without] = [&store, &plain].map(|store| {
        let opened = ModelStore::open(store.path()).expect("verified");
        opened.checkpoints.into_values().next().expect("one").checkpoint.sha256
    });
    assert_eq!(with, without);
    assert_eq!(with.len(), 64);
}

#[test]
fn a_changed_file_is_found() {
    let store = with_manifest();
    let path = store.path().join("bart/model.safetensors");
    let mut bytes = fs::read(&path).expect("weights");
    *bytes.last_mut().expect("byte") ^= 1;
    fs::write(&path, &bytes).expect("write");
    let error = problem(&store);
    assert!(error.contains("bart/model.safetensors: has the sha256 "), "{error}");
    fs::write(&path, &bytes[1..]).expect("write");
    let expected = format!("has {} bytes, the manifest says {}", bytes.len() - 1, bytes.len());
    assert!(problem(&store).contains(&expected));
    fs::remove_file(&path).expect("remove");
    let error = problem(&store);
    assert!(error.contains("bart/model.safetensors: No such file"), "{error}");
}

#[test]
fn a_wrong_manifest_says_what_is_wrong() {
    for (from, to, words) in [
        ("format = 1", "format = 2", "format is 2, this program reads 1"),
        ("kind = \"checkpoint\"", "kind = \"bundle\"", "unknown variant `bundle`"),
        ("id = \"bart\"", "id = \"../bart\"", "\"../bart\" is no id"),
        (
            "path = \"config.json\"",
            "path = \"/etc/passwd\"",
            "\"/etc/passwd\" is no plain file name",
        ),
        ("architecture = \"bart\"", "architecture = \"gpt2\"", "unknown variant `gpt2`"),
        ("architecture = \"bart\"", "architecture = \"bert\"", "bert does not serve summary"),
        ("role = \"tokenizer\"", "role = \"vocab\"", "has no tokenizer; tried tokenizer.json"),
        ("role = \"weights\"", "role = \"generation\"", "has no weights; tried model.safetensors"),
        ("source = ", "colour = 1\nsource = ", "unknown field `colour`"),
    ] {
        let store = with_manifest();
        change(&store, from, to);
        let error = problem(&store);
        assert!(error.contains(words), "{to}: {error}");
        assert!(error.contains("bart"), "{error}");
    }
}

#[test]
fn a_folder_that_lacks_a_file_says_which_names_were_tried() {
    for (missing, words) in [
        ("config.json", "bart: has no configuration; tried config.json"),
        ("tokenizer.json", "has no tokenizer; tried tokenizer.json, vocab.json with merges.txt"),
        ("model.safetensors", "has no weights; tried model.safetensors, model.safetensors.index"),
    ] {
        let store = TempDir::new().expect("store");
        fs::remove_file(folder(store.path(), "bart", &files()).join(missing)).expect("remove");
        let error = problem(&store);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn weights_in_another_format_name_the_command() {
    let store = TempDir::new().expect("store");
    let mut all = files();
    all[2].0 = "pytorch_model.bin";
    folder(store.path(), "bart", &all);
    let error = problem(&store);
    assert!(error.contains("in pytorch_model.bin only"), "{error}");
    assert!(error.contains("parallax models import"), "{error}");
}

#[test]
fn two_with_one_id_are_refused() {
    let store = with_manifest();
    let copy = store.path().join("copy");
    fs::create_dir(&copy).expect("folder");
    for name in crate::support::names(&store.path().join("bart")) {
        fs::copy(store.path().join("bart").join(&name), copy.join(&name)).expect("copy");
    }
    let error = problem(&store);
    let other = store.path().join("bart");
    assert!(
        error.contains(&format!("copy: has the id \"bart\", as {}", other.display())),
        "{error}"
    );
}

#[test]
fn the_embedded_models_id_is_taken() {
    let store = TempDir::new().expect("store");
    folder(store.path(), "parallax-minilm", &files());
    let error = problem(&store);
    assert!(error.contains("has the id \"parallax-minilm\", as the embedded model has"), "{error}");
}

#[test]
fn an_unsafe_folder_name_is_refused() {
    let store = TempDir::new().expect("store");
    folder(store.path(), "my model", &files());
    assert!(problem(&store).contains("\"my model\" is no id"));
}

#[test]
fn wrong_weights_are_refused() {
    let short = weights(Dtype::F32);
    for (bytes, words) in [
        (Vec::new(), "model.safetensors: not a safetensors file: is too short"),
        (vec![0xff; 64], "its header would have"),
        (short[..short.len() - 4].to_vec(), "its header says"),
        (b"\x02\0\0\0\0\0\0\0[]".to_vec(), "not a safetensors file"),
    ] {
        let store = TempDir::new().expect("store");
        let mut all = files();
        all[2].1 = bytes;
        folder(store.path(), "bart", &all);
        let error = problem(&store);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn shards_are_those_of_the_index() {
    let store = TempDir::new().expect("store");
    let index = r#"{"weight_map":{"a":"part-1.safetensors","b":"part-2.safetensors"}}"#;
    let mut all = files();
    all[2].0 = "part-1.safetensors";
    all.push(("model.safetensors.index.json", index.into()));
    let bart = folder(store.path(), "bart", &all);
    let error = problem(&store);
    assert!(error.contains("part-2.safetensors: No such file"), "{error}");
    fs::write(bart.join("part-2.safetensors"), weights(Dtype::F32)).expect("write");
    let opened = ModelStore::open(store.path()).expect("verified");
    let files = &opened.checkpoints["bart"].checkpoint.files;
    let expected = ["part-1.safetensors", "part-2.safetensors"].map(|name| bart.join(name));
    assert_eq!(files.weights, expected);
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let error = ModelStore::open(Path::new("/no/such/place")).expect_err("missing").to_string();
    assert!(error.starts_with("/no/such/place: No such file"), "{error}");
}
