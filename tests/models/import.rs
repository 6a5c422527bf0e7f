//! What `import` makes of weights in other formats, and that it runs none of their code.

use std::fs;
use std::path::{Path, PathBuf};

use parallax::model::{ImportRequest, ModelStore, Provenance, import};
use safetensors::tensor::{Dtype, SafeTensors};
use tempfile::TempDir;

use crate::support::{BART, files, fixture, folder, names};

/// What a pickle of `make.py` would leave behind.
const TRACE: &str = "/tmp/parallax-a-pickle-was-executed";

/// A directory with a source folder that has these weights, and an empty store.
fn prepared(fixture_name: &str, weights: &str) -> (TempDir, PathBuf, PathBuf) {
    let directory = TempDir::new().expect("directory");
    let mut all = files();
    all[2] = ("", Vec::new());
    let source = folder(directory.path(), "my-bart", &all[..2]);
    fs::copy(fixture(fixture_name), source.join(weights)).expect("fixture");
    let store = folder(directory.path(), "store", &[]);
    (directory, source, store)
}

fn run(source: &Path, store: &Path) -> Result<PathBuf, String> {
    let provenance = Provenance { licence: "MIT".into(), ..Provenance::default() };
    let request =
        ImportRequest { source: source.into(), store: store.into(), id: None, provenance };
    import(&request).map(|stored| stored.folder).map_err(|error| error.to_string())
}

#[test]
fn names_shapes_and_formats_survive() {
    for fixture in ["zip.bin", "legacy.bin"] {
        let (_directory, source, store) = prepared(fixture, "pytorch_model.bin");
        let folder = run(&source, &store).expect("imported");
        let bytes = fs::read(folder.join("model.safetensors")).expect("weights");
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        let mut names = tensors.names();
        names.sort();
        let expected = ["bf16", "half", "ids", "lm_head.weight", "model.shared.weight", "turned"];
        assert_eq!(names, expected, "{fixture}");
        let tensor = |name: &str| tensors.tensor(name).expect("tensor");
        let shared = tensor("model.shared.weight");
        assert_eq!((shared.dtype(), shared.shape()), (Dtype::F32, &[3, 4][..]));
        assert_eq!(tensor("lm_head.weight"), shared, "{fixture}");
        let floats = |name: &str| -> Vec<f32> {
            let (floats, _) = tensor(name).data().as_chunks::<4>();
            floats.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
        };
        assert_eq!(floats("turned")[..4], [0.0, 4.0, 8.0, 1.0]);
        assert_eq!(tensor("half").dtype(), Dtype::F16);
        assert_eq!(tensor("half").data(), [0x00, 0x38, 0x00, 0xc0]);
        assert_eq!(tensor("bf16").dtype(), Dtype::BF16);
        assert_eq!(tensor("ids").dtype(), Dtype::I64);
    }
}

#[test]
fn archives_of_tch_are_read() {
    let (_directory, source, store) = prepared("tensors.ot", "rust_model.ot");
    let folder = run(&source.join("rust_model.ot"), &store).expect("imported");
    assert_eq!(
        names(&folder),
        ["config.json", "manifest.toml", "model.safetensors", "tokenizer.json"]
    );
    let bytes = fs::read(folder.join("model.safetensors")).expect("weights");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let tensor = |name: &str| tensors.tensor(name).expect("tensor");
    assert_eq!(tensor("a.weight").data(), [0x00, 0x3c, 0x00, 0x40]);
    assert_eq!(tensor("a.weight"), tensor("b"));
    assert_eq!(tensor("c.weight").dtype(), Dtype::I64);
}

#[test]
fn archives_of_tch_may_have_many_tensors() {
    let (_directory, source, store) = prepared("tensors.ot", "rust_model.ot");
    let tensors: Vec<(String, tch::Tensor)> = (0..400)
        .map(|layer| (format!("layer.{layer}.weight"), tch::Tensor::from_slice(&[layer as f32])))
        .collect();
    tch::Tensor::save_multi(&tensors, source.join("rust_model.ot")).expect("written");
    let folder = run(&source, &store).expect("imported");
    let bytes = fs::read(folder.join("model.safetensors")).expect("weights");
    let read = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(read.names().len(), tensors.len());
    let last = read.tensor("layer.399.weight").expect("tensor");
    assert_eq!(last.data(), 399_f32.to_le_bytes());
}

#[test]
fn code_in_a_file_of_weights_is_an_error_and_not_run() {
    for (fixture, weights, words) in [
        ("calls.bin", "pytorch_model.bin", "holds posix.system, which is no tensor"),
        ("calls_legacy.bin", "pytorch_model.bin", "holds posix.system, which is no tensor"),
        ("calls_beside.bin", "pytorch_model.bin", "holds __builtin__.eval, which is no tensor"),
        ("functions.ot", "rust_model.ot", "is no archive of tensors as tch writes it"),
    ] {
        let (_directory, source, store) = prepared(fixture, weights);
        let problem = run(&source, &store).expect_err(fixture);
        assert!(problem.contains(words), "{fixture}: {problem}");
        assert!(problem.contains(weights), "{fixture}: {problem}");
        assert_eq!(names(&store), [""; 0], "{fixture}");
        assert!(!Path::new(TRACE).exists(), "{fixture}");
    }
}

#[test]
fn a_call_whose_result_is_thrown_away_is_not_made() {
    let (_directory, source, store) = prepared("calls_first.bin", "pytorch_model.bin");
    run(&source, &store).expect("the tensors are there");
    assert!(!Path::new(TRACE).exists());
}

#[test]
fn what_is_no_file_of_tensors_is_told() {
    let (_directory, source, store) = prepared("make.py", "pytorch_model.bin");
    let problem = run(&source, &store).expect_err("text");
    assert!(problem.contains("pytorch_model.bin: invalid PyTorch file format"), "{problem}");
    let (_directory, source, store) = prepared("make.py", "rust_model.ot");
    let problem = run(&source, &store).expect_err("text");
    assert!(problem.contains("rust_model.ot: "), "{problem}");
    assert_eq!(names(&store), [""; 0]);
}

#[test]
fn an_import_has_a_manifest_and_is_readable_by_all() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, source, store) = prepared("zip.bin", "pytorch_model.bin");
    let folder = run(&source, &store).expect("imported");
    let mode =
        fs::metadata(folder.join("model.safetensors")).expect("weights").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    let opened = ModelStore::open(&store).expect("verified");
    let stored = &opened.checkpoints["my-bart"];
    assert!(stored.has_manifest);
    assert_eq!(stored.checkpoint.licence, "MIT");
    let problem = run(&source, &store).expect_err("twice");
    assert!(problem.contains("is there already"), "{problem}");
}

#[test]
fn shards_are_converted_one_by_one() {
    let directory = TempDir::new().expect("directory");
    let index = r#"{"weight_map":{"a":"pytorch_model-1.bin","b":"pytorch_model-2.bin"}}"#;
    let all = [
        ("config.json", BART.into()),
        ("vocab.txt", b"[UNK]".into()),
        ("pytorch_model.bin.index.json", index.into()),
        ("pytorch_model-1.bin", fs::read(fixture("zip.bin")).expect("fixture")),
        ("pytorch_model-2.bin", fs::read(fixture("legacy.bin")).expect("fixture")),
    ];
    let source = folder(directory.path(), "sharded", &all);
    let store = folder(directory.path(), "store", &[]);
    let imported = run(&source, &store).expect("imported");
    let expected = [
        "config.json",
        "manifest.toml",
        "pytorch_model-1.safetensors",
        "pytorch_model-2.safetensors",
        "vocab.txt",
    ];
    assert_eq!(names(&imported), expected);
}

#[test]
fn a_source_that_is_not_there_is_named() {
    let (directory, _, store) = prepared("zip.bin", "pytorch_model.bin");
    let problem = run(&directory.path().join("nothing"), &store).expect_err("missing");
    assert!(problem.contains("nothing: No such file or directory"), "{problem}");
}
