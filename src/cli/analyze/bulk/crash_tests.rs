//! Runs that are cut off anywhere give every answer once.

use std::fs;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use proptest::prelude::*;

use super::answer::Answer;
use super::durable::with_suffix;
use super::kind::Kind;
use super::lines::Lines;
use super::progress::{Job, Position, Progress};
use super::record::Record;
use super::start::{Start, start};
use super::writer::Writer;
use crate::cli::analyze::input::RequestTemplate;

/// Answers of a whole run.
const TOTAL: u64 = 40;

/// One process: it marks after each burst of answers, writes some more, and is cut off.
#[derive(Debug, Clone)]
struct Life {
    bursts: Vec<u64>,
    unmarked: u64,
    cut: Cut,
}

/// What the disk holds of what came after the last mark.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// So many of a hundred bytes, and a part that was begun.
    Torn(u64),
    /// All of it; the progress was not there yet, or half under its temporary name.
    BeforeProgress,
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let cut = prop_oneof![(0..=100_u64).prop_map(Cut::Torn), Just(Cut::BeforeProgress)];
    let life = (prop::collection::vec(0..9_u64, 0..3), 0..9_u64, cut)
        .prop_map(|(bursts, unmarked, cut)| Life { bursts, unmarked, cut });
    prop::collection::vec(life, 0..5)
}

/// Where a run writes.
struct Place {
    folder: tempfile::TempDir,
    output: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("input"), "input").expect("write");
        Self { output: folder.path().join(name), folder }
    }

    /// Takes the output in hand as a new process does.
    fn writer(&self) -> Writer {
        let input = self.folder.path().join("input");
        let job = Job::of(&[input], &RequestTemplate::default()).expect("job");
        let Start { sink, progress } = start(&self.output, job, true).expect("start");
        Writer::marked(sink, progress, &self.output, None)
    }

    fn live(&self, life: &Life) {
        let mut writer = self.writer();
        for burst in &life.bursts {
            write(&mut writer, *burst);
            writer.mark().expect("mark");
        }
        write(&mut writer, life.unmarked);
        match life.cut {
            Cut::Torn(percent) => {
                // What is in buffers is written when they are dropped; the disk then loses some.
                drop(writer);
                self.tear(percent);
            }
            Cut::BeforeProgress => {
                let path = Progress::path(&self.output);
                let before = fs::read(&path).expect("progress");
                writer.mark().expect("mark");
                drop(writer);
                fs::write(with_suffix(&path, ".tmp"), &before[..9]).expect("temporary");
                fs::write(&path, before).expect("restore");
            }
        }
    }

    fn tear(&self, percent: u64) {
        let progress = Progress::load(&self.output).expect("progress").expect("there");
        let Position::Bytes(marked) = progress.output else {
            return fs::write(self.output.join(".part.tmp"), "PAR1 half").expect("write");
        };
        let file = fs::File::options().write(true).open(&self.output).expect("output");
        let unmarked = file.metadata().expect("metadata").len() - marked;
        file.set_len(marked + unmarked * percent / 100).expect("cut");
    }

    /// What a reader finds.
    fn answers(&self) -> Vec<String> {
        match Kind::of(&self.output) {
            Kind::Lines(compression) => Lines::open(&self.output, compression, 1000)
                .expect("output")
                .map(|line| match line.expect("line") {
                    Record::Line(line) => String::from_utf8(line).expect("UTF-8"),
                    other => panic!("{other:?}"),
                })
                .collect(),
            Kind::Parquet => parts(&self.output).iter().flat_map(|part| replies(part)).collect(),
        }
    }
}

fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path());
    let part = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "parquet");
    let mut parts: Vec<_> = entries.filter(part).collect();
    parts.sort();
    parts
}

fn replies(part: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(fs::File::open(part).expect("part")).expect("Parquet");
    let columns = reader.metadata().file_metadata().schema().get_fields().len();
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("row").get_string(columns - 1).expect("reply").clone()).collect()
}

/// Writes the next answers of the run, as long as there are any.
fn write(writer: &mut Writer, count: u64) {
    for _ in 0..count.min(TOTAL - writer.count().records) {
        let json = format!("{{\"answer\":{}}}", writer.count().records);
        writer.write(Answer { json, ..Answer::default() }).expect("write");
    }
}

fn every_answer_is_there_once(name: &str, lives: &[Life]) {
    let place = Place::new(name);
    for life in lives {
        place.live(life);
    }
    let mut writer = place.writer();
    write(&mut writer, TOTAL);
    writer.mark().expect("mark");
    let expected: Vec<_> = (0..TOTAL).map(|answer| format!("{{\"answer\":{answer}}}")).collect();
    assert_eq!(place.answers(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn of_lines(lives in lives()) {
        every_answer_is_there_once("out", &lives);
    }

    #[test]
    fn of_gzip(lives in lives()) {
        every_answer_is_there_once("out.gz", &lives);
    }

    #[test]
    fn of_zstd(lives in lives()) {
        every_answer_is_there_once("out.zst", &lives);
    }

    #[test]
    fn of_parquet(lives in lives()) {
        every_answer_is_there_once("out.parquet", &lives);
    }
}
