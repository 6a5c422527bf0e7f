//! Answers as the rows of a Parquet file.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::answer::{Answer, Facts, Framing};

/// A column: its name, and what it holds of an answer; null where that is none.
struct Column {
    name: &'static str,
    value: Value,
}

enum Value {
    Text(fn(&Answer) -> Option<&str>),
    Real(fn(&Answer) -> Option<f64>),
    Whole(fn(&Answer) -> Option<i32>),
}

use Value::{Real, Text, Whole};

const COLUMNS: [Column; 12] = [
    Column { name: "article_id", value: Text(|answer| Some(&answer.article_id)) },
    Column { name: "error_code", value: Whole(|answer| Some(answer.error.as_ref()?.0)) },
    Column { name: "error_message", value: Text(|answer| Some(&answer.error.as_ref()?.1)) },
    Column { name: "language", value: Text(|answer| Some(&facts(answer)?.language)) },
    Column { name: "summary", value: Text(|answer| facts(answer)?.summary.as_deref()) },
    Column { name: "contest_id", value: Text(|answer| facts(answer)?.contest_id.as_deref()) },
    Column { name: "stance_status", value: Text(|answer| facts(answer)?.stance_status) },
    Column { name: "framing_label", value: Text(|answer| Some(&framing(answer)?.label)) },
    Column { name: "framing_score", value: Real(|answer| Some(framing(answer)?.score)) },
    Column { name: "framing_confidence", value: Real(|answer| Some(framing(answer)?.confidence)) },
    Column { name: "framing_mode", value: Text(|answer| Some(framing(answer)?.mode)) },
    Column { name: "reply", value: Text(|answer| Some(&answer.json)) },
];

fn facts(answer: &Answer) -> Option<&Facts> {
    answer.facts.as_ref()
}

fn framing(answer: &Answer) -> Option<&Framing> {
    facts(answer)?.framing.as_ref()
}

/// Writes a whole file of one row group.
pub(super) fn write(out: impl Write + Send, answers: &[Answer]) -> Result<(), ParquetError> {
    let compression = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut file = SerializedFileWriter::new(out, schema()?, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for column in &COLUMNS {
        match column.value {
            Text(text) => {
                let value = |answer| text(answer).map(ByteArray::from);
                write_column::<ByteArrayType, _>(&mut group, answers.iter().map(value))?;
            }
            Real(real) => write_column::<DoubleType, _>(&mut group, answers.iter().map(real))?,
            Whole(whole) => write_column::<Int32Type, _>(&mut group, answers.iter().map(whole))?,
        }
    }
    group.close()?;
    file.close().map(|_| ())
}

fn schema() -> Result<TypePtr, ParquetError> {
    let column = |column: &Column| {
        let (physical, logical) = match column.value {
            Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Real(_) => (Physical::DOUBLE, None),
            Whole(_) => (Physical::INT32, None),
        };
        let built = Type::primitive_type_builder(column.name, physical)
            .with_logical_type(logical)
            .with_repetition(Repetition::OPTIONAL)
            .build();
        built.map(Arc::new)
    };
    let columns = COLUMNS.iter().map(column).collect::<Result<_, _>>()?;
    Type::group_type_builder("answer").with_fields(columns).build().map(Arc::new)
}

/// Writes the next column: the values that there are, and for each row whether it has one.
fn write_column<D: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = Option<D::T>>,
) -> Result<(), ParquetError> {
    let values: Vec<_> = values.collect();
    let present: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<_> = values.into_iter().flatten().collect();
    let missing = || ParquetError::General("the schema has a column less".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<D>().write_batch(&values, Some(&present), None)?;
    column.close()
}
