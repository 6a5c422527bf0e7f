//! What was found when the article was read.

use super::stance::attribution;
use super::{Finding, count, span};
use crate::analysis::PassageReading;
use crate::article::{FurnitureReason, ParagraphKind, SentenceKind};
use crate::grpc::proto::v1;

pub(super) fn write(finding: &Finding<'_>) -> v1::Document {
    let document = finding.document;
    v1::Document {
        language: Some(v1::Language {
            code: document.language.code.clone(),
            confidence: document.language.confidence,
        }),
        genre: v1::Genre::Unspecified.into(),
        furniture: if finding.request.output.furniture { furniture(finding) } else { Vec::new() },
        sentence_count: count(document.sentences.len()),
        sentences: if finding.request.output.sentences { sentences(finding) } else { Vec::new() },
    }
}

/// Lines, parts of paragraphs and sentences that were left out, in the order of the text.
fn furniture(finding: &Finding<'_>) -> Vec<v1::Furniture> {
    let document = finding.document;
    let lines = document.paragraphs.iter().filter_map(|paragraph| match paragraph.kind {
        ParagraphKind::Furniture(why) => Some((&paragraph.span, reason(why))),
        ParagraphKind::Heading | ParagraphKind::Body => None,
    });
    let asides = document.asides.iter().map(|aside| (&aside.span, reason(aside.reason)));
    let sentences = document.sentences.iter().zip(finding.in_story);
    let judged = sentences
        .filter(|(_, in_story)| !**in_story)
        .map(|(sentence, _)| (&sentence.span, v1::FurnitureReason::Model));
    let mut found: Vec<_> = lines.chain(asides).chain(judged).collect();
    found.sort_by_key(|(place, _)| place.start_byte);
    found
        .into_iter()
        .map(|(place, reason)| v1::Furniture { span: Some(span(place)), reason: reason.into() })
        .collect()
}

fn reason(reason: FurnitureReason) -> v1::FurnitureReason {
    match reason {
        FurnitureReason::Navigation => v1::FurnitureReason::Navigation,
        FurnitureReason::Caption => v1::FurnitureReason::Caption,
        FurnitureReason::Credit => v1::FurnitureReason::Credit,
        FurnitureReason::Date => v1::FurnitureReason::Date,
        FurnitureReason::Player => v1::FurnitureReason::Player,
        FurnitureReason::SizeSelector => v1::FurnitureReason::SizeSelector,
        FurnitureReason::Share => v1::FurnitureReason::Share,
        FurnitureReason::Copyright => v1::FurnitureReason::Copyright,
        FurnitureReason::Link => v1::FurnitureReason::Link,
        FurnitureReason::Duplicate => v1::FurnitureReason::Duplicate,
        FurnitureReason::RepeatedLead => v1::FurnitureReason::RepeatedLead,
        FurnitureReason::Dateline => v1::FurnitureReason::Dateline,
        FurnitureReason::Separator => v1::FurnitureReason::Separator,
        FurnitureReason::Subheading => v1::FurnitureReason::Subheading,
    }
}

/// Every sentence with what the model read in it; without the model, only where it stands.
fn sentences(finding: &Finding<'_>) -> Vec<v1::Sentence> {
    let judged = finding.judged.as_ref();
    let sentences = finding.document.sentences.iter().enumerate();
    sentences
        .map(|(index, sentence)| {
            let reading = finding.reading.passages.get(index + finding.title_passages);
            let applies = judged.filter(|judged| judged.stance.framing.is_some());
            let framing = applies.and_then(|judged| judged.stance.sentence_framing.get(index));
            let told = framing.filter(|_| finding.in_story.get(index) == Some(&true)).and(reading);
            let side = judged.zip(told.and_then(|reading| reading.stance.side()));
            let whose =
                judged.and_then(|judged| Some((judged, judged.stance.attributions.get(index)?)));
            v1::Sentence {
                span: Some(span(&sentence.span)),
                heading: sentence.kind == SentenceKind::Heading,
                salience: reading.map_or(0.0, PassageReading::salience_probability),
                framing: framing.copied().unwrap_or_default(),
                framing_side: side
                    .map(|(judged, side)| judged.contest.side(side).id.clone())
                    .unwrap_or_default(),
                attribution: whose.map(|(judged, whose)| attribution(whose, judged.contest)),
            }
        })
        .collect()
}
