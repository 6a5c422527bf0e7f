//! What came of labels and claims, on the wire.

use super::stance::attribution;
use super::{Finding, Judged, folded, span};
use crate::analysis::{
    ClaimFinding, ClaimStance, StatementEvidence, StatementFinding, StatementStatus,
};
use crate::grpc::proto::v1;

/// One finding for each label; undecided ones where the article could not be read.
pub(super) fn write(finding: &Finding<'_>) -> Vec<v1::LabelFinding> {
    let wish = finding.request.entailment.iter();
    let labels = wish.flat_map(|wish| &wish.labels).enumerate();
    labels
        .map(|(index, (id, _))| {
            let tested = finding.tested.as_ref();
            let found = tested.and_then(|tested| tested.labels.get(index));
            let told = v1::LabelFinding {
                label: id.clone(),
                status: v1::LabelStatus::Undecided.into(),
                calibrated: tested.is_some_and(|tested| tested.calibrated),
                ..v1::LabelFinding::default()
            };
            found.map_or(told.clone(), |found| label(found, told, finding))
        })
        .collect()
}

fn label(
    found: &StatementFinding,
    told: v1::LabelFinding,
    finding: &Finding<'_>,
) -> v1::LabelFinding {
    let status = match found.status {
        StatementStatus::Entailed => v1::LabelStatus::Entailed,
        StatementStatus::Contradicted => v1::LabelStatus::Contradicted,
        StatementStatus::Contested => v1::LabelStatus::Contested,
        StatementStatus::Undecided => v1::LabelStatus::Undecided,
    };
    let wanted = finding.request.output.evidence;
    let sentences = found.evidence.iter().filter(|_| wanted);
    v1::LabelFinding {
        status: status.into(),
        entailed: found.entailed,
        contradicted: found.contradicted,
        evidence: sentences.filter_map(|sentence| evidence(sentence, finding)).collect(),
        ..told
    }
}

fn evidence(evidence: &StatementEvidence, finding: &Finding<'_>) -> Option<v1::LabelEvidence> {
    let sentence = finding.document.sentences.get(evidence.sentence)?;
    Some(v1::LabelEvidence {
        span: Some(span(&sentence.span)),
        text: folded(&sentence.span, finding.document),
        entailed: evidence.entailed,
        contradicted: evidence.contradicted,
        attribution: finding.judged.as_ref().and_then(|judged| whose(evidence.sentence, judged)),
    })
}

/// The claims of the contest that the article meets.
pub(super) fn claims(finding: &Finding<'_>, judged: &Judged<'_>) -> Vec<v1::Claim> {
    let found = finding.tested.iter().flat_map(|tested| &tested.claims);
    found.filter_map(|found| claim(found, finding, judged)).collect()
}

fn claim(found: &ClaimFinding, finding: &Finding<'_>, judged: &Judged<'_>) -> Option<v1::Claim> {
    let side = judged.contest.side(found.side);
    let sentence = finding.document.sentences.get(found.sentence)?;
    let stance = match found.stance {
        ClaimStance::Asserted => v1::ClaimStance::Asserted,
        ClaimStance::Reported => v1::ClaimStance::Reported,
        ClaimStance::Denied => v1::ClaimStance::Denied,
    };
    Some(v1::Claim {
        side: side.id.clone(),
        text: side.claims.get(found.claim)?.clone(),
        stance: stance.into(),
        attribution: whose(found.sentence, judged),
        span: Some(span(&sentence.span)),
        score: found.score,
    })
}

fn whose(sentence: usize, judged: &Judged<'_>) -> Option<v1::Attribution> {
    let whose = judged.stance.attributions.get(sentence)?;
    Some(attribution(whose, judged.contest))
}
