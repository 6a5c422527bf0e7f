//! What the heads say about one article, from the vectors of its sentences, mentions and claims.

use std::collections::BTreeMap;

use super::backend::LoadError;
use super::heads::{Head, HeadInputs, position};
use super::stance::{ReadMention, SideVectors, SidedHeads, SidedReading, StanceHeads, mean};
use crate::analysis::{PassageReading, Reading, ReadingRequest, softmax};
use crate::model::{Manifest, WeightTensor};

/// All heads of a bundle.
pub(super) struct ArticleHeads {
    salience: Head,
    furniture: Head,
    sourced: Head,
    relevance: Head,
    polarity: Head,
    stance: StanceHeads,
    vector_size: usize,
}

/// Vectors of one article; lists run parallel to those of its request.
pub(super) struct RequestVectors {
    /// One for each passage.
    pub(super) sentences: Vec<Vec<f32>>,
    /// One for each mention.
    pub(super) mentions: Vec<Vec<f32>>,
    /// One for each claim, those of the first side first.
    pub(super) claims: Vec<Vec<f32>>,
    /// Tokens of each passage.
    pub(super) lengths: Vec<usize>,
}

impl ArticleHeads {
    /// Builds the heads that the manifest describes.
    pub(super) fn new(
        manifest: &Manifest,
        weights: &BTreeMap<String, WeightTensor>,
        vector_size: usize,
    ) -> Result<Self, LoadError> {
        let head = |name: &str, outputs: usize| {
            let entry = manifest.heads.get(name);
            let entry =
                entry.ok_or_else(|| LoadError::Model(format!("there is no head {name}")))?;
            Head::new(name, entry, weights, vector_size, outputs)
        };
        let sided = |side: &str, neither: &str| {
            Ok::<_, LoadError>(SidedHeads { side: head(side, 1)?, neither: head(neither, 1)? })
        };
        Ok(Self {
            salience: head("salience", 1)?,
            furniture: head("furniture", 1)?,
            sourced: head("sourced", 1)?,
            relevance: head("relevance", 1)?,
            polarity: head("polarity", 3)?,
            stance: StanceHeads {
                sentence: sided("stance", "plain")?,
                speaker: sided("speaker", "outsider")?,
                article: sided("vantage", "level")?,
            },
            vector_size,
        })
    }

    /// Reads an article; what the heads do not know (windows, times) keeps its default.
    pub(super) fn read(
        &self,
        request: &ReadingRequest,
        vectors: RequestVectors,
    ) -> Result<Reading, String> {
        let rows: Vec<&[f32]> = vectors.sentences.iter().map(Vec::as_slice).collect();
        let article = mean(&rows, self.vector_size);
        let inputs: Vec<HeadInputs<'_>> = rows
            .iter()
            .zip(&request.passages)
            .zip(&vectors.lengths)
            .map(|((sentence, passage), &length)| HeadInputs {
                sentence,
                article: &article,
                position: position(passage.position, request.body_count, length),
                ..HeadInputs::default()
            })
            .collect();
        let salience = self.salience.logits(&inputs)?.concat();
        let furniture = self.furniture.logits(&inputs)?.concat();
        let sourced = self.sourced.logits(&inputs)?.concat();
        let whole = HeadInputs { article: &article, ..HeadInputs::default() };
        let relevance = self.relevance.logits(&[whole])?.concat();
        let polarity = self.polarities(request, &vectors)?;
        let sides = self.sides(request, &vectors, &polarity);
        let SidedReading { sentences: stances, speakers, article: stance } =
            self.stance.read(&inputs, whole, &sides)?;

        let passages = vectors.sentences.into_iter().zip(salience).zip(furniture).zip(sourced);
        let passages = passages.zip(stances.into_iter().zip(speakers)).map(
            |((((vector, salience), furniture), sourced), (stance, speaker))| PassageReading {
                vector,
                salience,
                furniture,
                sourced,
                stance,
                speaker,
            },
        );
        Ok(Reading {
            passages: passages.collect(),
            mentions: polarity,
            stance,
            relevance: relevance.first().copied().unwrap_or_default(),
            ..Reading::default()
        })
    }

    /// Logits of negative, neutral, positive for each mention.
    fn polarities(
        &self,
        request: &ReadingRequest,
        vectors: &RequestVectors,
    ) -> Result<Vec<[f32; 3]>, String> {
        let mentions = vectors.mentions.iter().zip(&request.mentions);
        let inputs: Vec<HeadInputs<'_>> = mentions
            .map(|(mention, at)| HeadInputs {
                mention,
                sentence: vectors.sentences.get(at.passage).map_or(&[], Vec::as_slice),
                ..HeadInputs::default()
            })
            .collect();
        let logits = self.polarity.logits(&inputs)?;
        Ok(logits.iter().map(|l| l.first_chunk().copied().unwrap_or_default()).collect())
    }

    fn sides(
        &self,
        request: &ReadingRequest,
        vectors: &RequestVectors,
        polarity: &[[f32; 3]],
    ) -> [SideVectors; 2] {
        let mentions: Vec<ReadMention<'_>> = request
            .mentions
            .iter()
            .zip(&vectors.mentions)
            .zip(polarity)
            .map(|((at, vector), logits)| ReadMention {
                passage: at.passage,
                vector,
                polarity: softmax(*logits).map(|probability| probability as f32),
            })
            .collect();
        let [first, second] = &request.sides;
        let (of_first, of_second) =
            vectors.claims.split_at_checked(first.claims.len()).unwrap_or_default();
        [(first, of_first), (second, of_second)].map(|(side, claims)| {
            let of_side = side.mentions.iter().filter_map(|&index| mentions.get(index).copied());
            let of_side: Vec<_> = of_side.collect();
            SideVectors::new(self.vector_size, &of_side, claims)
        })
    }
}
