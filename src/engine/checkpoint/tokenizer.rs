//! The tokenizers of checkpoints, in each form in which they come.

use std::collections::HashSet;
use std::path::Path;

use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, Tokenizer};

use super::sentence_pieces;
use crate::engine::backend::LoadError;
use crate::model::{Architecture, Checkpoint, TokenizerFiles};

/// Turns text into ids and back. Text never becomes a special token: what looks like one is split or unknown.
pub(super) struct CheckpointTokenizer {
    tokenizer: Tokenizer,
    special: HashSet<u32>,
    unknown: Option<u32>,
}

/// The special tokens of the families, as transformers calls them; each tokenizer has those of one.
const SPECIALS: [&str; 10] =
    ["<s>", "</s>", "<pad>", "<unk>", "<mask>", "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"];

impl CheckpointTokenizer {
    pub(super) fn load(checkpoint: &Checkpoint) -> Result<Self, LoadError> {
        let built = match &checkpoint.files.tokenizer {
            TokenizerFiles::Json(path) => from_json(path),
            TokenizerFiles::BytePairs { vocab, merges } => byte_pairs(vocab, merges),
            TokenizerFiles::WordPieces(path) => word_pieces(path),
            TokenizerFiles::SentencePieces(path) => {
                sentence_pieces::load(path, checkpoint.architecture)
            }
        };
        let mut tokenizer =
            built.map_err(|problem| LoadError::Model(format!("tokenizer: {problem}")))?;
        let present = SPECIALS.iter().filter(|name| tokenizer.token_to_id(name).is_some());
        let tokens: Vec<AddedToken> = present.map(|name| AddedToken::from(*name, true)).collect();
        tokenizer.add_special_tokens(&tokens);
        tokenizer.set_encode_special_tokens(true);
        let unknown = ["<unk>", "[UNK]"].iter().find_map(|name| tokenizer.token_to_id(name));
        let added = tokenizer.get_added_tokens_decoder();
        let special = added.iter().filter(|(_, token)| token.special).map(|(id, _)| *id).collect();
        Ok(Self { tokenizer, special, unknown })
    }

    /// Ids of the tokens of a text, special tokens not included.
    pub(super) fn ids(&self, text: &str) -> Result<Vec<i64>, String> {
        let encoding =
            self.tokenizer.encode_fast(text, false).map_err(|error| error.to_string())?;
        let ids = encoding.get_ids().iter().map(|id| match self.unknown {
            Some(unknown) if self.special.contains(id) => unknown,
            _ => *id,
        });
        Ok(ids.map(i64::from).collect())
    }

    /// The id of a token.
    pub(super) fn id_of(&self, token: &str) -> Option<i64> {
        self.tokenizer.token_to_id(token).map(i64::from)
    }

    /// The id of a token that must be there.
    pub(super) fn need(&self, token: &str) -> Result<i64, LoadError> {
        let missing = || LoadError::Model(format!("tokenizer: it has no token {token}"));
        self.id_of(token).ok_or_else(missing)
    }

    /// The id of the first of some tokens that is there: families name their special tokens differently.
    pub(super) fn need_one(&self, tokens: &[&str]) -> Result<i64, LoadError> {
        let missing =
            || LoadError::Model(format!("tokenizer: it has none of {}", tokens.join(", ")));
        tokens.iter().find_map(|token| self.id_of(token)).ok_or_else(missing)
    }

    /// The text of ids, special tokens left out.
    pub(super) fn text(&self, ids: &[i64]) -> Result<String, String> {
        let ids = ids.iter().filter_map(|&id| u32::try_from(id).ok());
        let ids: Vec<u32> = ids.filter(|id| !self.special.contains(id)).collect();
        self.tokenizer.decode(&ids, true).map_err(|error| error.to_string())
    }

    /// Checks that every id has a row in embeddings of `rows` words.
    pub(super) fn check_fits(&self, rows: i64) -> Result<(), LoadError> {
        let highest = self.tokenizer.get_vocab(true).into_values().max().map_or(0, i64::from);
        if highest < rows {
            return Ok(());
        }
        let problem = format!("its highest id is {highest}, the model has {rows} words");
        Err(LoadError::Model(format!("tokenizer: {problem}")))
    }
}

/// Whether the special tokens of a family stand in brackets.
pub(super) fn uses_brackets(architecture: Architecture) -> bool {
    use Architecture::{Bert, Deberta, DebertaV2, DistilBert};
    matches!(architecture, Bert | DistilBert | Deberta | DebertaV2)
}

fn told(path: &Path, error: impl std::fmt::Display) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{file}: {error}")
}

/// Leaves out what the file may say about truncation and padding: nothing is cut here.
fn from_json(path: &Path) -> Result<Tokenizer, String> {
    let mut tokenizer = Tokenizer::from_file(path).map_err(|error| told(path, error))?;
    tokenizer.with_truncation(None).map_err(|error| told(path, error))?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

fn byte_pairs(vocab: &Path, merges: &Path) -> Result<Tokenizer, String> {
    let (words, pairs) = (vocab.to_string_lossy(), merges.to_string_lossy());
    let model = BPE::from_file(&words, &pairs).build().map_err(|error| told(vocab, error))?;
    let mut tokenizer = Tokenizer::new(model);
    let bytes = ByteLevel::new(false, true, true);
    tokenizer.with_pre_tokenizer(Some(bytes)).with_decoder(Some(bytes));
    Ok(tokenizer)
}

/// Lower-cases unless the vocabulary has capital letters outside of its special tokens: what is said about it in other
/// files of a checkpoint is not always there.
fn word_pieces(path: &Path) -> Result<Tokenizer, String> {
    let text = std::fs::read_to_string(path).map_err(|error| told(path, error))?;
    let words = text.lines().filter(|word| !word.starts_with('['));
    let cased = words.flat_map(str::chars).any(char::is_uppercase);
    let model = WordPiece::from_file(&path.to_string_lossy()).unk_token("[UNK]".into()).build();
    let mut tokenizer = Tokenizer::new(model.map_err(|error| told(path, error))?);
    tokenizer.with_normalizer(Some(BertNormalizer::new(true, true, None, !cased)));
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    Ok(tokenizer)
}
