//! Packs sentences into windows of the encoder. Pure.
//!
//! Whole consecutive sentences share a window as long as they fit; only a sentence that is longer
//! than a window is cut, into pieces that have windows of their own. Every token is in exactly one
//! window.

use std::ops::Range;

/// The two special tokens around every window.
pub(super) const SPECIAL_TOKENS: usize = 2;

/// A run of tokens of one text inside a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Index of the text.
    pub(super) text: usize,
    /// Which of the text's tokens.
    pub(super) tokens: Range<usize>,
}

/// The pieces that the encoder sees together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// In the order of the article.
    pub(super) pieces: Vec<Piece>,
}

impl Window {
    /// Tokens, the special ones included.
    pub(super) fn len(&self) -> usize {
        SPECIAL_TOKENS + self.pieces.iter().map(|piece| piece.tokens.len()).sum::<usize>()
    }
}

/// Packs consecutive texts of the given lengths, in tokens. Texts without tokens are in no window.
pub(super) fn pack(lengths: &[usize], max_window_tokens: usize) -> Vec<Window> {
    let capacity = max_window_tokens.saturating_sub(SPECIAL_TOKENS).max(1);
    let mut windows = Vec::new();
    let mut open = Window::default();
    for (text, &length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
        if open.len() - SPECIAL_TOKENS + length <= capacity {
            open.pieces.push(Piece { text, tokens: 0..length });
            continue;
        }
        close(&mut open, &mut windows);
        if length <= capacity {
            open.pieces.push(Piece { text, tokens: 0..length });
        } else {
            windows.extend(cut(text, length, capacity));
        }
    }
    close(&mut open, &mut windows);
    windows
}

fn close(open: &mut Window, windows: &mut Vec<Window>) {
    if !open.pieces.is_empty() {
        windows.push(std::mem::take(open));
    }
}

fn cut(text: usize, length: usize, capacity: usize) -> impl Iterator<Item = Window> {
    (0..length).step_by(capacity).map(move |start| {
        let tokens = start..length.min(start + capacity);
        Window { pieces: vec![Piece { text, tokens }] }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lengths_of(windows: &[Window]) -> Vec<usize> {
        windows.iter().map(Window::len).collect()
    }

    #[test]
    fn sentences_share_a_window_while_they_fit() {
        assert_eq!(lengths_of(&pack(&[3, 3, 4, 1], 12)), [12, 3]);
    }

    #[test]
    fn a_long_sentence_is_cut_into_windows_of_its_own() {
        assert_eq!(lengths_of(&pack(&[2, 25, 2], 12)), [4, 12, 12, 7, 4]);
    }

    proptest! {
        #[test]
        fn every_token_is_in_exactly_one_window(
            lengths in prop::collection::vec(0_usize..40, 0..30), max in 3_usize..20
        ) {
            let windows = pack(&lengths, max);
            prop_assert!(windows.iter().all(|window| window.len() <= max));
            let mut next = vec![0; lengths.len()];
            for piece in windows.iter().flat_map(|window| &window.pieces) {
                prop_assert_eq!(next[piece.text], piece.tokens.start);
                next[piece.text] = piece.tokens.end;
            }
            prop_assert_eq!(next, lengths);
        }
    }
}
