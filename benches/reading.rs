//! How fast articles are read: `cargo bench --bench reading`.
//!
//! The texts are of a megabyte, because the detector of languages looks at a bounded sample: on a
//! text of that length it costs under a hundredth, and the figures are those of everything else.
//! `short` is an article as it arrives, the detector included.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use parallax::analysis::compare;
use parallax::article::{Document, Format};
use parallax::contest::{Catalog, SpeakerSides};

const ARTICLES: [&str; 5] = [
    include_str!("../tests/fixtures/articles/dam_deshar.txt"),
    include_str!("../tests/fixtures/articles/dam_karsova.txt"),
    include_str!("../tests/fixtures/articles/fell_race.txt"),
    include_str!("../tests/fixtures/articles/russia.txt"),
    include_str!("../tests/fixtures/articles/us_nato.txt"),
];

const MEGABYTE: usize = 1_000_000;

/// The articles over and over, a megabyte of them. Every line is numbered: a line that was printed
/// before is furniture, and nothing would be read.
fn long_text() -> String {
    let mut text = String::with_capacity(MEGABYTE + 10_000);
    let mut number = 0;
    while text.len() < MEGABYTE {
        for line in ARTICLES.iter().flat_map(|article| article.lines()) {
            number += 1;
            match line.strip_suffix('.') {
                Some(line) => text.push_str(&format!("{line} {number}.\n")),
                None if line.is_empty() => text.push('\n'),
                None => text.push_str(&format!("{line} {number}\n")),
            }
        }
    }
    text
}

/// The same text as the paragraphs of a page.
fn page(text: &str) -> String {
    let line = |line: &str| format!("<p class=\"story\">{}</p>\n", line.replace('&', "&amp;"));
    format!(
        "<!DOCTYPE html><html><body>\n{}</body></html>",
        text.lines().map(line).collect::<String>()
    )
}

fn reading(criterion: &mut Criterion) {
    let plain = long_text();
    let texts = [
        ("plain", Format::Plain, plain.clone()),
        ("plain_with_no_break_spaces", Format::Plain, plain.replace(' ', "\u{A0}")),
        ("html", Format::Html, page(&plain)),
        ("short", Format::Plain, ARTICLES[0].to_owned()),
    ];
    let mut group = criterion.benchmark_group("reading");
    for (name, format, text) in texts {
        group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap()));
        group.bench_with_input(BenchmarkId::from_parameter(name), &text, |bencher, text| {
            bencher.iter_batched(
                || text.clone(),
                |text| black_box(Document::parse_as(text, format, None)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// What is done with a parsed megabyte: mentions of a contest's parties, whose speakers are, a comparison with a
/// text that differs in every tenth line.
fn using(criterion: &mut Criterion) {
    let text = long_text();
    let other: String = text.lines().enumerate().fold(String::new(), |other, (number, line)| {
        other + if number % 10 == 0 { "Another line stands here." } else { line } + "\n"
    });
    let size = u64::try_from(text.len()).unwrap();
    let [document, other] = [text, other].map(|text| Document::parse(text, None));
    let catalog = Catalog::built_in().unwrap();
    let finder = &catalog.get("us-russia").unwrap().finder;
    let mut group = criterion.benchmark_group("using");
    group.throughput(Throughput::Bytes(size)).sample_size(10);
    group.bench_function("mentions", |bencher| bencher.iter(|| black_box(finder.find(&document))));
    group.bench_function("speakers", |bencher| {
        bencher.iter(|| black_box(SpeakerSides::of(&document, finder)));
    });
    group.bench_function("comparison", |bencher| {
        bencher.iter(|| black_box(compare(&[&document, &other])));
    });
    group.finish();
}

criterion_group!(benches, reading, using);
criterion_main!(benches);
