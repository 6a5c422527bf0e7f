//! A `spiece.model` or `spm.model`: a protocol buffer of SentencePiece, as a unigram tokenizer.

use std::path::Path;

use prost::Message;
use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{NormalizerWrapper, Precompiled, Replace, Sequence, Strip};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence as PreSequence;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{AddedToken, Tokenizer};

use crate::model::Architecture;

/// The parts of SentencePiece's `ModelProto` that are needed; the numbers are those of `sentencepiece_model.proto`.
#[derive(Clone, PartialEq, Message)]
struct Model {
    #[prost(message, repeated, tag = "1")]
    pieces: Vec<Piece>,
    #[prost(message, optional, tag = "2")]
    training: Option<Training>,
    #[prost(message, optional, tag = "3")]
    normaliser: Option<Normaliser>,
}

#[derive(Clone, PartialEq, Message)]
struct Piece {
    #[prost(string, tag = "1")]
    text: String,
    #[prost(float, tag = "2")]
    score: f32,
}

#[derive(Clone, PartialEq, Message)]
struct Training {
    /// 1 is unigram.
    #[prost(int32, optional, tag = "3")]
    kind: Option<i32>,
    #[prost(bool, optional, tag = "35")]
    byte_fallback: Option<bool>,
    #[prost(int32, optional, tag = "40")]
    unknown: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
struct Normaliser {
    #[prost(bytes = "vec", tag = "2")]
    table: Vec<u8>,
}

/// Ids that Pegasus puts before the pieces: padding, end, two masks and 101 unknown words, of which the last two take the
/// places of the first two pieces.
const PEGASUS_OFFSET: usize = 103;

/// Builds the tokenizer as transformers does for the architecture.
pub(super) fn load(path: &Path, architecture: Architecture) -> Result<Tokenizer, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let model = Model::decode(bytes.as_slice()).map_err(|error| error.to_string())?;
    let training = model.training.clone().unwrap_or_default();
    if !matches!(training.kind, None | Some(1)) {
        return Err("the pieces are not of the unigram kind".into());
    }
    let unknown = usize::try_from(training.unknown.unwrap_or_default());
    let mut unknown = unknown.map_err(|_| "the pieces have no unknown one")?;
    let mut pieces: Vec<(String, f64)> =
        model.pieces.into_iter().map(|piece| (piece.text, f64::from(piece.score))).collect();
    let mut special = Vec::new();
    if architecture == Architecture::Pegasus {
        (pieces, special) = pegasus(pieces);
        unknown += PEGASUS_OFFSET;
    }
    let byte_fallback = training.byte_fallback.unwrap_or_default();
    let unigram = Unigram::from(pieces, Some(unknown), byte_fallback);
    let mut tokenizer = Tokenizer::new(unigram.map_err(|error| error.to_string())?);
    let table = model.normaliser.map(|normaliser| normaliser.table).unwrap_or_default();
    tokenizer.with_normalizer(Some(normaliser(&table, architecture)?));
    let space = Metaspace::new('▁', PrependScheme::Always, true);
    let mut split: Vec<PreTokenizerWrapper> = vec![space.clone().into()];
    if architecture == Architecture::Pegasus {
        split.insert(0, WhitespaceSplit.into());
    }
    tokenizer.with_pre_tokenizer(Some(PreSequence::new(split))).with_decoder(Some(space));
    let special: Vec<AddedToken> =
        special.into_iter().map(|token| AddedToken::from(token, true)).collect();
    tokenizer.add_special_tokens(&special);
    Ok(tokenizer)
}

/// The pieces with Pegasus's own before them, and the names of the latter.
fn pegasus(pieces: Vec<(String, f64)>) -> (Vec<(String, f64)>, Vec<String>) {
    let named = ["<pad>", "</s>", "<mask_1>", "<mask_2>"].map(str::to_owned);
    let numbered = (2..PEGASUS_OFFSET).map(|number| format!("<unk_{number}>"));
    let own: Vec<String> = named.into_iter().chain(numbered).collect();
    let scored = own.iter().map(|name| (name.clone(), -100.0));
    (scored.chain(pieces.into_iter().skip(2)).collect(), own)
}

/// SentencePiece's table of replacements, and blanks: none at the ends, one where there are several.
fn normaliser(table: &[u8], architecture: Architecture) -> Result<Sequence, String> {
    let blanks = Replace::new(ReplacePattern::Regex(" {2,}".into()), " ");
    let blanks = blanks.map_err(|error| error.to_string())?;
    let mut steps: Vec<NormalizerWrapper> = vec![Strip::new(true, true).into(), blanks.into()];
    if !table.is_empty() {
        let table = Precompiled::from(table).map_err(|error| error.to_string())?;
        let place = usize::from(architecture == Architecture::DebertaV2);
        steps.insert(place, table.into());
    }
    Ok(Sequence::new(steps))
}
