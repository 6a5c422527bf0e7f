//! Compiles the contract and tells the linker where libtorch lies at run time.

use std::{env, error::Error, path::PathBuf, process::Command};

const PROTOS: &[&str] = &["parallax/v1/analysis_service.proto", "google/rpc/error_details.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    compile_protos()?;
    link_libtorch()?;
    record_build()?;
    Ok(())
}

/// Generates the messages, the server and the client, and keeps the descriptors for reflection and
/// canonical JSON. `protox` compiles in process, so no `protoc` is needed.
fn compile_protos() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(PROTOS, ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), prost::Message::encode_to_vec(&descriptors))?;
    tonic_prost_build::configure()
        // The same message type that tonic-types fills with error details.
        .extern_path(".google.rpc", "::tonic_types::pb")
        .codec_path("crate::grpc::codec::ServiceCodec")
        .compile_fds(descriptors)?;
    Ok(())
}

/// Adds run paths to every binary, test and bench: torch-sys sets them for its own package only.
/// `$ORIGIN/../lib` makes a binary relocatable beside a `lib` folder, as the container image has it.
fn link_libtorch() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let root = PathBuf::from(env::var("LIBTORCH").unwrap_or_else(|_| "vendor/libtorch".into()));
    let lib = root.join("lib");
    if !lib.is_dir() {
        return Err(format!(
            "no libtorch at {}: run `make setup`, or set LIBTORCH to a libtorch 2.4.0",
            root.display()
        )
        .into());
    }
    for path in ["$ORIGIN/../lib".into(), lib.canonicalize()?.display().to_string()] {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{path}");
    }
    let version = std::fs::read_to_string(root.join("build-version")).unwrap_or_default();
    let version = if version.trim().is_empty() { "unknown" } else { version.trim() };
    println!("cargo:rustc-env=PARALLAX_LIBTORCH={version}");
    Ok(())
}

/// Records what was built with what, for logs, provenance and GetServerInfo.
fn record_build() -> Result<(), Box<dyn Error>> {
    // Changes with every commit and checkout; a folder without a repository has none.
    if std::path::Path::new(".git/logs/HEAD").exists() {
        println!("cargo:rerun-if-changed=.git/logs/HEAD");
    }
    println!("cargo:rerun-if-env-changed=PARALLAX_REVISION");
    let revision = env::var("PARALLAX_REVISION")
        .ok()
        .or_else(|| first_line("git", &["describe", "--always", "--dirty", "--abbrev=12"]));
    let rustc = first_line(&env::var("RUSTC")?, &["--version"]);
    println!("cargo:rustc-env=PARALLAX_REVISION={}", revision.as_deref().unwrap_or("unknown"));
    println!("cargo:rustc-env=PARALLAX_RUSTC={}", rustc.as_deref().unwrap_or("unknown"));
    Ok(())
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
