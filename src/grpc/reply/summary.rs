//! The summary on the wire.

use super::{Finding, count, folded, span};
use crate::analysis::Finish;
use crate::grpc::beside::GeneratedSummary;
use crate::grpc::proto::v1;

/// The generated summary when one was asked for and something of it may stand, else the extractive one.
pub(super) fn write(finding: &Finding<'_>) -> v1::Summary {
    finding.standing().map_or_else(|| extractive(finding), generated)
}

fn extractive(finding: &Finding<'_>) -> v1::Summary {
    let chosen = finding.summary.as_ref().map_or(&[][..], |summary| &summary.sentences);
    let sentences: Vec<v1::SummarySentence> = chosen
        .iter()
        .filter_map(|chosen| {
            let sentence = finding.document.sentences.get(chosen.sentence)?;
            Some(v1::SummarySentence {
                text: folded(&sentence.span, finding.document),
                span: Some(span(&sentence.span)),
                score: chosen.salience,
                rank: count(chosen.rank),
            })
        })
        .collect();
    v1::Summary {
        text: text_of(&sentences),
        style: v1::SummaryStyle::Extractive.into(),
        // Sentences of the article, unchanged.
        grounded: true,
        finish_reason: finish(finding.summary.as_ref().map(|summary| summary.finish)).into(),
        sentences,
        parts: 0,
        tokens: 0,
    }
}

fn generated(generated: &GeneratedSummary) -> v1::Summary {
    let sentences = generated.sentences.iter().zip(1..);
    let sentences: Vec<v1::SummarySentence> = sentences
        .map(|(text, rank)| v1::SummarySentence {
            text: text.clone(),
            span: None,
            score: 0.0,
            rank,
        })
        .collect();
    v1::Summary {
        text: text_of(&sentences),
        style: v1::SummaryStyle::Abstractive.into(),
        // What was not grounded was left out.
        grounded: true,
        finish_reason: finish(generated.finish).into(),
        sentences,
        parts: count(generated.parts),
        tokens: count(generated.tokens),
    }
}

fn text_of(sentences: &[v1::SummarySentence]) -> String {
    let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    texts.join(" ")
}

fn finish(finish: Option<Finish>) -> v1::FinishReason {
    match finish {
        None => v1::FinishReason::Unspecified,
        Some(Finish::SentenceBudget) => v1::FinishReason::SentenceBudget,
        Some(Finish::WordBudget) => v1::FinishReason::WordBudget,
        Some(Finish::Exhausted) => v1::FinishReason::Exhausted,
    }
}
