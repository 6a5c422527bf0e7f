//! What is read and written, sound and not.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArrayType, DataType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::process::Server;
use crate::support::{
    NOBODY, Place, analyze, answer, answers, article, articles, assert_answered, errors, parts,
    rows,
};

fn gzip(path: &Path, text: &str) {
    let out = File::create(path).expect("file");
    let mut out = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    out.write_all(text.as_bytes()).expect("write");
    out.finish().expect("member");
}

/// Writes columns of one row group each; a value that is none is null.
fn parquet(path: &Path, schema: &str, groups: &[Vec<Column>]) {
    let schema = Arc::new(parse_message_type(schema).expect("schema"));
    let properties = Arc::new(WriterProperties::builder().build());
    let file = File::create(path).expect("file");
    let mut out = SerializedFileWriter::new(file, schema, properties).expect("writer");
    for columns in groups {
        let mut group = out.next_row_group().expect("group");
        for column in columns {
            let mut out = group.next_column().expect("column").expect("one more");
            match column {
                Column::Text(values) => {
                    let present: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
                    let texts: Vec<_> =
                        values.iter().flatten().map(|v| v.as_str().into()).collect();
                    write::<ByteArrayType>(&mut out, &texts, &present);
                }
                Column::Whole(values) => {
                    write::<Int64Type>(&mut out, values, &vec![1; values.len()]);
                }
            }
            out.close().expect("column");
        }
        group.close().expect("group");
    }
    out.close().expect("file");
}

enum Column {
    Text(Vec<Option<String>>),
    Whole(Vec<i64>),
}

fn write<D: DataType>(
    out: &mut parquet::file::writer::SerializedColumnWriter<'_>,
    values: &[D::T],
    present: &[i16],
) {
    out.typed::<D>().write_batch(values, Some(present), None).expect("values");
}

#[test]
fn every_format_carries_the_same_answers() {
    const COUNT: usize = 60;
    let mut server = Server::start(&[]);
    let url = server.url();
    let place = Place::new(&articles(COUNT), "out.jsonl");
    place.run(&url, &[]);
    assert_answered(&place.answers(), COUNT);
    // Blank lines are no records.
    gzip(&place.path("in.gz"), &format!("\n{}\n \n", articles(COUNT).replace('\n', "\n\n")));
    let zstd = zstd::encode_all(articles(COUNT).as_bytes(), 1).expect("zstd");
    fs::write(place.path("in.zst"), zstd).expect("write");
    let lines = articles(COUNT).lines().map(|line| Some(line.to_owned())).collect();
    let schema = "message rows { optional binary request (UTF8); }";
    parquet(&place.path("in.parquet"), schema, &[vec![Column::Text(lines)]]);

    for suffix in ["gz", "zst", "parquet"] {
        let (input, output) = (format!("in.{suffix}"), format!("out.{suffix}"));
        let output = place.path(&output);
        let options = ["--mark-every", "25", "--output"];
        let ended = analyze(&url).args(options).arg(&output).arg(place.path(&input)).output();
        assert_eq!(ended.expect("output").status.code(), Some(4), "{suffix}");
        assert_eq!(answers(&output), place.answers(), "{suffix}");
    }
    assert_eq!(parts(&place.path("out.parquet")).len(), 3);
    let piped = analyze(&url).arg(place.path("in.zst")).output().expect("output");
    let piped = String::from_utf8(piped.stdout).expect("UTF-8");
    assert_eq!(piped.lines().map(answer).collect::<Vec<_>>(), place.answers());
}

#[test]
fn rows_are_articles_and_answers_are_columns() {
    let mut server = Server::start(&[]);
    let place = Place::new("", "out.parquet");
    let schema = "message rows { required int64 year; optional binary text (UTF8); \
                  optional binary title (UTF8); required int64 id; }";
    let text = |number: usize| article(number)["text"].as_str().map(str::to_owned);
    let group = |texts: Vec<Option<String>>, ids: Vec<i64>| {
        let (years, titles) = (vec![2031; ids.len()], vec![None; ids.len()]);
        vec![Column::Whole(years), Column::Text(texts), Column::Text(titles), Column::Whole(ids)]
    };
    let groups = [group(vec![text(0), None], vec![-1, 4]), group(vec![text(2)], vec![1 << 40])];
    let input = place.path("in.parquet");
    parquet(&input, schema, &groups);
    let output = place.output.to_str().expect("UTF-8");
    let mut command = analyze(&server.url());
    let ended = command.args(["--output", output]).arg(&input).output().expect("output");
    assert_eq!(ended.status.code(), Some(4), "{}", errors(&ended));

    let rows = rows(&parts(&place.output)[0]);
    assert_eq!(rows.len(), 3);
    for (row, id) in [(&rows[0], "-1"), (&rows[2], "1099511627776")] {
        let reply = answer(row["reply"].as_str().expect("reply"));
        assert_eq!((&row["article_id"], &reply["articleId"]), (&id.into(), &id.into()));
        assert_eq!(row["summary"], reply["summary"]["text"]);
        assert_eq!(row["stance_status"], reply["stance"]["status"]);
        assert_eq!(row["contest_id"], "us-russia");
        assert_eq!(row["language"], "en");
        assert!(row["error_code"].is_null() && row["error_message"].is_null(), "{row}");
    }
    // A row that is no article still has its id.
    assert_eq!(rows[1]["article_id"], "4");
    assert_eq!(answer(rows[1]["reply"].as_str().expect("reply"))["articleId"], "4");
    assert_eq!(rows[1]["error_code"], 3);
    assert_eq!(rows[1]["error_message"], "not a request: column \"text\" is null");
    assert!(rows[1]["summary"].is_null() && rows[1]["framing_score"].is_null());
}

#[test]
fn a_table_without_the_columns_is_refused_by_their_names() {
    let place = Place::new("", "out.jsonl");
    let refused = |schema: &str, column: Column| {
        parquet(&place.path("in.parquet"), schema, &[vec![column]]);
        let ended = analyze(NOBODY).arg(place.path("in.parquet")).output().expect("output");
        assert_eq!(ended.status.code(), Some(2), "{}", errors(&ended));
        errors(&ended)
    };
    let texts = || Column::Text(vec![Some("Rain.".to_owned())]);
    let error = refused("message rows { optional binary body (UTF8); }", texts());
    assert!(error.contains("has neither a column \"text\" nor a column \"request\""), "{error}");
    let error = refused("message rows { required int64 text; }", Column::Whole(vec![1]));
    assert!(error.contains("column \"text\" does not hold texts"), "{error}");
}

#[test]
fn a_file_that_breaks_off_ends_the_run_after_what_could_be_read() {
    let mut server = Server::start(&[]);
    let place = Place::new("", "out.jsonl");
    let input = place.path("in.gz");
    gzip(&input, &articles(40));
    let whole = fs::read(&input).expect("input");
    fs::write(&input, &whole[..whole.len() - 8]).expect("cut");
    let output = place.output.to_str().expect("UTF-8");
    let mut command = analyze(&server.url());
    let ended = command.args(["--output", output]).arg(&input).output().expect("output");
    assert_eq!(ended.status.code(), Some(1), "{}", errors(&ended));
    assert!(errors(&ended).contains("in.gz: "), "{}", errors(&ended));
    assert_answered(&place.answers(), 40);
    assert_eq!(place.marked(), 40);
}

#[test]
fn a_line_that_is_too_long_fails_alone() {
    let mut server = Server::start(&[]);
    // Four times the largest message, and more.
    let long = format!("{{\"id\":\"long\",\"text\":\"{}\"}}", "x".repeat(17 << 20));
    let input = format!("{}\n{long}\n{}\n", article(0), article(1));
    let place = Place::new(&input, "out.jsonl");
    let ended = place.run(&server.url(), &[]);
    assert_eq!(ended.status.code(), Some(4), "{}", errors(&ended));
    let answers = place.answers();
    assert_eq!((answers.len(), &answers[1]["error"]["code"]), (3, &11.into()));
    assert_eq!(answers[1]["error"]["message"], "the line is longer than 16777216 bytes");
    assert_eq!((&answers[0]["articleId"], &answers[2]["articleId"]), (&"0".into(), &"1".into()));
}
