//! The judgement on the wire.

use super::{Finding, Judged, count, folded, labels, span};
use crate::analysis::{
    Attribution, Evidence, Framing, FramingLabel, Mode, NotApplicable, Polarity, StanceStatus,
    Target, Voice, VoiceShare,
};
use crate::contest::{BALANCED, Contest, PartyIndex, Side};
use crate::grpc::proto::v1;

pub(super) fn write(finding: &Finding<'_>, contest: &Contest) -> v1::Stance {
    let unjudged = |status: v1::StanceStatus, reason: String| v1::Stance {
        status: status.into(),
        status_reason: reason,
        contest_id: contest.id.clone(),
        ..v1::Stance::default()
    };
    let Some(judged) = &finding.judged else {
        return if finding.document.sentences.is_empty() {
            unjudged(v1::StanceStatus::NoContent, "the text holds no sentence".into())
        } else {
            let code = &finding.document.language.code;
            let reason = format!("the language of the text is \"{code}\"");
            unjudged(v1::StanceStatus::UnsupportedLanguage, reason)
        };
    };
    let stance = &judged.stance;
    let output = finding.request.output;
    let (status, reason) = status(judged);
    v1::Stance {
        framing: stance.framing.as_ref().map(|f| framing(f, judged)),
        targets: stance.targets.iter().map(|t| target(t, contest)).collect(),
        voices: stance.voices.iter().map(|share| voice_share(share, contest)).collect(),
        unattributed_words: count(stance.unattributed_words),
        quotations: if output.quotations { quotations(finding, judged) } else { Vec::new() },
        claims: labels::claims(finding, judged),
        evidence: if output.evidence {
            stance.evidence.iter().filter_map(|e| evidence(e, finding, judged)).collect()
        } else {
            Vec::new()
        },
        ..unjudged(status, reason)
    }
}

fn status(judged: &Judged<'_>) -> (v1::StanceStatus, String) {
    let threshold = judged.calibration.framing.abstain_below;
    let best = judged.stance.framing.map_or_else(String::new, |framing| {
        format!(
            "\"{}\" has the probability {:.2}",
            label(framing.label, judged.contest),
            framing.confidence()
        )
    });
    match judged.stance.status {
        StanceStatus::Decided => {
            (v1::StanceStatus::Decided, format!("{best}, not below the threshold {threshold:.2}"))
        }
        StanceStatus::Abstained => {
            (v1::StanceStatus::Abstained, format!("{best}, below the threshold {threshold:.2}"))
        }
        StanceStatus::NotApplicable(NotApplicable::TooFewMentions { mentioning }) => (
            v1::StanceStatus::NotApplicable,
            format!("{mentioning} sentences mention a side of the contest, too few for the length"),
        ),
        StanceStatus::NotApplicable(NotApplicable::OffTopic { probability }) => (
            v1::StanceStatus::NotApplicable,
            format!("the article is about the contest with the probability {probability:.2} only"),
        ),
    }
}

fn party_id(party: PartyIndex, contest: &Contest) -> String {
    contest.party(party).map(|party| party.id.clone()).unwrap_or_default()
}

fn label(label: FramingLabel, contest: &Contest) -> String {
    match label {
        FramingLabel::Side(side) => contest.side(side).id.clone(),
        FramingLabel::Balanced => BALANCED.into(),
    }
}

fn framing(framing: &Framing, judged: &Judged<'_>) -> v1::Framing {
    let decided = judged.stance.status == StanceStatus::Decided;
    let probability = |of: FramingLabel, probability: f64| v1::LabelProbability {
        label: label(of, judged.contest),
        probability,
    };
    let mode = match framing.mode {
        None => v1::FramingMode::Unspecified,
        Some(Mode::ByAuthor) => v1::FramingMode::ByAuthor,
        Some(Mode::BySourcing) => v1::FramingMode::BySourcing,
        Some(Mode::Mixed) => v1::FramingMode::Mixed,
        Some(Mode::Balanced) => v1::FramingMode::Balanced,
    };
    v1::Framing {
        label: if decided { label(framing.label, judged.contest) } else { String::new() },
        score: framing.score(),
        probabilities: vec![
            probability(FramingLabel::Side(Side::First), framing.first),
            probability(FramingLabel::Balanced, framing.balanced),
            probability(FramingLabel::Side(Side::Second), framing.second),
        ],
        confidence: framing.confidence(),
        contest_calibrated: judged.calibration.relevance.is_some(),
        mode: if decided { mode.into() } else { v1::FramingMode::Unspecified.into() },
        author_score: framing.author_score,
        sourcing_score: framing.sourcing_score,
    }
}

fn target(target: &Target, contest: &Contest) -> v1::Target {
    let polarity = match target.polarity {
        None => v1::Polarity::Unspecified,
        Some(Polarity::Favor) => v1::Polarity::Favor,
        Some(Polarity::Against) => v1::Polarity::Against,
        Some(Polarity::Neutral) => v1::Polarity::Neutral,
    };
    v1::Target {
        party: party_id(target.party, contest),
        portrayal: target.portrayal,
        author_stance: target.author_stance,
        polarity: polarity.into(),
        mentions: count(target.mentions),
    }
}

fn voice_share(share: &VoiceShare, contest: &Contest) -> v1::VoiceShare {
    v1::VoiceShare {
        side: share.party.map(|party| party_id(party, contest)).unwrap_or_default(),
        quoted_words: count(share.words),
        inferred_words: count(share.inferred_words),
        share: share.share,
        speakers: share.speakers.clone(),
    }
}

fn quotations(finding: &Finding<'_>, judged: &Judged<'_>) -> Vec<v1::Quotation> {
    let quotations = finding.document.quotations.iter().filter(|quotation| !quotation.scare);
    quotations
        .map(|quotation| {
            let speaker = quotation.speaker.as_ref().map(|speaker| speaker.name.clone());
            let found = judged.speakers.of_quotation(quotation);
            v1::Quotation {
                span: Some(span(&quotation.span)),
                speaker: speaker.unwrap_or_default(),
                side: found.map(|found| party_id(found.party, judged.contest)).unwrap_or_default(),
                words: count(quotation.words),
                side_inferred: found.is_some_and(|found| found.inferred),
            }
        })
        .collect()
}

/// Whose words, on the wire.
pub(super) fn attribution(attribution: &Attribution, contest: &Contest) -> v1::Attribution {
    let (voice, side) = match attribution.voice {
        Voice::Author => (v1::Voice::Author, String::new()),
        Voice::Party(party) if party.side().is_some() => {
            (v1::Voice::Side, party_id(party, contest))
        }
        Voice::Party(party) => (v1::Voice::Party, party_id(party, contest)),
        Voice::Other => (v1::Voice::Other, String::new()),
        Voice::Unattributed => (v1::Voice::Unattributed, String::new()),
    };
    v1::Attribution {
        voice: voice.into(),
        side,
        speaker: attribution.speaker.clone().unwrap_or_default(),
        side_inferred: attribution.inferred,
    }
}

fn evidence(
    evidence: &Evidence,
    finding: &Finding<'_>,
    judged: &Judged<'_>,
) -> Option<v1::Evidence> {
    let sentence = finding.document.sentences.get(evidence.sentence)?;
    let whose = judged.stance.attributions.get(evidence.sentence);
    Some(v1::Evidence {
        span: Some(span(&sentence.span)),
        text: folded(&sentence.span, finding.document),
        side: judged.contest.side(evidence.side).id.clone(),
        weight: evidence.weight,
        attribution: whose.map(|whose| attribution(whose, judged.contest)),
    })
}
