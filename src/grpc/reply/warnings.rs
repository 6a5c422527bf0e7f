//! What a careful caller ought to know.

use super::Finding;
use crate::article::SentenceKind;
use crate::grpc::proto::v1;
use v1::WarningCode as Code;

/// Body sentences below which a stance is little more than that of a sentence.
const SHORT_ARTICLE: usize = 3;

pub(super) fn write(finding: &Finding<'_>) -> Vec<v1::Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code: Code, message: String| {
        warnings.push(v1::Warning { code: code.into(), message });
    };
    let document = finding.document;
    if document.sentences.is_empty() {
        warn(
            Code::NoContent,
            "the text holds no sentence: nothing was summarised or judged".into(),
        );
        return warnings;
    }
    let language = &document.language;
    if !finding.supported {
        let code = &language.code;
        warn(
            Code::LanguageUnsupported,
            format!("the model does not read \"{code}\": the text was not read"),
        );
        return warnings;
    }
    if !language.reliable {
        warn(Code::LanguageUncertain, "the language could not be told; read as English".into());
    }
    if finding.reading.unread > 0 {
        let unread = finding.reading.unread;
        let message = format!("{unread} code points in words of more than 100 were not read");
        warn(Code::Truncated, message);
    }
    let extractive = finding.summary.as_ref().filter(|_| finding.standing().is_none());
    if extractive.is_some_and(|summary| summary.sentences.is_empty()) {
        warn(Code::WordBudgetTooSmall, "no sentence fits into summary.max_words".into());
    }
    of_models_beside(finding, &mut warn);
    of_stance(finding, &mut warn);
    warnings
}

/// What a caller ought to know of a generated summary and of tested statements.
fn of_models_beside(finding: &Finding<'_>, warn: &mut impl FnMut(Code, String)) {
    if let Some(generated) = &finding.generated {
        let ungrounded = generated.ungrounded;
        if ungrounded > 0 {
            let message = format!(
                "{ungrounded} generated sentences had numbers, dates or names that were not found in the article"
            );
            warn(Code::Ungrounded, message);
        }
        if generated.sentences.is_empty() {
            warn(
                Code::ExtractiveInstead,
                "no generated sentence could stand or fit; the summary is extractive".into(),
            );
        }
    }
    if finding.tested.as_ref().is_some_and(|tested| tested.statements > 0 && !tested.calibrated) {
        let message = "probabilities of labels and claims are the model's own, not calibrated";
        warn(Code::LabelsNotCalibrated, message.into());
    }
}

fn of_stance(finding: &Finding<'_>, warn: &mut impl FnMut(Code, String)) {
    let Some(judged) = &finding.judged else { return };
    let document = finding.document;
    if finding.mentions_left_out > 0 {
        let message = format!("the last {} mentions were not read", finding.mentions_left_out);
        warn(Code::MentionsLeftOut, message);
    }
    let body = document.sentences.iter().filter(|s| s.kind == SentenceKind::Body).count();
    if body < SHORT_ARTICLE {
        warn(Code::ShortArticle, format!("the stance rests on {body} body sentences"));
    }
    if judged.calibration.relevance.is_none() {
        let message = "confidence is calibrated on other contests, not on this one";
        warn(Code::ContestNotCalibrated, message.into());
    }
    for side in judged.contest.sides.iter().filter(|side| side.claims.is_empty()) {
        let message = format!("side \"{}\" has no claims: its case is known by name only", side.id);
        warn(Code::NoClaims, message);
    }
}
