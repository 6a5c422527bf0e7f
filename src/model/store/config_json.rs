//! What a `config.json` says a checkpoint is.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::StoreProblem;
use crate::model::{Architecture, Task};

/// Ending of the class of a network that generates text.
const GENERATES: &str = "ForConditionalGeneration";
/// Ending of the class of a network that classifies a text.
const CLASSIFIES: &str = "ForSequenceClassification";

/// The keys that tell task and network.
#[derive(Debug, Deserialize)]
struct ModelConfig {
    architectures: Option<Vec<String>>,
    model_type: Option<String>,
    id2label: Option<BTreeMap<String, String>>,
}

/// Task and network of a checkpoint, by the bytes of its `config.json`.
pub(super) fn kind(json: &[u8]) -> Result<(Task, Architecture), StoreProblem> {
    let config: ModelConfig =
        serde_json::from_slice(json).map_err(|error| StoreProblem::Invalid(error.to_string()))?;
    let class = config.architectures.as_deref().and_then(<[String]>::first).map(String::as_str);
    let stem = class.map(|class| class.trim_end_matches(GENERATES).trim_end_matches(CLASSIFIES));
    let named = config.model_type.as_deref().or(stem).unwrap_or_default();
    let architecture = Architecture::ALL
        .into_iter()
        .find(|architecture| plain(architecture.name()) == plain(named))
        .ok_or_else(|| StoreProblem::UnknownArchitecture { found: named.to_owned() })?;
    let labels: Vec<String> = config.id2label.unwrap_or_default().into_values().collect();
    let entails = labels.iter().any(|label| label.to_lowercase().starts_with("entail"));
    let task = match class {
        Some(class) if class.ends_with(GENERATES) => Task::Summary,
        Some(class) if class.ends_with(CLASSIFIES) => Task::Entailment,
        Some(class) => return Err(StoreProblem::UnknownClass(class.to_owned())),
        None if entails || !architecture.serves(Task::Summary) => Task::Entailment,
        None => Task::Summary,
    };
    if task == Task::Entailment && !entails {
        return Err(StoreProblem::NoEntailment(labels));
    }
    if !architecture.serves(task) {
        return Err(StoreProblem::WrongTask { architecture, task });
    }
    Ok((task, architecture))
}

/// A name without what `deberta-v2` and `DebertaV2` differ in.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Result<(Task, Architecture), String> {
        kind(json.as_bytes()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_class_tells_task_and_network() {
        let labels = r#""id2label":{"0":"CONTRADICTION","1":"NEUTRAL","2":"ENTAILMENT"}"#;
        for (class, task, architecture) in [
            ("BartForConditionalGeneration", Task::Summary, Architecture::Bart),
            ("T5ForConditionalGeneration", Task::Summary, Architecture::T5),
            ("LongT5ForConditionalGeneration", Task::Summary, Architecture::LongT5),
            ("PegasusForConditionalGeneration", Task::Summary, Architecture::Pegasus),
            ("BartForSequenceClassification", Task::Entailment, Architecture::Bart),
            ("BertForSequenceClassification", Task::Entailment, Architecture::Bert),
            ("DistilBertForSequenceClassification", Task::Entailment, Architecture::DistilBert),
            ("RobertaForSequenceClassification", Task::Entailment, Architecture::Roberta),
            ("DebertaForSequenceClassification", Task::Entailment, Architecture::Deberta),
            ("DebertaV2ForSequenceClassification", Task::Entailment, Architecture::DebertaV2),
        ] {
            let json = format!(r#"{{"architectures":["{class}"],{labels}}}"#);
            assert_eq!(of(&json), Ok((task, architecture)), "{class}");
        }
    }

    #[test]
    fn without_a_class_the_labels_tell_the_task() {
        let summary = r#"{"model_type":"bart","architectures":null}"#;
        assert_eq!(of(summary), Ok((Task::Summary, Architecture::Bart)));
        let entailment = r#"{"model_type":"bart","id2label":{"0":"entailment","1":"other"}}"#;
        assert_eq!(of(entailment), Ok((Task::Entailment, Architecture::Bart)));
    }

    #[test]
    fn what_cannot_be_run_says_what_can() {
        for (json, words) in [
            (r#"{"model_type":"gpt2"}"#, "gpt2 is none of bart, t5, longt5, pegasus, bert"),
            (r#"{"model_type":"bert","architectures":["BertForMaskedLM"]}"#, "BertForMaskedLM"),
            (r#"{"model_type":"bert","id2label":{"0":"POSITIVE"}}"#, "id2label has [POSITIVE]"),
            (
                r#"{"architectures":["T5ForSequenceClassification"],"id2label":{"0":"entailment"}}"#,
                "t5 does not serve entailment",
            ),
            ("[", "EOF while parsing"),
        ] {
            let problem = of(json).expect_err("refused");
            assert!(problem.contains(words), "{problem}");
        }
    }
}
