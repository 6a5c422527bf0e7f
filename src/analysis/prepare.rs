//! What the model is to read of a document.

use std::collections::BTreeSet;

use super::reading::{Passage, PassageMention, ReadingRequest, SideRequest};
use crate::article::{Document, SentenceKind};
use crate::contest::{Contest, Mention, MentionFinder, PartyIndex, Side};

/// A reading request, and how its passages lie to the sentences of the document.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedArticle {
    /// What the model is to read.
    pub request: ReadingRequest,
    /// Passages before the first sentence: 1 when the title is read as well, else 0.
    pub title_passages: usize,
}

/// Lists the title, unless the text prints it as a heading itself, and all sentences. `mentions` are
/// those in the sentences; in the request those of the title come after them. `contest` is the one whose
/// stance is wanted.
pub fn prepare(
    document: &Document,
    title: Option<&str>,
    mentions: &[Mention],
    contest: Option<(&Contest, &MentionFinder)>,
) -> PreparedArticle {
    let title = title.filter(|title| !is_printed(document, title));
    let mut passages: Vec<Passage> =
        title.iter().map(|&title| Passage { text: title.to_owned(), position: 0 }).collect();
    let title_passages = passages.len();

    let mut body_count = 0;
    for sentence in &document.sentences {
        let text = document.sentence_text(sentence).to_owned();
        passages.push(Passage { text, position: body_count });
        body_count += usize::from(sentence.kind == SentenceKind::Body);
    }
    let in_title = title.zip(contest).into_iter().flat_map(|(title, (_, finder))| {
        let found = finder.find_in_line(title).into_iter();
        found.map(|(bytes, party)| (PassageMention { passage: 0, bytes }, party))
    });
    let (mentions, parties): (Vec<PassageMention>, Vec<PartyIndex>) = mentions
        .iter()
        .map(|mention| {
            let passage = mention.sentence + title_passages;
            (PassageMention { passage, bytes: mention.bytes.clone() }, mention.party)
        })
        .chain(in_title)
        .unzip();
    let sides = [Side::First, Side::Second].map(|side| {
        let of_side = parties.iter().enumerate().filter(|(_, party)| party.side() == Some(side));
        SideRequest {
            mentions: of_side.map(|(index, _)| index).collect(),
            claims: contest.map_or_else(Vec::new, |(contest, _)| contest.side(side).claims.clone()),
        }
    });
    PreparedArticle {
        request: ReadingRequest { passages, body_count, mentions, sides },
        title_passages,
    }
}

fn is_printed(document: &Document, title: &str) -> bool {
    let folded = fold(title);
    folded.is_empty()
        || document
            .sentences
            .iter()
            .filter(|sentence| sentence.kind == SentenceKind::Heading)
            .any(|sentence| fold(document.sentence_text(sentence)) == folded)
}

/// For each sentence, whether it is part of the story and the first of its wording there.
pub(super) fn first_printings(document: &Document, in_story: &[bool]) -> Vec<bool> {
    let mut seen = BTreeSet::new();
    let sentences = document.sentences.iter().zip(in_story);
    sentences
        .map(|(sentence, &in_story)| {
            in_story && seen.insert(fold(document.sentence_text(sentence)))
        })
        .collect()
}

/// White space and case folded away.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "Two towns argue over a dam\nThe first town built it. The second one objects.";

    #[test]
    fn a_title_that_the_text_prints_is_read_once() {
        let document = Document::parse(TEXT.into(), None);
        let printed = prepare(&document, Some("Two Towns Argue  over a Dam"), &[], None);
        assert_eq!((printed.title_passages, printed.request.passages.len()), (0, 3));
        let other = prepare(&document, Some("Water rights"), &[], None);
        assert_eq!((other.title_passages, other.request.passages.len()), (1, 4));
    }

    #[test]
    fn a_sentence_is_printed_first_once() {
        let text = "The dam holds. The river rises.\nThe  dam holds. The dam will hold.";
        let document = Document::parse(text.into(), None);
        assert_eq!(first_printings(&document, &[true; 4]), [true, true, false, true]);
        let without_the_first = [false, true, true, true];
        assert_eq!(first_printings(&document, &without_the_first), [false, true, true, true]);
    }

    #[test]
    fn positions_count_body_sentences() {
        let document = Document::parse(TEXT.into(), None);
        let request = prepare(&document, None, &[], None).request;
        let positions: Vec<_> = request.passages.iter().map(|passage| passage.position).collect();
        assert_eq!((positions, request.body_count), (vec![0, 0, 1], 2));
    }
}
