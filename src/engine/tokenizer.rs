//! WordPiece tokenisation through Hugging Face's `tokenizers`.

use std::ops::Range;

use tokenizers::Tokenizer;

use super::backend::LoadError;

/// The tokens of one text, without special tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    /// Ids in the vocabulary.
    pub(super) ids: Vec<i64>,
    /// For each token, its bytes in the text.
    pub(super) offsets: Vec<(usize, usize)>,
    /// Code points in words that WordPiece gave up on for their length.
    pub(super) unread: usize,
}

impl Tokens {
    /// The tokens that overlap a mention's bytes of the text; all tokens when none does, as in
    /// training.
    pub(super) fn of_mention(&self, bytes: &Range<usize>) -> Range<usize> {
        let start = self.offsets.partition_point(|&(_, end)| end <= bytes.start);
        let end = self.offsets.partition_point(|&(start, _)| start < bytes.end);
        if start < end { start..end } else { 0..self.ids.len() }
    }
}

/// Turns text into tokens.
#[derive(Debug)]
pub(super) struct TextTokenizer {
    tokenizer: Tokenizer,
    start: i64,
    end: i64,
    unknown: i64,
}

/// Words of more code points become one unknown token (`max_input_chars_per_word` of WordPiece).
const LONGEST_WORD: usize = 100;

impl TextTokenizer {
    /// From the bytes of a `tokenizer.json`.
    pub(super) fn new(json: &[u8]) -> Result<Self, LoadError> {
        let failed = |problem: String| LoadError::Model(format!("tokenizer: {problem}"));
        let tokenizer = Tokenizer::from_bytes(json).map_err(|error| failed(error.to_string()))?;
        let special = |token: &str| {
            let id = tokenizer.token_to_id(token).map(i64::from);
            id.ok_or_else(|| failed(format!("it has no token {token}")))
        };
        let (start, end, unknown) = (special("[CLS]")?, special("[SEP]")?, special("[UNK]")?);
        Ok(Self { tokenizer, start, end, unknown })
    }

    /// Ids of the special tokens before and after a window.
    pub(super) fn specials(&self) -> (i64, i64) {
        (self.start, self.end)
    }

    /// The tokens of a text.
    pub(super) fn tokens(&self, text: &str) -> Result<Tokens, String> {
        let encoding = self.tokenizer.encode(text, false).map_err(|error| error.to_string())?;
        let ids: Vec<i64> = encoding.get_ids().iter().map(|&id| i64::from(id)).collect();
        let unknown = ids.iter().zip(encoding.get_offsets()).filter(|(id, _)| **id == self.unknown);
        let lengths = unknown
            .map(|(_, &(start, end))| text.get(start..end).map_or(0, |word| word.chars().count()));
        let unread = lengths.filter(|&length| length > LONGEST_WORD).sum();
        Ok(Tokens { ids, offsets: encoding.get_offsets().to_vec(), unread })
    }
}
