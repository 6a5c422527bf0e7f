//! The dependency rule of the crate: who may know whom. See the module map in `src/lib.rs`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// For each module, the modules of the crate that it may use besides itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("violation", &[]),
    ("article", &[]),
    ("contest", &["article", "violation"]),
    ("analysis", &["article", "contest"]),
    ("model", &[]),
    ("config", &["contest", "model", "violation"]),
    ("ops", &["config"]),
    ("engine", &["analysis", "model", "violation"]),
    ("grpc", &["article", "contest", "analysis", "engine", "model", "config", "ops", "violation"]),
    ("cli", &["contest", "engine", "model", "config", "grpc", "ops", "violation"]),
];

/// For each library that is kept in one place, the modules that may use it.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("tonic", &["grpc"]),
    ("tonic_types", &["grpc"]),
    ("tonic_health", &["grpc"]),
    ("tonic_reflection", &["grpc"]),
    ("tonic_web", &["grpc"]),
    ("tower_http", &["grpc"]),
    ("prost_reflect", &["grpc"]),
    // The engine reads the protocol buffers of SentencePiece.
    ("prost", &["grpc", "engine"]),
    ("quick_cache", &["grpc"]),
    ("tokio_rustls", &["grpc"]),
    ("x509_cert", &["grpc"]),
    ("http", &["config", "grpc", "ops"]),
    ("http_body", &["grpc", "ops"]),
    ("tower", &["grpc"]),
    ("tch", &["engine"]),
    ("rust_bert", &["engine"]),
    ("rten_gemm", &["engine"]),
    ("rten_simd", &["engine"]),
    ("rten_tensor", &["engine"]),
    ("rten_vecmath", &["engine"]),
    ("rayon", &["engine"]),
    ("tokenizers", &["engine"]),
    ("parquet", &["cli"]),
    ("flate2", &["cli"]),
    ("zstd", &["cli"]),
    ("pytorch_reader", &["model"]),
    ("zip", &["model"]),
    ("ureq", &["model"]),
    ("prometheus_client", &["grpc", "ops"]),
    ("opentelemetry", &["grpc", "ops"]),
    ("opentelemetry_otlp", &["ops"]),
    ("opentelemetry_sdk", &["ops"]),
    ("tracing_opentelemetry", &["ops"]),
    ("hyper", &["ops"]),
    ("hyper_util", &["ops"]),
    ("procfs", &["ops"]),
    ("tokio", &["engine", "grpc", "ops", "cli"]),
    ("clap", &["cli", "config"]),
];

/// Modules without I/O.
const PURE: &[&str] = &["article", "contest", "analysis", "violation"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All Rust files below a path.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).expect("directory");
    entries.flat_map(|entry| files(&entry.expect("entry").path())).collect()
}

/// Top-level modules with the code of their files, comments left out.
fn modules() -> Vec<(String, String)> {
    let entries = fs::read_dir(source()).expect("src");
    let mut modules = Vec::new();
    for path in entries.map(|entry| entry.expect("entry").path()) {
        let name = path.file_stem().expect("name").to_string_lossy().into_owned();
        if name == "lib" || name == "main" {
            continue;
        }
        for file in files(&path) {
            let code = fs::read_to_string(file).expect("source");
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            modules.push((name.clone(), lines.collect::<Vec<_>>().join("\n")));
        }
    }
    modules
}

/// Names that follow a path prefix such as `crate::` in the code.
fn names_after<'c>(code: &'c str, prefix: &str) -> Vec<&'c str> {
    let ends = |c: char| !c.is_alphanumeric() && c != '_';
    code.match_indices(prefix)
        .filter_map(|(at, _)| code[at + prefix.len()..].split(ends).next())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn modules_use_only_what_they_may() {
    for (module, code) in modules() {
        let allowed = MAY_USE.iter().find(|(name, _)| *name == module);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("add {module} to the dependency rule"));
        assert!(!code.contains("crate::{"), "{module}: one use line for each module");
        for used in names_after(&code, "crate::") {
            assert!(used == module || allowed.contains(&used), "{module} uses {used}");
        }
    }
}

#[test]
fn libraries_stay_where_they_belong() {
    for (module, code) in modules() {
        for (library, allowed) in KEPT_IN {
            let used = code.contains(&format!("{library}::"))
                && code.match_indices(&format!("{library}::")).any(|(at, _)| {
                    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
            assert!(!used || allowed.contains(&module.as_str()), "{module} uses {library}");
        }
    }
}

#[test]
fn pure_modules_do_no_io() {
    for (module, code) in modules().iter().filter(|(module, _)| PURE.contains(&module.as_str())) {
        for io in ["std::fs", "std::io", "std::net", "std::thread", "std::env", "async "] {
            assert!(!code.contains(io), "{module} uses {io}");
        }
    }
}

#[test]
fn what_keeps_deadlines_does_not_read_the_wall_clock() {
    // It may jump; the clock of `Instant` does not.
    for (module, code) in modules() {
        let mixed = code.contains("deadline") && code.contains("SystemTime");
        assert!(!mixed, "{module} has deadlines and SystemTime in one file");
    }
}

#[test]
fn the_rule_finds_what_it_looks_for() {
    let code = "use crate::article::Span;\nlet x = crate::grpc::bind();";
    assert_eq!(names_after(code, "crate::"), ["article", "grpc"]);
}
