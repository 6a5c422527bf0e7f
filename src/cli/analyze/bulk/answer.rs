//! What one record gets: a line of JSON, and the same for columns.

use crate::cli::analyze::{failure_json, reply_json};
use crate::cli::exit::Failure;
use crate::grpc::WireStatus;
use crate::grpc::proto::v1;

/// What one record gets.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answer {
    /// The record's id of the article.
    pub(super) article_id: String,
    /// Code and message of the status, when it has no reply.
    pub(super) error: Option<(i32, String)>,
    /// What columns say of the reply.
    pub(super) facts: Option<Facts>,
    /// The reply, or the failure, as a line.
    pub(super) json: String,
}

/// What many ask of a reply; names of values as the contract has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) language: String,
    pub(super) summary: Option<String>,
    pub(super) contest_id: Option<String>,
    pub(super) stance_status: Option<&'static str>,
    pub(super) framing: Option<Framing>,
}

/// Whose account a reader is left with.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Framing {
    pub(super) label: String,
    pub(super) score: f64,
    pub(super) confidence: f64,
    pub(super) mode: &'static str,
}

impl Answer {
    /// From what the call came to.
    pub(super) fn new(
        article_id: String,
        outcome: Result<v1::AnalyzeArticleResponse, WireStatus>,
    ) -> Result<Self, Failure> {
        Ok(match outcome {
            Ok(reply) => {
                let json = reply_json(&reply)?.to_string();
                Self { article_id, error: None, facts: Some(facts(reply)), json }
            }
            Err(status) => {
                let json = failure_json(&article_id, &status)?.to_string();
                Self { article_id, error: Some((status.code, status.message)), facts: None, json }
            }
        })
    }
}

fn facts(reply: v1::AnalyzeArticleResponse) -> Facts {
    let language = reply.document.and_then(|document| document.language);
    let stance = reply.stance;
    Facts {
        language: language.map(|language| language.code).unwrap_or_default(),
        summary: reply.summary.map(|summary| summary.text),
        contest_id: stance.as_ref().map(|stance| stance.contest_id.clone()),
        stance_status: stance.as_ref().map(|stance| stance.status().as_str_name()),
        framing: stance.and_then(|stance| stance.framing).map(|framing| Framing {
            mode: framing.mode().as_str_name(),
            label: framing.label,
            score: framing.score,
            confidence: framing.confidence,
        }),
    }
}
