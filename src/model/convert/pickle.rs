//! What `torch.save` writes, read without Python: the reader knows the calls that build tensors and makes no others.

use std::path::Path;

use pytorch_reader::{DType, PickleValue, PytorchReader};
use safetensors::Dtype;

use super::Tensor;

/// What the reader calls a tensor.
const TENSOR: &str = "torch.Tensor";

/// All tensors of a file.
pub(super) fn tensors(path: &Path) -> Result<Vec<Tensor>, String> {
    let object = PytorchReader::read_pickle_data(path, None).map_err(|error| error.to_string())?;
    if let Some(class) = foreign(&object) {
        return Err(format!("holds {class}, which is no tensor: it is not read"));
    }
    let reader = PytorchReader::new(path).map_err(|error| error.to_string())?;
    let mut tensors: Vec<Tensor> = reader
        .into_tensors()
        .into_values()
        .map(|tensor| {
            let (name, dtype, shape, read) = tensor.into_parts();
            let read = Box::new(move || read().map_err(|error| error.to_string()));
            Tensor { name, dtype: safetensors_dtype(dtype), shape, read }
        })
        .collect();
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tensors)
}

/// The first thing in an object that is neither plain data nor a tensor.
fn foreign(value: &PickleValue) -> Option<&str> {
    match value {
        PickleValue::Unsupported(class) if class == TENSOR => None,
        PickleValue::Unsupported(class) => Some(class),
        PickleValue::List(values) => values.iter().find_map(foreign),
        PickleValue::Dict(values) => values.values().find_map(foreign),
        _ => None,
    }
}

fn safetensors_dtype(dtype: DType) -> Dtype {
    match dtype {
        DType::F64 => Dtype::F64,
        DType::F32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::I64 => Dtype::I64,
        DType::I32 => Dtype::I32,
        DType::I16 => Dtype::I16,
        DType::I8 => Dtype::I8,
        DType::U64 => Dtype::U64,
        DType::U32 => Dtype::U32,
        DType::U16 => Dtype::U16,
        DType::U8 => Dtype::U8,
        DType::Bool => Dtype::BOOL,
    }
}
