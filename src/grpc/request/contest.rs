//! Contests of requests.

use std::collections::BTreeMap;

use crate::contest::{AliasDraft, ContestDraft, EntailmentCalibration, GuardedAlias, PartyDraft};
use crate::grpc::proto::v1;

/// A contest of a request as it was written down.
pub(super) fn draft(contest: v1::Contest) -> ContestDraft {
    let parties = |parties: Vec<v1::Party>| parties.into_iter().map(party_draft).collect();
    ContestDraft {
        id: contest.id,
        version: contest.version,
        name: contest.name,
        topic: contest.topic,
        sides: parties(contest.sides),
        third_parties: parties(contest.third_parties),
        entailment: contest.entailment.into_iter().map(Into::into).collect(),
    }
}

fn party_draft(party: v1::Party) -> PartyDraft {
    let mut guards: BTreeMap<String, v1::AliasGuard> =
        party.guards.into_iter().map(|guard| (guard.alias.clone(), guard)).collect();
    PartyDraft {
        id: party.id,
        name: party.name,
        aliases: guarded(party.aliases, &mut guards),
        people: party.people,
        affiliations: guarded(party.affiliations, &mut guards),
        claims: party.claims,
    }
}

/// Names with their guards. A guard of no name guards nothing.
fn guarded(names: Vec<String>, guards: &mut BTreeMap<String, v1::AliasGuard>) -> Vec<AliasDraft> {
    let guarded = |name: String| match guards.remove(&name) {
        None => AliasDraft::Plain(name),
        Some(v1::AliasGuard { not_before, not_after, .. }) => {
            AliasDraft::Guarded(GuardedAlias { name, not_before, not_after })
        }
    };
    names.into_iter().map(guarded).collect()
}

impl From<v1::EntailmentCalibration> for EntailmentCalibration {
    fn from(calibration: v1::EntailmentCalibration) -> Self {
        let v1::EntailmentCalibration { model, temperature, decide_above } = calibration;
        Self { model, temperature, decide_above }
    }
}

impl From<EntailmentCalibration> for v1::EntailmentCalibration {
    fn from(calibration: EntailmentCalibration) -> Self {
        let EntailmentCalibration { model, temperature, decide_above } = calibration;
        Self { model, temperature, decide_above }
    }
}
