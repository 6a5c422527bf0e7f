//! Where a run begins: at nothing, or at the last mark of an earlier one.

use std::path::Path;

use super::progress::{Job, Position, Progress};
use super::sink::{Hold, Sink};
use crate::cli::exit::Failure;

/// An output that is this run's alone and holds what its progress says.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) sink: Sink,
    pub(super) progress: Progress,
}

/// Takes hold of an output. Without `resume` one that is there is refused.
pub(super) fn start(output: &Path, job: Job, resume: bool) -> Result<Start, Failure> {
    let mark = Progress::path(output);
    if let Some(there) = [output, &mark].into_iter().find(|path| path.exists() && !resume) {
        let there = there.display();
        return Err(Failure::Setup(format!("{there} is there already: --resume goes on with it")));
    }
    // Nothing is made before it is known that this run may have it.
    let hold = match (resume, mark.exists()) {
        (false, _) => Hold::New,
        (true, true) => Hold::There,
        (true, false) => Hold::Either,
    };
    let named = |error: std::io::Error| format!("{}: {error}", output.display());
    let mut sink = Sink::open(output, hold).map_err(named).map_err(Failure::Setup)?;
    let found = sink.found().map_err(named).map_err(Failure::Setup)?;
    // Read under the lock: another run may just have ended.
    let recorded = Progress::load(output).map_err(Failure::Setup)?;
    let progress = plan(recorded, found, job)
        .map_err(|problem| Failure::Setup(format!("{}: {problem}", mark.display())))?;
    if !progress.complete {
        let begun = sink.rewind(progress.output).and_then(|()| progress.store(output));
        begun.map_err(named).map_err(Failure::Run)?;
    }
    Ok(Start { sink, progress })
}

/// Where to begin, from what was recorded and what is there.
fn plan(recorded: Option<Progress>, found: Position, job: Job) -> Result<Progress, String> {
    match (recorded, found) {
        (Some(progress), found) => progress.fits(found, &job).map(|()| progress),
        (None, Position::Bytes(0) | Position::Parts(0)) => Ok(Progress::begin(found, job)),
        (None, _) => Err("is not there, and the output is not empty".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;
    use crate::cli::analyze::bulk::answer::Answer;
    use crate::cli::analyze::bulk::writer::Writer;
    use crate::cli::analyze::input::RequestTemplate;

    /// A folder with an input.
    fn folder() -> (TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().expect("folder");
        let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl"));
        fs::write(&input, "a line\n").expect("write");
        (folder, input, output)
    }

    fn job(input: &Path) -> Job {
        Job::of(&[input.to_owned()], &RequestTemplate::default()).expect("job")
    }

    /// An output with one answer.
    fn begun(input: &Path, output: &Path) {
        let Start { sink, progress } = start(output, job(input), false).expect("start");
        let mut writer = Writer::marked(sink, progress, output, None);
        writer.write(Answer { json: "{}".into(), ..Answer::default() }).expect("write");
        writer.mark().expect("mark");
    }

    fn refusal(output: &Path, job: Job, resume: bool) -> String {
        start(output, job, resume).expect_err("refused").to_string()
    }

    #[test]
    fn an_output_is_never_overwritten() {
        let (_folder, input, output) = folder();
        begun(&input, &output);
        assert!(refusal(&output, job(&input), false).contains("is there already: --resume"));
        fs::remove_file(&output).expect("remove");
        let error = refusal(&output, job(&input), false);
        assert!(error.contains("out.jsonl.progress is there already"), "{error}");
    }

    #[test]
    fn two_cannot_write_one_output() {
        for name in ["out.jsonl", "out.parquet"] {
            let (folder, input, _) = folder();
            let output = folder.path().join(name);
            let first = start(&output, job(&input), true).expect("start");
            let error = start(&output, job(&input), true).expect_err("refused");
            assert!(matches!(error, Failure::Setup(_)), "nothing was asked");
            assert!(error.to_string().contains("another run is writing it"), "{error}");
            drop(first);
            start(&output, job(&input), true).expect("free again");
        }
    }

    #[test]
    fn what_is_gone_on_with_is_the_same_job() {
        let (folder, input, output) = folder();
        begun(&input, &output);
        let moved = folder.path().join("moved.jsonl");
        fs::copy(&input, &moved).expect("copy");
        assert_eq!(start(&output, job(&moved), true).expect("same").progress.done.records, 1);
        fs::write(&input, "another\n").expect("write");
        let error = refusal(&output, job(&input), true);
        assert!(error.contains("other input") && error.contains("in.jsonl"), "{error}");
        let two = Job::of(&[moved.clone(), input], &RequestTemplate::default()).expect("job");
        assert!(refusal(&output, two, true).contains("had 1 input files, now 2"));
    }

    #[test]
    fn an_output_that_is_not_what_was_written_is_refused() {
        let (_folder, input, output) = folder();
        fs::write(&output, "of somebody else").expect("write");
        let error = refusal(&output, job(&input), true);
        assert!(error.contains("is not there, and the output is not empty"), "{error}");
        fs::remove_file(&output).expect("remove");
        begun(&input, &output);
        fs::write(&output, "{").expect("write");
        let error = refusal(&output, job(&input), true);
        assert!(error.contains("the output has 1 bytes, of 3 bytes that were written"), "{error}");
        fs::write(Progress::path(&output), "{").expect("write");
        assert!(refusal(&output, job(&input), true).contains("out.jsonl.progress: EOF"));
    }

    #[test]
    fn a_folder_with_what_no_run_wrote_is_left_as_it_is() {
        let (folder, input, _) = folder();
        let output = folder.path().join("out.parquet");
        fs::create_dir(&output).expect("folder");
        for name in ["_lock", ".part.tmp"] {
            fs::write(output.join(name), "").expect("write");
        }
        drop(start(&output, job(&input), true).expect("a run that came to no mark"));
        fs::remove_file(Progress::path(&output)).expect("remove");
        fs::remove_file(output.join("_lock")).expect("remove");
        fs::write(output.join("part-00001.parquet"), "of somebody else").expect("write");
        let error = refusal(&output, job(&input), true);
        assert!(error.contains("is not empty: part-00001.parquet"), "{error}");
        assert!(!output.join("_lock").exists() && !Progress::path(&output).exists());
    }

    #[test]
    fn a_refused_run_makes_no_output() {
        for name in ["out.jsonl", "out.parquet"] {
            let (folder, input, _) = folder();
            let output = folder.path().join(name);
            begun(&input, &output);
            let moved = folder.path().join("moved");
            fs::rename(&output, &moved).expect("rename");
            let error = start(&output, job(&input), true).expect_err("refused");
            assert!(matches!(error, Failure::Setup(_)), "{error}");
            assert!(!output.exists());
        }
    }

    #[test]
    fn what_cannot_be_read_again_is_no_input() {
        for files in [vec![], vec![PathBuf::from("-")]] {
            let error = Job::of(&files, &RequestTemplate::default()).expect_err("refused");
            assert!(error.to_string().contains("needs input files"), "{error}");
        }
        let error = Job::of(&[PathBuf::from("/dev/null")], &RequestTemplate::default());
        assert!(error.expect_err("refused").to_string().contains("is not a file"));
    }
}
