//! The engine computes what the training framework computed from the same weights.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

use parallax::analysis::{
    Passage, PassageMention, Reading, ReadingRequest, SideLogits, SideRequest,
};
use parallax::engine::{BertModel, Engine, EngineOptions, House};
use parallax::model::{Bundle, Precision};
use serde::Deserialize;

/// How exactly floats must agree; the fixture names the same.
const TOLERANCE: f32 = 1e-3;

#[derive(Deserialize)]
struct Fixture {
    tolerance: f32,
    articles: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    title: Option<String>,
    sentences: Vec<String>,
    /// Claims of both sides; none for no contest.
    claims: Vec<Vec<String>>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    /// Lengths of the windows, in tokens.
    windows: Vec<usize>,
    /// First numbers of each passage's vector.
    vectors: Vec<Vec<f32>>,
    salience_logits: Vec<f32>,
    sourced_logits: Vec<f32>,
    furniture_logits: Vec<f32>,
    /// First side, neither, second side.
    stance_logits: Vec<[f32; 3]>,
    article_stance_logits: [f32; 3],
    /// People of the first side, of neither, of the second.
    speaker_logits: Vec<[f32; 3]>,
    relevance_logit: f32,
    mentions: Vec<Mention>,
}

#[derive(Deserialize)]
struct Mention {
    /// Index among the passages, the title counted.
    sentence: usize,
    /// 0 for the first side, 1 for the second.
    side: usize,
    start: usize,
    end: usize,
    polarity_logits: [f32; 3],
}

fn request(article: &Article) -> ReadingRequest {
    let title = article.title.iter().map(|title| Passage { text: title.clone(), position: 0 });
    let sentences = article.sentences.iter().enumerate();
    let sentences = sentences.map(|(position, text)| Passage { text: text.clone(), position });
    let passages: Vec<Passage> = title.chain(sentences).collect();
    let mentions = article.expected.mentions.iter().map(|mention| PassageMention {
        passage: mention.sentence,
        bytes: mention.start..mention.end,
    });
    let sides = [0, 1].map(|side| {
        let mentions = article.expected.mentions.iter().enumerate();
        SideRequest {
            mentions: mentions.filter(|(_, m)| m.side == side).map(|(index, _)| index).collect(),
            claims: article.claims.get(side).cloned().unwrap_or_default(),
        }
    });
    ReadingRequest {
        mentions: mentions.collect(),
        body_count: article.sentences.len(),
        passages,
        sides,
    }
}

fn assert_close(what: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    for (a, e) in actual.iter().zip(expected) {
        assert!((a - e).abs() <= tolerance, "{what}: {a} is not {e} within {tolerance}");
    }
}

fn logits(stance: SideLogits) -> [f32; 3] {
    [stance.first, stance.neither, stance.second]
}

fn probabilities(logits: [f32; 3]) -> [f32; 3] {
    let powers = logits.map(f32::exp);
    powers.map(|power| power / powers.iter().sum::<f32>())
}

/// What the embedded bundle reads in the articles of the fixture, and what it should.
async fn readings(precision: Precision) -> Vec<(Reading, Expected)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/encoder_parity.json");
    let fixture = std::fs::read_to_string(path).expect("fixture");
    let fixture: Fixture = serde_json::from_str(&fixture).expect("fixture");
    assert_eq!(fixture.tolerance, TOLERANCE);
    let options = EngineOptions { threads: 2, batch_tokens: 4096, precision };
    let model = BertModel::load(&Bundle::embedded().expect("bundle"), precision, 2);
    let engine = Engine::start(options, model.expect("model")).expect("engine");
    let house = House::new(1);
    let mut readings = Vec::new();
    for article in fixture.articles {
        let place = house.try_enter().expect("a place");
        let plan = engine.plan(request(&article)).expect("plan");
        let reading = engine.read(plan, None, place).await.expect("reading");
        readings.push((reading, article.expected));
    }
    readings
}

#[tokio::test]
async fn floats_agree_within_a_thousandth() {
    for (reading, expected) in readings(Precision::F32).await {
        assert_eq!(reading.windows, expected.windows.len());
        assert_eq!(reading.tokens, expected.windows.iter().sum::<usize>());
        assert_eq!(reading.passages.len(), expected.vectors.len());
        for (index, passage) in reading.passages.iter().enumerate() {
            let vector = &expected.vectors[index];
            let head = &passage.vector[..vector.len()];
            assert_close("vector", head, vector, TOLERANCE);
            let sourced = expected.sourced_logits[index];
            assert_close("sourced", &[passage.sourced], &[sourced], TOLERANCE);
            let furniture = expected.furniture_logits[index];
            assert_close("furniture", &[passage.furniture], &[furniture], TOLERANCE);
            let stance = expected.stance_logits[index];
            assert_close("stance", &logits(passage.stance), &stance, TOLERANCE);
            let speaker = expected.speaker_logits[index];
            assert_close("speaker", &logits(passage.speaker), &speaker, TOLERANCE);
            let salience = expected.salience_logits[index];
            assert_close("salience", &[passage.salience], &[salience], TOLERANCE);
        }
        let article_stance = expected.article_stance_logits;
        assert_close("stance", &logits(reading.stance), &article_stance, TOLERANCE);
        assert_close("relevance", &[reading.relevance], &[expected.relevance_logit], TOLERANCE);
        assert_eq!(reading.mentions.len(), expected.mentions.len());
        for (logits, mention) in reading.mentions.iter().zip(&expected.mentions) {
            assert_close("polarity", logits, &mention.polarity_logits, TOLERANCE);
        }
    }
}

#[tokio::test]
async fn eight_bit_integers_move_probabilities_by_little() {
    let mut moved = Vec::new();
    for (reading, expected) in readings(Precision::Int8).await {
        assert_eq!(reading.windows, expected.windows.len());
        assert_eq!(reading.passages.len(), expected.stance_logits.len());
        let article = probabilities(logits(reading.stance));
        let exact = probabilities(expected.article_stance_logits);
        moved.extend(article.iter().zip(exact).map(|(found, exact)| (found - exact).abs()));
        for (passage, &stance) in reading.passages.iter().zip(&expected.stance_logits) {
            let (found, stance) = (probabilities(logits(passage.stance)), probabilities(stance));
            moved.extend(found.iter().zip(stance).map(|(found, exact)| (found - exact).abs()));
        }
    }
    let mean = moved.iter().sum::<f32>() / moved.len() as f32;
    let most = moved.iter().copied().fold(0.0, f32::max);
    assert!(mean < 0.02 && most < 0.1, "mean {mean}, most {most}");
}
