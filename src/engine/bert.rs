//! The bundle at work: tokenizer, encoder, heads.

use std::collections::{BTreeMap, BTreeSet};

use super::EngineOptions;
use super::article_heads::{ArticleHeads, RequestVectors};
use super::backend::{Backend, Interrupted, LoadError};
use super::batch::group;
use super::encoder::Encoder;
use super::pooling::{Pool, Target};
use super::tokenizer::{TextTokenizer, Tokens};
use super::window::{Window, pack};
use crate::analysis::{Passage, Reading, ReadingRequest};
use crate::model::{Bundle, WeightTensor};

/// Most claims whose vectors are kept: up to 4 KB each, the words included.
const MAX_KNOWN_CLAIMS: usize = 4096;

/// One encoder pass, then the heads.
pub struct BertBackend {
    tokenizer: TextTokenizer,
    encoder: Encoder,
    heads: ArticleHeads,
    max_window_tokens: usize,
    batch_tokens: usize,
    /// Vectors of claims by their text; at most [`MAX_KNOWN_CLAIMS`], or those of one request.
    known_claims: BTreeMap<String, Vec<f32>>,
}

/// Token vectors of some texts, pooled.
struct Pooled {
    means: Vec<Vec<f32>>,
    windows: usize,
    tokens: usize,
}

impl BertBackend {
    /// Verifies a bundle and loads it. Sets the number of torch threads of the calling thread.
    ///
    /// # Errors
    /// When a file is missing or changed, or the files do not make up the model.
    pub fn load(bundle: &Bundle, options: EngineOptions) -> Result<Self, LoadError> {
        bundle.verify()?;
        let manifest = bundle.manifest();
        let encoder = Encoder::load(bundle, options.precision, options.threads)?;
        let weights: BTreeMap<String, WeightTensor> = bundle.weights("heads")?;
        let heads = ArticleHeads::new(manifest, &weights, encoder.vector_size())?;
        let max_window_tokens = manifest.limits.max_window_tokens;
        if max_window_tokens > encoder.max_positions() {
            let positions = encoder.max_positions();
            let problem = format!("windows of {max_window_tokens} tokens in {positions} positions");
            return Err(LoadError::Model(problem));
        }
        Ok(Self {
            tokenizer: TextTokenizer::new(bundle.file("tokenizer")?)?,
            encoder,
            heads,
            max_window_tokens,
            batch_tokens: options.batch_tokens,
            known_claims: BTreeMap::new(),
        })
    }

    fn tokenise<'s>(
        &self,
        texts: impl Iterator<Item = &'s str>,
    ) -> Result<Vec<Tokens>, Interrupted> {
        texts
            .map(|text| self.tokenizer.tokens(text))
            .collect::<Result<_, _>>()
            .map_err(Interrupted::Failed)
    }

    /// Encodes windows and takes the means over the targets.
    fn pool(
        &self,
        tokens: &[Tokens],
        windows: &[Window],
        targets: &[Target],
        proceed: &dyn Fn() -> Result<(), Interrupted>,
    ) -> Result<Pooled, Interrupted> {
        let mut pool = Pool::new(targets, tokens.len(), self.encoder.vector_size());
        let lengths: Vec<usize> = windows.iter().map(Window::len).collect();
        for batch in group(&lengths, self.batch_tokens) {
            proceed()?;
            let batch: Vec<&Window> =
                batch.iter().filter_map(|&index| windows.get(index)).collect();
            let ids: Vec<Vec<i64>> = batch.iter().map(|window| self.ids(window, tokens)).collect();
            let vectors = self.encoder.encode(&ids).map_err(Interrupted::Failed)?;
            for (row, window) in batch.into_iter().enumerate() {
                pool.add(window, row, &vectors);
            }
        }
        Ok(Pooled { means: pool.means(), windows: windows.len(), tokens: lengths.iter().sum() })
    }

    /// Token ids of a window with the special tokens around them.
    fn ids(&self, window: &Window, tokens: &[Tokens]) -> Vec<i64> {
        let (start, end) = self.tokenizer.specials();
        let pieces = window.pieces.iter().filter_map(|piece| {
            tokens.get(piece.text).and_then(|tokens| tokens.ids.get(piece.tokens.clone()))
        });
        std::iter::once(start)
            .chain(pieces.flatten().copied())
            .chain(std::iter::once(end))
            .collect()
    }

    /// Vectors of claims. The same contest comes with many articles, so they are kept; each is
    /// encoded alone, so that its vector does not depend on what came before.
    fn claims(
        &mut self,
        claims: &[&str],
        proceed: &dyn Fn() -> Result<(), Interrupted>,
    ) -> Result<Vec<Vec<f32>>, Interrupted> {
        let wanted: BTreeSet<&str> = claims.iter().copied().collect();
        let unknown: Vec<&str> = wanted
            .iter()
            .copied()
            .filter(|claim| !self.known_claims.contains_key(*claim))
            .collect();
        if self.known_claims.len() + unknown.len() > MAX_KNOWN_CLAIMS {
            self.known_claims.retain(|claim, _| wanted.contains(claim.as_str()));
        }
        for claim in unknown {
            let tokens = self.tokenise(std::iter::once(claim))?;
            let windows = pack(
                &tokens.iter().map(|t| t.ids.len()).collect::<Vec<_>>(),
                self.max_window_tokens,
            );
            let pooled = self.pool(&tokens, &windows, &whole_texts(&tokens), proceed)?;
            self.known_claims.insert(claim.to_owned(), pooled.means.concat());
        }
        Ok(claims.iter().filter_map(|claim| self.known_claims.get(*claim).cloned()).collect())
    }
}

/// One target for each text: all its tokens.
fn whole_texts(tokens: &[Tokens]) -> Vec<Target> {
    let texts = tokens.iter().enumerate();
    texts.map(|(text, tokens)| Target { text, tokens: 0..tokens.ids.len() }).collect()
}

impl Backend for BertBackend {
    fn warm_up(&mut self) -> Result<(), LoadError> {
        let text = "The two delegations met for the second time this week. ".repeat(8);
        let passages = vec![Passage { text, position: 0 }];
        let request = ReadingRequest { passages, body_count: 1, ..ReadingRequest::default() };
        self.read(&request, &|| Ok(()))
            .map(drop)
            .map_err(|interrupted| LoadError::Model(format!("warm-up: {interrupted:?}")))
    }

    fn read(
        &mut self,
        request: &ReadingRequest,
        proceed: &dyn Fn() -> Result<(), Interrupted>,
    ) -> Result<Reading, Interrupted> {
        let tokens = self.tokenise(request.passages.iter().map(|passage| passage.text.as_str()))?;
        let lengths: Vec<usize> = tokens.iter().map(|tokens| tokens.ids.len()).collect();
        let windows = pack(&lengths, self.max_window_tokens);
        let mut targets = whole_texts(&tokens);
        targets.extend(request.mentions.iter().map(|mention| Target {
            text: mention.passage,
            tokens: tokens.get(mention.passage).map_or(0..0, |t| t.of_mention(&mention.bytes)),
        }));
        let Pooled { means: mut sentences, windows, tokens: token_count } =
            self.pool(&tokens, &windows, &targets, proceed)?;
        let mentions = sentences.split_off(request.passages.len());
        let [first, second] = &request.sides;
        let claims: Vec<&str> =
            first.claims.iter().chain(&second.claims).map(String::as_str).collect();
        let claims = self.claims(&claims, proceed)?;
        let vectors = RequestVectors { sentences, mentions, claims, lengths };
        Ok(Reading {
            windows,
            tokens: token_count,
            unread: tokens.iter().map(|tokens| tokens.unread).sum(),
            ..self.heads.read(request, vectors).map_err(Interrupted::Failed)?
        })
    }
}
