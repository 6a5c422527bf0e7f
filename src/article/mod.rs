//! The reader of articles: from a raw, scraped text to a [`Document`].
//!
//! The way of an article, each step a file of its own:
//!
//! 0. `source`: the raw text becomes a clean one (`html` finds the text of a page, `normalise` cleans
//!    its characters), which all other steps read.
//! 1. `clean`: the text falls into lines; each is a heading, body, or furniture with its reason
//!    (by its words, `furniture` and `furniture_table`, or by its neighbours).
//! 2. `language`: what the story is written in.
//! 3. `quotation`: what stands between quotation marks (`quote_mark` settles what a mark does).
//! 4. `sentence`: where sentences end (`abbreviation` holds the words that mislead).
//! 5. `speaker`: who says the quoted words, read off verbs of saying and their subjects
//!    (`token`, `name`, `attribution`, `cue`).
//!
//! Every part is a [`Span`] into the raw text, which stays as it came. All of it is pure
//! and takes time linear in the length of the text, whatever the text.

mod abbreviation;
mod attribution;
mod casing;
mod clean;
mod cue;
mod denial;
mod document;
mod fact;
mod furniture;
mod furniture_table;
mod html;
mod indirect;
mod language;
mod lexicon;
mod name;
pub mod near_duplicate;
mod normalise;
mod number;
mod quotation;
mod quote_mark;
mod sentence;
mod source;
mod span;
mod speaker;
mod text;
mod token;
mod words;

pub use casing::Casing;
pub use clean::ParagraphKind;
pub use denial::{Denied, denied};
pub use document::{Aside, Document, Paragraph};
pub use fact::{Facts, MissingFact};
pub use furniture::FurnitureReason;
pub use indirect::Reported;
pub use language::Language;
pub use quotation::Quotation;
pub use sentence::{Sentence, SentenceKind, sentences};
pub use source::Format;
pub use span::{Span, SpanIndex};
pub use speaker::{Speaker, SpeakerBasis};
