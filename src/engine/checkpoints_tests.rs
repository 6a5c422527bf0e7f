use std::path::Path;

use super::*;
use crate::analysis::{Grounded, SummaryBudget};
use crate::engine::{EngineError, GenerationWish, House};
use crate::model::ModelStore;

fn load() -> Checkpoints {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checkpoints");
    let store = ModelStore::open(&directory).expect("store");
    let stored = ["bart", "bart-nli"].map(|id| &store.checkpoints[id].checkpoint);
    let options = CheckpointOptions { threads: 1, batch_tokens: 256, capacity: 4 };
    Checkpoints::load(stored, options).expect("checkpoints")
}

fn story(sentences: usize) -> Vec<String> {
    (0..sentences)
        .map(|number| format!("Boat {number} left the old harbour of Arden on Monday."))
        .collect()
}

fn grounded(sentences: &[&str]) -> Grounded {
    Grounded { sentences: sentences.iter().map(|&text| text.to_owned()).collect(), ungrounded: 0 }
}

const WISH: GenerationWish = GenerationWish {
    budget: SummaryBudget { sentences: 1, words: Some(10) },
    min_words: None,
    beams: Some(1),
};

#[tokio::test]
async fn a_long_story_is_read_in_parts_and_all_of_it() {
    let checkpoints = load();
    let summariser = checkpoints.summariser("bart").expect("loaded");
    let place = House::new(1).try_enter().expect("place");
    let kept =
        |_: &str, _: bool| grounded(&["Boats left the old harbour of Arden, and boats came in."]);
    let short =
        summariser.summarise(story(1), WISH, kept, None, place.clone()).await.expect("text");
    assert_eq!(short.parts, 1);
    let long = summariser.summarise(story(40), WISH, kept, None, place).await.expect("text");
    // A window has 80 positions.
    assert!(long.parts >= 10 && long.tokens >= 20 * short.tokens, "{long:?}");
}

#[tokio::test]
async fn a_summary_of_parts_that_fits_is_not_summarised_again() {
    let checkpoints = load();
    let summariser = checkpoints.summariser("bart").expect("loaded");
    let place = House::new(1).try_enter().expect("place");
    let kept = std::sync::atomic::AtomicUsize::new(0);
    let once = |_: &str, _: bool| match kept.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => grounded(&["Boats left."]),
        _ => Grounded { ungrounded: 2, ..grounded(&[]) },
    };
    let text = summariser.summarise(story(40), WISH, once, None, place).await.expect("text");
    assert_eq!((text.text.as_str(), text.finished), ("Boats left.", true));
    assert_eq!(text.ungrounded, 2 * (text.parts - 1));
}

#[tokio::test]
async fn a_sentence_beyond_the_window_is_read_in_pieces() {
    let checkpoints = load();
    let entailer = checkpoints.entailer("bart-nli").expect("loaded");
    let place = House::new(1).try_enter().expect("place");
    let sentences = vec!["Boats left.".to_owned(), story(40).join(" ")];
    let statements = vec!["Boats left.".to_owned(), "Boats came.".to_owned()];
    let reading = entailer.read(sentences, statements, 100, None, place).await.expect("reading");
    let sizes: Vec<usize> = reading.statements.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2]);
}

#[tokio::test]
async fn pieces_count_as_pairs_and_a_long_statement_is_told() {
    let checkpoints = load();
    let entailer = checkpoints.entailer("bart-nli").expect("loaded");
    let place = House::new(1).try_enter().expect("place");
    let refused = async |sentence: String, statement: String| match entailer
        .read(vec![sentence], vec![statement], 2, None, place.clone())
        .await
    {
        Err(EngineError::Invalid(violation)) => violation.problem,
        other => panic!("{other:?}"),
    };
    let many = refused(story(40).join(" "), "Boats left.".into()).await;
    assert!(many.contains("at most 2 pairs"), "{many}");
    let long = refused("Boats left.".into(), story(4).join(" ")).await;
    assert!(long.contains("a statement has at most"), "{long}");
}
