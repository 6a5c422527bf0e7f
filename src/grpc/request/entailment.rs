//! Which statements a request wants tested.

use std::collections::BTreeSet;

use super::Check;
use crate::grpc::proto::v1;
use crate::model::Task;
use crate::violation::shortened;

/// Longest id of a label, in bytes.
const MAX_LABEL_ID: usize = 64;
/// Longest statement, in code points.
const MAX_STATEMENT: usize = 500;

/// The statements that are to be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grpc) struct EntailmentWish {
    /// Id of the checkpoint.
    pub(in crate::grpc) model: String,
    /// Labels of the request: id and statement.
    pub(in crate::grpc) labels: Vec<(String, String)>,
    /// Whether the claims of the contest are tested as well.
    pub(in crate::grpc) claims: bool,
}

impl Check<'_> {
    /// None when nothing is to be tested.
    pub(super) fn entailment(
        &mut self,
        options: v1::EntailmentOptions,
        stance_wanted: bool,
    ) -> Option<EntailmentWish> {
        let v1::EntailmentOptions { labels, contest_claims, model } = options;
        if labels.is_empty() && !contest_claims {
            if !model.is_empty() {
                self.reject(
                    "entailment.labels",
                    "is required with a model, unless contest_claims is set",
                );
            }
            return None;
        }
        if contest_claims && !stance_wanted {
            self.reject("entailment.contest_claims", "needs stance among the parts");
        }
        let limit = self.rules.config.limits.max_labels;
        if labels.len() > limit {
            let problem = format!("has at most {limit} entries, got {}", labels.len());
            self.reject("entailment.labels", problem);
        } else {
            self.labels(&labels);
        }
        let model = self.checkpoint(Task::Entailment, &model, "entailment")?;
        let labels = labels.into_iter().map(|label| (label.id, label.statement)).collect();
        Some(EntailmentWish { model, labels, claims: contest_claims })
    }

    fn labels(&mut self, labels: &[v1::Label]) {
        let mut seen = BTreeSet::new();
        for (index, label) in labels.iter().enumerate() {
            let field = |name: &str| format!("entailment.labels[{index}].{name}");
            let bytes = label.id.len();
            if label.id.is_empty() {
                self.reject(&field("id"), "is required");
            } else if bytes > MAX_LABEL_ID {
                self.reject(
                    &field("id"),
                    format!("is at most {MAX_LABEL_ID} bytes long, got {bytes}"),
                );
            } else if !seen.insert(label.id.as_str()) {
                self.reject(&field("id"), format!("\"{}\" is used twice", shortened(&label.id)));
            }
            let length = label.statement.chars().count();
            if !label.statement.contains(char::is_alphanumeric) {
                self.reject(&field("statement"), "is required and holds a letter or digit");
            } else if length > MAX_STATEMENT {
                let problem = format!("is at most {MAX_STATEMENT} code points long, got {length}");
                self.reject(&field("statement"), problem);
            }
        }
    }
}
