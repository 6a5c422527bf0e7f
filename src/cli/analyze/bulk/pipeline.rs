//! From records to answers.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::Fuse;
use futures::{FutureExt, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::answer::Answer;
use super::progress::Count;
use super::record::Record;
use super::report::{Report, totals};
use super::thread::Thread;
use super::writer::Step;
use super::{Run, exit};
use crate::cli::analyze::input::RequestTemplate;
use crate::cli::exit::{Exit, Failure};
use crate::grpc::{CallError, Caller, WireStatus};
use crate::ops::{self, EndSignals};

/// Records between the reader and the calls, and answers between the calls and the writer.
const PLACES: usize = 16;
/// How long calls that are open may take after a signal. Who sends SIGTERM often waits 30 seconds.
const STOP_GRACE: Duration = Duration::from_secs(20);
/// How often the writer and the report are told that time passes.
const TICK: Duration = Duration::from_secs(1);
/// `google.rpc.Code.UNIMPLEMENTED`.
const UNIMPLEMENTED: i32 = 12;

/// How the calls came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Every record was answered.
    All,
    /// A signal of this name came.
    Stopped(&'static str),
}

/// Runs reader, calls and writer until all have ended.
pub(super) async fn run(run: Run, caller: Caller) -> Result<Exit, Failure> {
    let Run { source, writer, template, in_flight } = run;
    let (before, marked) = (writer.count(), writer.is_marked());
    let (records_in, records) = mpsc::channel(PLACES);
    let (steps, steps_out) = mpsc::channel(PLACES);
    // From here on a signal does not end the process; without marks it may.
    let signals = marked.then(ops::signal).transpose();
    let signals = signals.map_err(|error| Failure::Run(format!("signal handlers: {error}")))?;
    let reader = Thread::start("reader", move || source.send(before.records, &records_in))?;
    let writer = Thread::start("writer", move || writer.run(steps_out))?;
    let stop = CancellationToken::new();
    let records = ReceiverStream::new(records).take_until(stop.clone().cancelled_owned());
    let template = Arc::new(template);
    let answers = records.map(|record| {
        let work = answer(caller.clone(), Arc::clone(&template), record);
        AbortOnDropHandle::new(tokio::spawn(work)).map(|ended| match ended {
            Ok(answer) => answer,
            Err(error) => Err(Failure::Run(format!("an article's task: {error}"))),
        })
    });
    let report = Report::new(before, Instant::now());
    let drive = Drive { steps: &steps, caller: &caller, stop, signals, report };
    let mut ended = drive.run(answers.buffered(in_flight)).await;
    if matches!(ended, Ok(End::All)) {
        ended = reader.result().await.flatten().map(|()| End::All);
    }
    if matches!(ended, Ok(End::All)) {
        // A writer that has gone says why below.
        let _gone = steps.send(Step::Complete).await;
    }
    drop(steps);
    let done = writer.result().await.flatten()?;
    conclude(ended, done, marked)
}

/// What passes answers on, and ends when there are no more or a signal comes.
struct Drive<'d> {
    steps: &'d mpsc::Sender<Step>,
    caller: &'d Caller,
    stop: CancellationToken,
    signals: Option<EndSignals>,
    report: Report,
}

impl Drive<'_> {
    async fn run(
        mut self,
        answers: impl Stream<Item = Result<Answer, Failure>>,
    ) -> Result<End, Failure> {
        let end = self.flow(answers).await;
        self.report.end();
        end
    }

    async fn flow(
        &mut self,
        answers: impl Stream<Item = Result<Answer, Failure>>,
    ) -> Result<End, Failure> {
        let (mut answers, mut grace) = (pin!(answers), pin!(Fuse::terminated()));
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut end = End::All;
        loop {
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => self.pass_on(answer?).await?,
                    None => return Ok(end),
                },
                _ = ticks.tick() => self.tick(),
                signal = signalled(&mut self.signals) => {
                    end = End::Stopped(signal);
                    self.stop.cancel();
                    if let Some(signals) = self.signals.take() {
                        tokio::spawn(ops::exit_on_second_signal(signals));
                    }
                    grace.set(tokio::time::sleep(STOP_GRACE).fuse());
                }
                () = &mut grace => return Ok(end),
            }
        }
    }

    async fn pass_on(&mut self, answer: Answer) -> Result<(), Failure> {
        self.report.count(answer.error.is_some());
        let gone = |_| Failure::Run("the writer has ended".to_owned());
        self.steps.send(Step::Answer(Box::new(answer))).await.map_err(gone)
    }

    fn tick(&mut self) {
        self.report.tick(Instant::now(), self.caller.silence());
        // A writer that is busy looks at the time anyway.
        let _full = self.steps.try_send(Step::Tick);
    }
}

/// The next signal; never, where none is listened to.
async fn signalled(signals: &mut Option<EndSignals>) -> &'static str {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}

/// The answer to a record; an error when no further record would be answered.
async fn answer(
    caller: Caller,
    template: Arc<RequestTemplate>,
    record: Record,
) -> Result<Answer, Failure> {
    let wanted = match record.wanted(&template) {
        Ok(wanted) => wanted,
        Err(refused) => return Answer::new(refused.id, Err(refused.status)),
    };
    let article = wanted.request.article.as_ref();
    let id = article.map(|article| article.id.clone()).unwrap_or_default();
    let outcome = match caller.analyze(wanted.request).await {
        Ok(reply) => Ok(reply),
        Err(CallError::Article(status)) => Err(status),
        // It asks for what others do not.
        Err(CallError::Server(status)) if wanted.own && status.code == UNIMPLEMENTED => Err(status),
        Err(CallError::Server(status)) => return Err(given_up(&id, &status)),
    };
    Answer::new(id, outcome)
}

fn given_up(id: &str, status: &WireStatus) -> Failure {
    let (code, message) = (status.code, &status.message);
    Failure::Run(format!("article {id:?}: the server is given up: {message} (status {code})"))
}

/// What is said and returned at the end.
fn conclude(ended: Result<End, Failure>, done: Count, marked: bool) -> Result<Exit, Failure> {
    let totals = totals(done);
    match ended {
        Ok(End::All) => {
            eprintln!("parallax: {totals}");
            Ok(exit(done))
        }
        Ok(End::Stopped(signal)) => {
            eprintln!("parallax: {signal}: stopped after {totals}; --resume goes on");
            Ok(Exit::Stopped)
        }
        Err(Failure::Run(problem)) if marked => {
            Err(Failure::Run(format!("{problem}; {totals} are done: --resume goes on")))
        }
        Err(failure) => Err(failure),
    }
}
