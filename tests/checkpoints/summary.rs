//! Summaries.

use std::cell::Cell;

use parallax::engine::{GenerationSettings, Generator};
use parallax::model::{Architecture, Checkpoint, NumberFormat, Task};
use serde_json::Value;

use crate::fixture::{SUMMARISERS, checkpoint, expected, fixture};
use crate::{generator, sources};

fn settings(run: &Value) -> GenerationSettings {
    let size = |key: &str| run[key].as_u64().expect(key) as usize;
    GenerationSettings {
        beams: size("beams"),
        min_tokens: size("min_tokens"),
        max_tokens: size("max_tokens"),
        no_repeat_ngram: size("no_repeat_ngram"),
        length_penalty: run["length_penalty"].as_f64().expect("length_penalty"),
    }
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().expect("list").iter().map(|text| text.as_str().expect("text")).collect()
}

#[test]
fn summaries_read_as_those_of_transformers() {
    for (name, architecture) in SUMMARISERS {
        let (generator, expected): (_, Value) = (generator(name, architecture), expected(name));
        let sources = sources(&expected);
        for run in expected["generated"].as_array().expect("runs") {
            let generated = generator.generate(&sources, &settings(&run["settings"]), &|_| true);
            let generated =
                generated.expect(name).into_iter().map(|one| one.expect("not given up"));
            let found: Vec<String> = generated.map(|one| one.text).collect();
            assert_eq!(found, texts(&run["texts"]), "{name}: {}", run["settings"]);
        }
    }
}

#[test]
fn on_integers_a_summary_is_the_same_alone_and_in_a_batch() {
    for (name, architecture) in SUMMARISERS {
        let checkpoint = checkpoint(&fixture(name), architecture, Task::Summary);
        let checkpoint = Checkpoint { numbers: NumberFormat::Int8, ..checkpoint };
        let generator = Generator::load(&checkpoint).expect(name);
        let run = GenerationSettings {
            min_tokens: 0,
            max_tokens: 12,
            beams: 4,
            ..generator.default_settings()
        };
        let expected: Value = expected(name);
        let sources = sources(&expected);
        let batch = generator.generate(&sources, &run, &|_| true).expect(name);
        assert!(batch.iter().flatten().all(|one| one.tokens > 0), "{name}");
        for (source, together) in sources.iter().zip(&batch) {
            let alone = generator.generate(&[source], &run, &|_| true).expect(name);
            assert_eq!(&alone[0], together, "{name}");
        }
    }
}

#[test]
fn tokens_are_counted_and_an_early_end_is_told() {
    let (generator, expected): (_, Value) =
        (generator("bart", Architecture::Bart), expected("bart"));
    let run = GenerationSettings {
        beams: 1,
        min_tokens: 0,
        max_tokens: 60,
        no_repeat_ngram: 2,
        length_penalty: 1.0,
    };
    let text = sources(&expected)[0];
    let generated = generator.generate(&[text], &run, &|_| true).expect("summary");
    let generated = generated[0].as_ref().expect("not given up");
    assert!(generated.finished && generated.tokens < 60, "{generated:?}");
    let ids = expected["sources"][0]["ids"].as_array().expect("ids").len();
    assert_eq!(generated.source_tokens, ids);
    let counted = generator.count_tokens(text).expect("count");
    assert_eq!(counted + generator.added_source_tokens().expect("count"), ids);
    let cut = GenerationSettings { min_tokens: 3, max_tokens: 3, ..run };
    let generated = generator.generate(&[text], &cut, &|_| true).expect("summary");
    assert!(!generated[0].as_ref().expect("not given up").finished);
    assert_eq!(generated[0].as_ref().expect("not given up").tokens, 3);
}

#[test]
fn the_prefix_of_t5_counts_as_added_tokens() {
    let (generator, expected): (_, Value) = (generator("t5", Architecture::T5), expected("t5"));
    for source in expected["sources"].as_array().expect("sources") {
        let counted =
            generator.count_tokens(source["text"].as_str().expect("text")).expect("count");
        let added = generator.added_source_tokens().expect("count");
        assert_eq!(counted + added, source["ids"].as_array().expect("ids").len());
    }
}

#[test]
fn one_source_of_two_can_be_given_up() {
    let (generator, expected): (_, Value) =
        (generator("pegasus", Architecture::Pegasus), expected("pegasus"));
    let sources = sources(&expected);
    let run = &expected["generated"][3];
    let asked = Cell::new(0);
    let go_on = |index: usize| {
        if index == 0 {
            asked.set(asked.get() + 1);
        }
        index != 0 || asked.get() < 4
    };
    let generated =
        generator.generate(&sources, &settings(&run["settings"]), &go_on).expect("runs");
    assert!(generated[0].is_none());
    assert_eq!(asked.get(), 4, "a source that was given up is not asked for again");
    assert_eq!(generated[1].as_ref().expect("goes on").text, texts(&run["texts"])[1]);
    let generated = generator.generate(&sources, &settings(&run["settings"]), &|_| false);
    assert_eq!(generated.expect("runs"), [None, None]);
}

#[test]
fn a_checkpoint_says_how_it_wants_to_be_used() {
    let defaults = |name, architecture| generator(name, architecture).default_settings();
    // `max_length` and `min_length` count the start token.
    let of_task = GenerationSettings {
        beams: 2,
        min_tokens: 5,
        max_tokens: 39,
        no_repeat_ngram: 3,
        length_penalty: 1.5,
    };
    assert_eq!(defaults("bart", Architecture::Bart), of_task);
    let of_file = GenerationSettings {
        beams: 4,
        min_tokens: 8,
        max_tokens: 55,
        no_repeat_ngram: 0,
        length_penalty: 1.0,
    };
    assert_eq!(defaults("distilbart", Architecture::Bart), of_file);
}
