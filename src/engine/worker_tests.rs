use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::task::{Context, Wake, Waker};
use std::time::Instant;

use super::*;
use crate::analysis::{Passage, ReadingRequest};
use crate::engine::encoder::TokenVectors;
use crate::engine::plan::Plan;
use crate::engine::{Engine, EngineOptions, House};
use crate::model::Precision;

const OPTIONS: EngineOptions =
    EngineOptions { threads: 1, batch_tokens: 512, precision: Precision::Int8 };

/// Panics when it is broken, while it encodes the id of "panic" and while it judges "panic late"; waits for the test at "wait".
#[derive(Default)]
struct Brittle {
    shut: AtomicBool,
    broken: AtomicBool,
    encoded: AtomicU64,
}

const PANIC: i64 = 1;
const WAIT: i64 = 2;

impl Model for Arc<Brittle> {
    fn plan(&self, request: ReadingRequest) -> Result<Plan, String> {
        let ids = request.passages.iter().map(|passage| match passage.text.as_str() {
            "panic" => vec![PANIC],
            "wait" => vec![WAIT; 512],
            _ => vec![3; 300],
        });
        Ok(Plan::of_windows(ids.collect(), request.clone()))
    }

    fn encode(&self, windows: &[&[i64]]) -> Result<TokenVectors, String> {
        self.encoded.fetch_add(windows.len() as u64, Ordering::Relaxed);
        assert!(!self.broken.load(Ordering::Relaxed), "broken");
        assert!(windows.iter().all(|ids| !ids.contains(&PANIC)), "brittle");
        while windows.iter().any(|ids| ids.contains(&WAIT)) && self.shut.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        Ok(TokenVectors::default())
    }

    fn judge(&self, plan: &Plan, _: &[WindowSums]) -> Result<Reading, String> {
        assert!(plan.request.passages.iter().all(|passage| passage.text != "panic late"), "late");
        Ok(Reading { windows: plan.windows.len(), ..Reading::default() })
    }
}

fn engine(model: &Arc<Brittle>) -> Engine {
    Engine::start(OPTIONS, Arc::clone(model)).expect("start")
}

fn plan(engine: &Engine, text: &str) -> Plan {
    let passages = vec![Passage { text: text.into(), position: 0 }];
    engine.plan(ReadingRequest { passages, ..ReadingRequest::default() }).expect("plan")
}

async fn read(
    engine: &Engine,
    text: &str,
    deadline: Option<Instant>,
) -> Result<Reading, EngineError> {
    let place = House::new(1).try_enter().expect("a place");
    engine.read(plan(engine, text), deadline, place).await
}

fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_panic_fails_one_request_and_the_next_succeeds() {
    let engine = engine(&Arc::default());
    let mut recovering = engine.recovering();
    for (text, words) in [("panic", "brittle"), ("panic late", "late")] {
        let failed = read(&engine, text, None).await;
        assert_eq!(failed, Err(EngineError::Model(words.into())));
        assert!(read(&engine, "calm", None).await.is_ok());
        assert!(recovering.has_changed().expect("a worker"), "it was told");
        assert_eq!(*recovering.borrow_and_update(), 0);
    }
    assert_eq!(count(&engine.counters().failed), 2);
    assert_eq!(count(&engine.counters().read), 2);
}

#[tokio::test]
async fn what_shares_a_batch_with_a_panic_is_read() {
    let model = Arc::new(Brittle::default());
    let engine = engine(&model);
    model.shut.store(true, Ordering::Relaxed);
    // The first keeps the worker busy while the others gather in one batch.
    let outcomes =
        futures::future::join3(read(&engine, "wait", None), read(&engine, "panic", None), async {
            let calm = read(&engine, "calm", None);
            let open = async { model.shut.store(false, Ordering::Relaxed) };
            futures::future::join(calm, open).await.0
        });
    let (waited, panicked, calm) = outcomes.await;
    assert!(waited.is_ok() && calm.is_ok(), "{waited:?} {calm:?}");
    assert_eq!(panicked, Err(EngineError::Model("brittle".into())));
    assert_eq!(count(&engine.counters().failed), 1);
}

#[tokio::test]
async fn a_model_that_does_not_recover_fails_what_waits() {
    let model = Arc::new(Brittle::default());
    model.broken.store(true, Ordering::Relaxed);
    let engine = engine(&model);
    for _ in 0..2 {
        assert_eq!(read(&engine, "calm", None).await, Err(EngineError::Model("broken".into())));
    }
    assert_eq!(*engine.recovering().borrow(), 1);
    model.broken.store(false, Ordering::Relaxed);
    let mut recovering = engine.recovering();
    recovering.wait_for(|count| *count == 0).await.expect("a worker");
    assert!(read(&engine, "calm", None).await.is_ok());
}

#[tokio::test]
async fn a_caller_who_leaves_takes_the_job_along() {
    let model = Arc::new(Brittle::default());
    let engine = engine(&model);
    let house = House::new(2);
    model.shut.store(true, Ordering::Relaxed);
    let busy = {
        let (engine, place) = (engine.clone(), house.try_enter().expect("a place"));
        let plan = plan(&engine, "wait");
        tokio::spawn(async move { engine.read(plan, None, place).await })
    };
    while count(&model.encoded) == 0 {
        tokio::task::yield_now().await;
    }
    let place = house.try_enter().expect("a place");
    let left = engine.read(plan(&engine, "calm"), None, place);
    // Polled once, then dropped.
    assert!(futures::FutureExt::now_or_never(left).is_none());
    assert!(house.try_enter().is_some(), "the place is free at once");
    assert_eq!(count(&engine.counters().cancelled), 1);
    model.shut.store(false, Ordering::Relaxed);
    assert!(busy.await.expect("task").is_ok());
    assert!(read(&engine, "calm", None).await.is_ok());
    assert_eq!(count(&model.encoded), 2, "the window of the caller who left was not encoded");
}

/// Notes, at the moment the answer comes, whether the house is empty.
struct AtTheAnswer(House, OnceLock<bool>);

impl Wake for AtTheAnswer {
    fn wake(self: Arc<Self>) {
        let _first = self.1.set(self.0.is_empty());
    }
}

#[tokio::test]
async fn a_place_is_free_when_the_answer_comes() {
    let model = Arc::new(Brittle::default());
    let engine = engine(&model);
    model.shut.store(true, Ordering::Relaxed);
    let house = House::new(1);
    let place = house.try_enter().expect("a place");
    let answer = engine.read(plan(&engine, "wait"), None, place);
    let mut answer = std::pin::pin!(answer);
    let noted = Arc::new(AtTheAnswer(house, OnceLock::new()));
    let waker = Waker::from(Arc::clone(&noted));
    assert!(answer.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    model.shut.store(false, Ordering::Relaxed);
    let latest = Instant::now() + std::time::Duration::from_secs(30);
    while noted.1.get().is_none() {
        assert!(Instant::now() < latest, "no answer");
        std::thread::yield_now();
    }
    assert!(answer.await.is_ok());
    assert_eq!(noted.1.get(), Some(&true));
}

#[tokio::test]
async fn an_expired_job_is_not_read() {
    let model = Arc::new(Brittle::default());
    let engine = engine(&model);
    let outcome = read(&engine, "calm", Some(Instant::now())).await;
    assert_eq!(outcome, Err(EngineError::DeadlineExceeded));
    assert_eq!(count(&engine.counters().expired), 1);
    assert_eq!(count(&model.encoded), 0);
}

#[tokio::test]
async fn the_workers_end_with_the_last_handle() {
    let model = Arc::new(Brittle::default());
    let engine = engine(&model);
    let clone = engine.clone();
    drop(engine);
    assert!(read(&clone, "calm", None).await.is_ok());
    let mut recovering = clone.recovering();
    drop(clone);
    // The sender is the worker's.
    assert!(recovering.changed().await.is_err());
}
