//! Rows of Parquet in: an article, or a whole request, each.

use std::fs::File;
use std::path::Path;

use parquet::basic::{ConvertedType, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::serialized_reader::ReadOptionsBuilder;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use super::record::Record;
use crate::grpc::proto::v1;

/// Rows that are read ahead: of every column so many values are held.
const BATCH: usize = 64;
/// A column with whole requests, in place of the others.
const REQUEST: &str = "request";
/// The columns of an article.
const TEXT: &str = "text";
const TITLE: &str = "title";
const ID: &str = "id";

/// The rows of one file.
pub(super) struct Rows {
    rows: RowIter<'static>,
    passed: u64,
}

impl Rows {
    /// Opens a file. Of its first `skip` rows those that fill whole row groups are passed over; the
    /// rest is the caller's to leave out.
    pub(super) fn open(file: &Path, skip: u64) -> Result<Self, String> {
        let file = File::open(file).map_err(|error| error.to_string())?;
        let copy = file.try_clone().map_err(|error| error.to_string())?;
        let problem = |error: ParquetError| error.to_string();
        let reader = SerializedFileReader::new(copy).map_err(problem)?;
        let columns = columns(reader.metadata().file_metadata().schema())?;
        let (groups, passed) = passed_over(reader.metadata(), skip);
        let later = ReadOptionsBuilder::new()
            .with_predicate(Box::new(move |_, group| group >= groups))
            .build();
        let reader = SerializedFileReader::new_with_options(file, later).map_err(problem)?;
        let rows = RowIter::from_file_into(Box::new(reader)).project(Some(columns));
        Ok(Self { rows: rows.map_err(problem)?.with_batch_size(BATCH), passed })
    }

    /// How many rows were passed over.
    pub(super) fn passed(&self) -> u64 {
        self.passed
    }
}

impl Iterator for Rows {
    type Item = Result<Record, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.rows.next()?.map(|row| record(&row)))
    }
}

/// How many row groups lie within the first `skip` rows, and their rows.
fn passed_over(metadata: &ParquetMetaData, skip: u64) -> (usize, u64) {
    let (mut groups, mut rows) = (0, 0);
    for group in metadata.row_groups() {
        let with_it = rows + u64::try_from(group.num_rows()).unwrap_or_default();
        if with_it > skip {
            break;
        }
        (groups, rows) = (groups + 1, with_it);
    }
    (groups, rows)
}

/// The columns that are read; an error names the one that is missing or of another type.
fn columns(schema: &Type) -> Result<Type, String> {
    let has = |name: &str| schema.get_fields().iter().find(|field| field.name() == name).cloned();
    let wanted = match (has(REQUEST), has(TEXT)) {
        (Some(request), _) => vec![request],
        (None, Some(text)) => [Some(text), has(TITLE), has(ID)].into_iter().flatten().collect(),
        (None, None) => {
            return Err(format!("has neither a column {TEXT:?} nor a column {REQUEST:?}"));
        }
    };
    for column in &wanted {
        let texts = column.is_primitive() && column.get_physical_type() == Physical::BYTE_ARRAY;
        let id = column.name() == ID;
        if !(texts || id && is_whole_number(column)) {
            let or = if id { " or whole numbers" } else { "" };
            return Err(format!("column {:?} does not hold texts{or}", column.name()));
        }
    }
    let projection = Type::group_type_builder(schema.name()).with_fields(wanted).build();
    projection.map_err(|error| error.to_string())
}

fn is_whole_number(column: &Type) -> bool {
    column.is_primitive()
        && matches!(column.get_physical_type(), Physical::INT32 | Physical::INT64)
        && matches!(
            column.get_basic_info().converted_type(),
            ConvertedType::NONE
                | ConvertedType::INT_8
                | ConvertedType::INT_16
                | ConvertedType::INT_32
                | ConvertedType::INT_64
                | ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64
        )
}

fn record(row: &Row) -> Record {
    let (mut article, mut problem) = (v1::Article::default(), None);
    for (name, field) in row.get_column_iter() {
        match (name.as_str(), value(field)) {
            (REQUEST, Ok(Some(line))) => return Record::Line(line.into_bytes()),
            (TEXT | REQUEST, Ok(None)) => problem = Some(format!("column {name:?} is null")),
            (TEXT, Ok(Some(text))) => article.text = text,
            (TITLE, Ok(title)) => article.title = title.unwrap_or_default(),
            (_, Ok(id)) => article.id = id.unwrap_or_default(),
            (_, Err(what)) => problem = Some(format!("column {name:?} {what}")),
        }
    }
    match problem {
        Some(problem) => Record::Unusable { id: article.id, problem },
        None => Record::Article(article),
    }
}

/// A value as text; none for null.
fn value(field: &Field) -> Result<Option<String>, String> {
    Ok(Some(match field {
        Field::Null => return Ok(None),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => {
            let text = std::str::from_utf8(bytes.data());
            text.map_err(|error| format!("is not UTF-8: {error}"))?.to_owned()
        }
        Field::Byte(number) => number.to_string(),
        Field::Short(number) => number.to_string(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        Field::UByte(number) => number.to_string(),
        Field::UShort(number) => number.to_string(),
        Field::UInt(number) => number.to_string(),
        Field::ULong(number) => number.to_string(),
        _ => return Err("does not hold texts".to_owned()),
    }))
}
