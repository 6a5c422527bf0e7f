//! A run of the program, its input and its output.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long something that must happen may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where nobody listens, and nobody need.
pub(crate) const NOBODY: &str = "http://127.0.0.1:9";

/// Lines of articles with ids 0, 1 and so on; every twentieth is none.
pub(crate) fn articles(count: usize) -> String {
    let line = |number: usize| match number % 20 {
        7 => "not json\n".to_owned(),
        _ => format!("{}\n", article(number)),
    };
    (0..count).map(line).collect()
}

/// An article that no other is like.
pub(crate) fn article(number: usize) -> Value {
    let text = format!(
        "The bridge over the Lune was closed after {number} lorries crossed it on Monday. \
         \u{201c}It was not safe,\u{201d} said Ada Brook, the mayor of Norland."
    );
    json!({ "id": number.to_string(), "title": "A bridge is closed", "text": text })
}

/// Waits until it holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        // Nothing hangs on it: it leaves the processor to those who are waited for.
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A folder with an input and an output.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) input: PathBuf,
    pub(crate) output: PathBuf,
}

impl Place {
    pub(crate) fn new(input: &str, output: &str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let path = |name: &str| folder.path().join(name);
        let place = Self { input: path("in.jsonl"), output: path(output), folder };
        fs::write(&place.input, input).expect("input");
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a run over the input.
    pub(crate) fn spawn(&self, url: &str, options: &[&str]) -> Run {
        let mut command = analyze(url);
        command.arg("--output").arg(&self.output).args(options).arg(&self.input);
        Run(command.spawn().expect("start"))
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, url: &str, options: &[&str]) -> Output {
        self.spawn(url, options).output()
    }

    /// Records that are marked as answered.
    pub(crate) fn marked(&self) -> u64 {
        let mut path = self.output.clone().into_os_string();
        path.push(".progress");
        let Ok(json) = fs::read(path) else { return 0 };
        let progress: Value = serde_json::from_slice(&json).expect("progress");
        progress["done"]["records"].as_u64().expect("records")
    }

    /// The answers, without what differs from run to run.
    pub(crate) fn answers(&self) -> Vec<Value> {
        answers(&self.output)
    }
}

/// `parallax analyze --jsonl` on a server.
pub(crate) fn analyze(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
    command
        .args(["analyze", "--jsonl", "--server", url])
        .env_remove("PARALLAX_CONFIG")
        .env_remove("PARALLAX_API_KEY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A run of the program; killed when it is dropped.
pub(crate) struct Run(Child);

impl Run {
    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("kill");
        self.0.wait().expect("ended");
    }

    pub(crate) fn terminate(&self) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().expect("status")
    }

    /// Waits for the end.
    pub(crate) fn output(mut self) -> Output {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut pipe = self.0.stdout.take().expect("stdout");
        let reader = std::thread::spawn(move || pipe.read_to_end(&mut stdout).map(|_| stdout));
        self.0.stderr.take().expect("stderr").read_to_end(&mut stderr).expect("stderr");
        let stdout = reader.join().expect("reader").expect("stdout");
        Output { status: self.0.wait().expect("ended"), stdout, stderr }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _code = self.0.wait();
    }
}

/// What standard error says.
pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The answers of an output of any kind, without what differs from run to run.
pub(crate) fn answers(output: &Path) -> Vec<Value> {
    let kind = output.extension().and_then(|extension| extension.to_str());
    let open = || File::open(output).expect("output");
    let mut text = String::new();
    let read = match kind {
        Some("parquet") => return parts(output).iter().flat_map(|part| replies(part)).collect(),
        Some("gz") => flate2::read::MultiGzDecoder::new(open()).read_to_string(&mut text),
        Some("zst") => zstd::Decoder::new(open()).expect("zstd").read_to_string(&mut text),
        _ => open().read_to_string(&mut text),
    };
    read.expect("output");
    text.lines().map(answer).collect()
}

/// The files that a reader of a Parquet folder reads.
pub(crate) fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path());
    let hidden = |path: &PathBuf| {
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        name.starts_with(['_', '.'])
    };
    let mut parts: Vec<_> = entries.filter(|path| !hidden(path)).collect();
    parts.sort();
    parts
}

/// The rows of a part as JSON.
pub(crate) fn rows(part: &Path) -> Vec<Value> {
    let reader = SerializedFileReader::new(File::open(part).expect("part")).expect("Parquet");
    let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("row"));
    rows.map(|row| {
        let value = |(name, field): (&String, &parquet::record::Field)| {
            use parquet::record::Field;
            let value = match field {
                Field::Null => Value::Null,
                Field::Str(text) => json!(text),
                Field::Int(number) => json!(number),
                Field::Double(number) => json!(number),
                other => panic!("{name}: {other:?}"),
            };
            (name.clone(), value)
        };
        Value::Object(row.get_column_iter().map(value).collect())
    })
    .collect()
}

fn replies(part: &Path) -> Vec<Value> {
    rows(part).iter().map(|row| answer(row["reply"].as_str().expect("reply"))).collect()
}

pub(crate) fn answer(json: &str) -> Value {
    let mut answer: Value = serde_json::from_str(json).expect("JSON");
    if let Some(object) = answer.as_object_mut() {
        object.remove("timing");
    }
    if let Some(provenance) = answer.get_mut("provenance").and_then(Value::as_object_mut) {
        provenance.remove("cached");
    }
    answer
}

/// Whether these are the answers to the lines of [`articles`], each once and in their order.
pub(crate) fn assert_answered(answers: &[Value], count: usize) {
    assert_eq!(answers.len(), count);
    for (number, answer) in answers.iter().enumerate() {
        if number % 20 == 7 {
            assert_eq!(answer["error"]["code"], 3, "{answer}");
        } else {
            assert_eq!(answer["articleId"], number.to_string().as_str(), "{answer}");
            assert!(answer["summary"]["text"].as_str().is_some(), "{answer}");
        }
    }
}
