//! The embedded bundle: compiled into the program, verified before use.

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, Manifest};

macro_rules! bundle_file {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/parallax-minilm/", $name))
    };
}

const MANIFEST: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/parallax-minilm/manifest.toml"));

const FILES: &[(&str, &[u8])] = &[
    ("config.json", bundle_file!("config.json")),
    ("tokenizer.json", bundle_file!("tokenizer.json")),
    ("encoder.safetensors", bundle_file!("encoder.safetensors")),
    ("heads.safetensors", bundle_file!("heads.safetensors")),
    ("calibration.toml", bundle_file!("calibration.toml")),
];

/// Why a bundle cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The manifest is not valid.
    #[error("manifest.toml: {0}")]
    Manifest(String),
    /// The manifest names no such file, or the bundle does not hold it.
    #[error("the bundle has no file for the role \"{0}\"")]
    MissingFile(String),
    /// A file is not the one that the manifest describes.
    #[error("{path}: expected {expected}, got {actual}")]
    Mismatch {
        /// Path within the bundle.
        path: String,
        /// What the manifest says.
        expected: String,
        /// What was found.
        actual: String,
    },
    /// A file of tensors cannot be read.
    #[error("{path}: {problem}")]
    Weights {
        /// Path within the bundle.
        path: String,
        /// What is wrong.
        problem: String,
    },
}

/// A tensor of a bundle in single precision.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightTensor {
    /// Sizes of its dimensions.
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// A set of model files with the manifest that describes them.
#[derive(Debug, Clone)]
pub struct Bundle {
    manifest: Manifest,
    sha256: String,
    files: BTreeMap<&'static str, Cow<'static, [u8]>>,
}

impl Bundle {
    /// The bundle that is part of the program. Its files are not verified yet; see
    /// [`Bundle::verify`].
    ///
    /// # Errors
    /// When the manifest is not valid.
    pub fn embedded() -> Result<Self, BundleError> {
        let manifest = Manifest::parse(MANIFEST).map_err(BundleError::Manifest)?;
        let files = FILES.iter().map(|&(path, bytes)| (path, Cow::Borrowed(bytes))).collect();
        Ok(Self { manifest, sha256: sha256_hex(MANIFEST.as_bytes()), files })
    }

    /// What the bundle is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the manifest, lower-case hex: since the manifest holds the sums of all other
    /// files, it identifies the whole bundle.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Compares every file with the manifest.
    ///
    /// # Errors
    /// The first file that is missing or differs in size or SHA-256.
    pub fn verify(&self) -> Result<(), BundleError> {
        for (role, entry) in &self.manifest.files {
            let bytes = self.bytes_of(role, entry)?;
            let mismatch = |expected: String, actual: String| BundleError::Mismatch {
                path: entry.path.clone(),
                expected,
                actual,
            };
            let size = bytes.len() as u64;
            if size != entry.bytes {
                return Err(mismatch(format!("{} bytes", entry.bytes), format!("{size} bytes")));
            }
            let sum = sha256_hex(bytes);
            if sum != entry.sha256 {
                return Err(mismatch(format!("sha256 {}", entry.sha256), sum));
            }
        }
        Ok(())
    }

    /// The bytes of the file with a role, for example `tokenizer`.
    ///
    /// # Errors
    /// When there is none.
    pub fn file(&self, role: &str) -> Result<&[u8], BundleError> {
        let entry = self.manifest.files.get(role);
        self.bytes_of(role, entry.ok_or_else(|| BundleError::MissingFile(role.to_owned()))?)
    }

    /// All tensors of the file with a role, converted to single precision.
    ///
    /// # Errors
    /// When there is no such file, or it is no safetensors file of half- or single-precision
    /// tensors.
    pub fn weights(&self, role: &str) -> Result<BTreeMap<String, WeightTensor>, BundleError> {
        let bytes = self.file(role)?;
        let path =
            self.manifest.files.get(role).map_or_else(String::new, |entry| entry.path.clone());
        let failed = |problem: String| BundleError::Weights { path: path.clone(), problem };
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| failed(error.to_string()))?;
        let mut weights = BTreeMap::new();
        for (name, view) in tensors.iter() {
            let values = single_precision(view.dtype(), view.data())
                .ok_or_else(|| failed(format!("{name} has the type {:?}", view.dtype())))?;
            weights.insert(name.to_owned(), WeightTensor { shape: view.shape().to_vec(), values });
        }
        Ok(weights)
    }

    fn bytes_of(&self, role: &str, entry: &FileEntry) -> Result<&[u8], BundleError> {
        let bytes = self.files.get(entry.path.as_str());
        bytes.map(AsRef::as_ref).ok_or_else(|| BundleError::MissingFile(role.to_owned()))
    }
}

/// SHA-256, lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn single_precision(dtype: Dtype, data: &[u8]) -> Option<Vec<f32>> {
    match dtype {
        Dtype::F32 => {
            let (values, _) = data.as_chunks::<4>();
            Some(values.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
        }
        Dtype::F16 => {
            let (values, _) = data.as_chunks::<2>();
            let values = values.iter().map(|&bytes| half::f16::from_le_bytes(bytes).to_f32());
            Some(values.collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_bundle_is_what_its_manifest_says() {
        Bundle::embedded().expect("manifest").verify().expect("files");
    }

    #[test]
    fn a_changed_file_is_found() {
        let mut bundle = Bundle::embedded().expect("manifest");
        let calibration = bundle.files.get_mut("calibration.toml").expect("file");
        calibration.to_mut()[0] ^= 1;
        let error = bundle.verify().expect_err("changed").to_string();
        assert!(error.starts_with("calibration.toml: expected sha256"), "{error}");
    }

    #[test]
    fn a_missing_file_is_found() {
        let mut bundle = Bundle::embedded().expect("manifest");
        bundle.files.remove("heads.safetensors");
        let error = bundle.verify().expect_err("missing").to_string();
        assert!(error.contains("\"heads\""), "{error}");
    }

    #[test]
    fn half_precision_is_widened() {
        let one_and_a_half = half::f16::from_f32(1.5).to_le_bytes();
        assert_eq!(single_precision(Dtype::F16, &one_and_a_half), Some(vec![1.5]));
    }
}
