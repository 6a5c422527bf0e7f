//! Weights that are no safetensors, turned into such: Python pickles and TorchScript archives. No code that a file
//! carries is run: neither Python nor libtorch has a part in it.

mod pickle;
mod script;

use std::borrow::Cow;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;

use safetensors::{Dtype, View};

use super::store::WeightsForm;

/// Mode of a file that everybody may read: the writer's temporary file has a narrower one.
const READABLE: u32 = 0o644;

/// A tensor whose values are not read yet.
struct Tensor {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    /// Reads the values, in row-major order.
    read: Box<dyn Fn() -> Result<Vec<u8>, String>>,
}

/// Writes the tensors of an archive that tch writes, or of any file that `torch.save` writes, as safetensors. Names,
/// shapes and number formats stay; a tensor that has several names is written under each. One tensor at a time is in
/// memory.
///
/// # Errors
/// When the file is not of its format, holds anything but tensors, or cannot be written.
pub(super) fn to_safetensors(
    source: &Path,
    form: WeightsForm,
    target: &Path,
) -> Result<(), String> {
    let script = form == WeightsForm::Script;
    let archive = script.then(|| script::as_pickle(source, target)).transpose()?;
    let mut tensors = pickle::tensors(archive.as_ref().map_or(source, |archive| archive.path()))?;
    if script {
        for tensor in &mut tensors {
            tensor.name = tensor.name.replace(script::SEPARATOR, ".");
        }
    }
    if tensors.is_empty() {
        return Err("holds no tensors".into());
    }
    write(&tensors, target)
}

fn write(tensors: &[Tensor], target: &Path) -> Result<(), String> {
    let failed = Mutex::new(None);
    let views = tensors.iter().map(|tensor| (&tensor.name, TensorView { tensor, failed: &failed }));
    let written = safetensors::serialize_to_file(views, None, target);
    let failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(problem) = failed {
        // The file lacks what could not be read.
        let _incomplete = fs::remove_file(target);
        return Err(problem);
    }
    written.map_err(|error| error.to_string())?;
    fs::set_permissions(target, Permissions::from_mode(READABLE)).map_err(|error| error.to_string())
}

/// A tensor as the writer wants it. It has no way to fail, so that what fails is kept aside.
struct TensorView<'v> {
    tensor: &'v Tensor,
    failed: &'v Mutex<Option<String>>,
}

impl View for TensorView<'_> {
    fn dtype(&self) -> Dtype {
        self.tensor.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.tensor.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let read = (self.tensor.read)().and_then(|bytes| match bytes.len() == self.data_len() {
            true => Ok(bytes),
            false => Err(format!("{} has {} bytes", self.tensor.name, bytes.len())),
        });
        read.map_or_else(
            |problem| {
                let mut failed =
                    self.failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                failed.get_or_insert(problem);
                Cow::Borrowed(&[][..])
            },
            Cow::Owned,
        )
    }

    fn data_len(&self) -> usize {
        self.tensor.shape.iter().product::<usize>() * self.tensor.dtype.bitsize() / 8
    }
}
