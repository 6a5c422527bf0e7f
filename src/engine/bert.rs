//! The bundle on libtorch.

use std::collections::BTreeMap;

use super::EngineOptions;
use super::backend::{Backend, Interrupted, LoadError};
use super::batch::group;
use super::encoder::Encoder;
use super::heads::{Head, HeadInputs, position};
use super::pooling::{Pool, Target};
use super::tokenizer::{TextTokenizer, Tokens};
use super::window::{Window, pack};
use crate::analysis::{Passage, PassageReading, Reading, ReadingRequest};
use crate::model::{Bundle, WeightTensor};

/// The bundle on libtorch: one encoder pass, then the heads.
pub struct BertBackend {
    tokenizer: TextTokenizer,
    encoder: Encoder,
    salience: Head,
    framing: Head,
    relevance: Head,
    furniture: Head,
    polarity: Head,
    max_window_tokens: usize,
    batch_tokens: usize,
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
        tch::set_num_threads(i32::try_from(options.threads).unwrap_or(i32::MAX));
        bundle.verify()?;
        let manifest = bundle.manifest();
        let encoder = Encoder::new(bundle.file("config")?, &bundle.weights("encoder")?)?;
        let weights: BTreeMap<String, WeightTensor> = bundle.weights("heads")?;
        let head = |name: &str, outputs: usize| {
            let entry = manifest.heads.get(name);
            let entry =
                entry.ok_or_else(|| LoadError::Model(format!("there is no head {name}")))?;
            Head::new(name, entry, &weights, encoder.vector_size(), outputs)
        };
        let (salience, framing) = (head("salience", 1)?, head("framing", 5)?);
        let (relevance, polarity) = (head("relevance", 1)?, head("polarity", 3)?);
        let furniture = head("furniture", 1)?;
        let max_window_tokens = manifest.limits.max_window_tokens;
        if max_window_tokens > encoder.max_positions() {
            let positions = encoder.max_positions();
            let problem = format!("windows of {max_window_tokens} tokens in {positions} positions");
            return Err(LoadError::Model(problem));
        }
        Ok(Self {
            tokenizer: TextTokenizer::new(bundle.file("tokenizer")?)?,
            encoder,
            salience,
            framing,
            relevance,
            furniture,
            polarity,
            max_window_tokens,
            batch_tokens: options.batch_tokens,
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

    /// Vectors of claims, each encoded alone.
    fn claims(
        &self,
        claims: &[String],
        proceed: &dyn Fn() -> Result<(), Interrupted>,
    ) -> Result<Vec<Vec<f32>>, Interrupted> {
        let tokens = self.tokenise(claims.iter().map(String::as_str))?;
        let windows: Vec<Window> = tokens
            .iter()
            .enumerate()
            .flat_map(|(text, tokens)| {
                let mut windows = pack(&[tokens.ids.len()], self.max_window_tokens);
                windows.iter_mut().flat_map(|w| &mut w.pieces).for_each(|piece| piece.text = text);
                windows
            })
            .collect();
        Ok(self.pool(&tokens, &windows, &whole_texts(&tokens), proceed)?.means)
    }
}

/// One target for each text: all its tokens.
fn whole_texts(tokens: &[Tokens]) -> Vec<Target> {
    let texts = tokens.iter().enumerate();
    texts.map(|(text, tokens)| Target { text, tokens: 0..tokens.ids.len() }).collect()
}

/// Mean of the sentence vectors; a zero vector for no sentences.
fn article_vector(sentences: &[Vec<f32>], size: usize) -> Vec<f32> {
    let mut mean = vec![0.0; size];
    for sentence in sentences {
        mean.iter_mut().zip(sentence).for_each(|(total, value)| *total += value);
    }
    let count = sentences.len().max(1) as f32;
    mean.iter_mut().for_each(|value| *value /= count);
    mean
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
        let Pooled { mut means, windows, tokens: token_count } =
            self.pool(&tokens, &windows, &targets, proceed)?;
        let mention_vectors = means.split_off(request.passages.len());
        let article = article_vector(&means, self.encoder.vector_size());

        let inputs: Vec<HeadInputs<'_>> = means
            .iter()
            .zip(&request.passages)
            .zip(&lengths)
            .map(|((sentence, passage), &length)| HeadInputs {
                sentence,
                article: &article,
                position: position(passage.position, request.body_count, length),
                ..HeadInputs::default()
            })
            .collect();
        let mention_inputs: Vec<HeadInputs<'_>> = mention_vectors
            .iter()
            .zip(&request.mentions)
            .map(|(mention, at)| HeadInputs {
                mention,
                sentence: means.get(at.passage).map_or(&[], Vec::as_slice),
                article: &article,
                ..HeadInputs::default()
            })
            .collect();
        let whole = [HeadInputs { article: &article, ..HeadInputs::default() }];
        let logits = |head: &Head, inputs: &[HeadInputs<'_>]| {
            head.logits(inputs).map_err(Interrupted::Failed)
        };
        let salience = logits(&self.salience, &inputs)?;
        let framing = logits(&self.framing, &inputs)?;
        let furniture = logits(&self.furniture, &inputs)?;
        let relevance = logits(&self.relevance, &whole)?;
        let polarity = logits(&self.polarity, &mention_inputs)?;
        drop((inputs, mention_inputs));

        let passages = means.into_iter().zip(salience).zip(framing).zip(furniture);
        Ok(Reading {
            passages: passages
                .map(|(((vector, salience), framing), furniture)| PassageReading {
                    vector,
                    salience: salience.first().copied().unwrap_or_default(),
                    furniture: furniture.first().copied().unwrap_or_default(),
                    framing,
                })
                .collect(),
            mentions: polarity
                .iter()
                .map(|l| l.first_chunk().copied().unwrap_or_default())
                .collect(),
            claims: self.claims(&request.claims, proceed)?,
            relevance: relevance.concat().first().copied().unwrap_or_default(),
            windows,
            tokens: token_count,
            unread: tokens.iter().map(|tokens| tokens.unread).sum(),
            ..Reading::default()
        })
    }
}
