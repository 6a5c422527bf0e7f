//! The bundle at work: tokenizer, encoder, heads.

use std::collections::BTreeMap;

use super::article_heads::{ArticleHeads, RequestVectors};
use super::backend::{LoadError, Model};
use super::encoder::{Encoder, TokenVectors};
use super::plan::{Plan, PlanVectors, Planner};
use super::pooling::WindowSums;
use super::tokenizer::TextTokenizer;
use crate::analysis::{Reading, ReadingRequest};
use crate::model::{Bundle, Precision, WeightTensor};

/// One encoder pass, then the heads.
pub struct BertModel {
    planner: Planner,
    encoder: Encoder,
    heads: ArticleHeads,
}

impl BertModel {
    /// Verifies a bundle and loads it; `threads` compute at once.
    ///
    /// # Errors
    /// When a file is missing or changed, or the files do not make up the model.
    pub fn load(bundle: &Bundle, precision: Precision, threads: usize) -> Result<Self, LoadError> {
        bundle.verify()?;
        let manifest = bundle.manifest();
        let encoder = Encoder::load(bundle, precision, threads)?;
        let weights: BTreeMap<String, WeightTensor> = bundle.weights("heads")?;
        let heads = ArticleHeads::new(manifest, &weights, encoder.vector_size())?;
        let max_window_tokens = manifest.limits.max_window_tokens;
        if max_window_tokens > encoder.max_positions() {
            let positions = encoder.max_positions();
            let problem = format!("windows of {max_window_tokens} tokens in {positions} positions");
            return Err(LoadError::Model(problem));
        }
        let tokenizer = TextTokenizer::new(bundle.file("tokenizer")?)?;
        Ok(Self { planner: Planner::new(tokenizer, max_window_tokens), encoder, heads })
    }
}

impl Model for BertModel {
    fn plan(&self, request: ReadingRequest) -> Result<Plan, String> {
        self.planner.plan(request)
    }

    fn encode(&self, windows: &[&[i64]]) -> Result<TokenVectors, String> {
        self.encoder.encode(windows)
    }

    fn judge(&self, plan: &Plan, sums: &[WindowSums]) -> Result<Reading, String> {
        let PlanVectors { sentences, mentions, claims } =
            self.planner.vectors(plan, sums, self.encoder.vector_size());
        let vectors = RequestVectors { sentences, mentions, claims, lengths: plan.lengths.clone() };
        let (windows, tokens) = plan.article_size();
        let unread = plan.unread;
        let reading = self.encoder.on_threads(|| self.heads.read(&plan.request, vectors))?;
        Ok(Reading { windows, tokens, unread, ..reading })
    }
}
