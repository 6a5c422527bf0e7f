use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::engine::House;

/// Tells its batches, and waits for a word before each.
struct Echo {
    batches: Sender<Vec<String>>,
    go: Receiver<()>,
}

impl UnitModel for Echo {
    type Order = Vec<&'static str>;
    type Unit = &'static str;
    type Output = String;

    fn units(&self, order: Self::Order) -> Result<Vec<Self::Unit>, EngineError> {
        Ok(order)
    }

    fn tokens(&self, unit: &Self::Unit) -> usize {
        unit.len()
    }

    fn agree(&self, a: &Self::Unit, b: &Self::Unit) -> bool {
        a.is_ascii() == b.is_ascii()
    }

    fn run(
        &mut self,
        units: &[&Self::Unit],
        go_on: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Option<String>>, String> {
        self.batches.send(units.iter().map(|unit| (**unit).to_owned()).collect()).expect("test");
        self.go.recv().expect("test");
        assert!(!units.contains(&&"boom"));
        let outputs = units.iter().enumerate();
        Ok(outputs.map(|(index, unit)| go_on(index).then(|| unit.to_uppercase())).collect())
    }
}

struct Test {
    line: Line<Echo>,
    batches: Receiver<Vec<String>>,
    go: Sender<()>,
    house: House,
}

fn test() -> Test {
    let (batch_sender, batches) = channel();
    let (go, go_receiver) = channel();
    let rule = LineRule {
        name: "echo".into(),
        threads: 1,
        torch_threads: 1,
        capacity: 8,
        batch_tokens: 8,
        turn: Turn::default(),
    };
    let line = Line::start(Echo { batches: batch_sender, go: go_receiver }, rule).expect("thread");
    Test { line, batches, go, house: House::new(8) }
}

impl Test {
    fn ask(
        &self,
        order: &[&'static str],
    ) -> tokio::task::JoinHandle<Result<Done<String>, EngineError>> {
        let (line, place) = (self.line.clone(), self.house.try_enter().expect("place"));
        let order = order.to_vec();
        tokio::spawn(async move { line.ask(order, None, place).await })
    }

    /// The next batch, which is then done.
    async fn batch(&mut self) -> Vec<String> {
        let batch = self.waiting_batch().await;
        self.go.send(()).expect("line");
        batch
    }

    /// The next batch, which waits.
    async fn waiting_batch(&mut self) -> Vec<String> {
        loop {
            match self.batches.try_recv() {
                Ok(batch) => return batch,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }
}

#[tokio::test]
async fn orders_share_batches_in_turn() {
    let mut test = test();
    let block = test.ask(&["block"]);
    let _waits = test.waiting_batch().await;
    let long = test.ask(&["aa", "bb", "cc", "dd"]);
    tokio::task::yield_now().await;
    let short = test.ask(&["ee"]);
    tokio::task::yield_now().await;
    test.go.send(()).expect("line");
    assert_eq!(test.batch().await, ["aa", "bb", "cc", "ee"]);
    assert_eq!(test.batch().await, ["dd"]);
    assert_eq!(long.await.expect("task").expect("done").outputs, ["AA", "BB", "CC", "DD"]);
    assert_eq!(short.await.expect("task").expect("done").outputs, ["EE"]);
    assert!(block.await.expect("task").is_ok());
    assert!(test.house.is_empty());
}

#[tokio::test]
async fn units_that_do_not_agree_go_apart() {
    let mut test = test();
    let mixed = test.ask(&["a", "é", "b"]);
    assert_eq!(test.batch().await, ["a"]);
    assert_eq!(test.batch().await, ["é"]);
    assert_eq!(test.batch().await, ["b"]);
    assert_eq!(mixed.await.expect("task").expect("done").outputs, ["A", "É", "B"]);
}

#[tokio::test]
async fn a_caller_who_leaves_is_not_worked_for() {
    let mut test = test();
    let leaver = test.ask(&["aaaa", "bbbb", "cccc"]);
    assert_eq!(test.waiting_batch().await, ["aaaa", "bbbb"]);
    leaver.abort();
    assert!(leaver.await.is_err());
    test.go.send(()).expect("line");
    let next = test.ask(&["dd"]);
    assert_eq!(test.batch().await, ["dd"]);
    assert!(next.await.expect("task").is_ok());
    assert!(test.house.is_empty());
}

#[tokio::test]
async fn a_panic_fails_only_the_order_that_panics() {
    let mut test = test();
    let block = test.ask(&["block"]);
    let _waits = test.waiting_batch().await;
    let bad = test.ask(&["boom"]);
    tokio::task::yield_now().await;
    let good = test.ask(&["ok"]);
    tokio::task::yield_now().await;
    test.go.send(()).expect("line");
    assert_eq!(test.batch().await, ["boom", "ok"]);
    assert_eq!(test.batch().await, ["boom"]);
    assert_eq!(test.batch().await, ["ok"]);
    assert!(matches!(bad.await.expect("task"), Err(EngineError::Model(_))));
    assert_eq!(good.await.expect("task").expect("done").outputs, ["OK"]);
    assert!(block.await.expect("task").is_ok());
}

#[tokio::test]
async fn nobody_is_passed_over_for_ever() {
    let mut test = test();
    let block = test.ask(&["block"]);
    let _waits = test.waiting_batch().await;
    // Those that agree with each other fill a batch and are done with it; the odd one stands between them.
    let mut others = vec![test.ask(&["aaaaaaaa"])];
    tokio::task::yield_now().await;
    let odd = test.ask(&["é"]);
    tokio::task::yield_now().await;
    for _ in 0..3 {
        others.push(test.ask(&["bbbbbbbb"]));
        tokio::task::yield_now().await;
    }
    test.go.send(()).expect("line");
    assert_eq!(test.batch().await, ["aaaaaaaa"]);
    assert_eq!(test.batch().await, ["é"]);
    assert!(odd.await.expect("task").is_ok());
    for _ in 0..3 {
        assert_eq!(test.batch().await, ["bbbbbbbb"]);
    }
    for other in others {
        assert!(other.await.expect("task").is_ok());
    }
    assert!(block.await.expect("task").is_ok());
}

#[tokio::test]
async fn an_order_of_nothing_is_done() {
    let test = test();
    assert_eq!(test.ask(&[]).await.expect("task").expect("done").outputs, [""; 0]);
}
