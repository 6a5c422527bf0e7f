//! Contests: two sides and the third parties of a dispute, and where a document mentions them.
//!
//! Pure: no async, no I/O, no model.

mod catalog;
mod definition;
mod draft;
mod entailment;
mod mention;
mod speaker_side;

pub use catalog::{Catalog, CatalogEntry};
pub use definition::{AliasGuard, BALANCED, Contest, ContestLimits, Party, PartyIndex, Side};
pub use draft::{AliasDraft, ContestDraft, GuardedAlias, PartyDraft};
pub use entailment::EntailmentCalibration;
pub use mention::{Mention, MentionFinder, NameKind};
pub use speaker_side::SpeakerSides;
