//! What is done about an article before the model: tokens, windows, and what is wanted of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::pooling::{Targets, WindowSums};
use super::tokenizer::{TextTokenizer, Tokens};
use super::window::{Window, pack};
use crate::analysis::ReadingRequest;

/// Most claims whose vectors are kept: up to 4 KB each, the words included.
const MAX_KNOWN_CLAIMS: usize = 4096;

/// An article ready for the model.
#[derive(Debug)]
pub struct Plan {
    pub(super) request: ReadingRequest,
    pub(super) windows: Vec<PlannedWindow>,
    /// How many of the windows are the article's; those of claims that are not known yet follow.
    pub(super) article_windows: usize,
    pub(super) targets: Targets,
    /// Tokens of each passage.
    pub(super) lengths: Vec<usize>,
    /// Code points in words that the tokenizer gave up on.
    pub(super) unread: usize,
    /// Vectors of claims that are known, by their text.
    known_claims: BTreeMap<String, Vec<f32>>,
    /// The other claims, each once: their windows and targets follow those of the article.
    unknown_claims: Vec<String>,
}

/// A window with its tokens.
#[derive(Debug)]
pub(super) struct PlannedWindow {
    /// Special tokens included.
    pub(super) ids: Vec<i64>,
    pub(super) window: Window,
}

/// Makes plans; the claims that it has seen the vectors of need not be read again.
#[derive(Debug)]
pub(super) struct Planner {
    tokenizer: TextTokenizer,
    max_window_tokens: usize,
    /// At most [`MAX_KNOWN_CLAIMS`], or those of one request.
    known_claims: Mutex<BTreeMap<String, Vec<f32>>>,
}

/// Vectors of a plan's targets.
pub(super) struct PlanVectors {
    pub(super) sentences: Vec<Vec<f32>>,
    pub(super) mentions: Vec<Vec<f32>>,
    pub(super) claims: Vec<Vec<f32>>,
}

impl Planner {
    pub(super) fn new(tokenizer: TextTokenizer, max_window_tokens: usize) -> Self {
        Self { tokenizer, max_window_tokens, known_claims: Mutex::default() }
    }

    /// Tokenises an article and packs it into windows. Each claim has a window of its own, so that its vector depends on
    /// nothing else.
    pub(super) fn plan(&self, request: ReadingRequest) -> Result<Plan, String> {
        let passages = request.passages.iter().map(|passage| self.tokenizer.tokens(&passage.text));
        let mut tokens: Vec<Tokens> = passages.collect::<Result<_, _>>()?;
        let lengths: Vec<usize> = tokens.iter().map(|tokens| tokens.ids.len()).collect();
        let mut targets = Targets::default();
        (0..tokens.len()).for_each(|text| targets.push(text, whole(&tokens, text)));
        for mention in &request.mentions {
            let found = tokens.get(mention.passage).map(|tokens| tokens.of_mention(&mention.bytes));
            targets.push(mention.passage, found.unwrap_or_default());
        }
        let mut packed = pack(&lengths, self.max_window_tokens);
        if packed.is_empty() {
            // Nothing but what the tokenizer drops: the model still has its say.
            packed.push(Window::default());
        }
        let article_windows = packed.len();
        let unread = tokens.iter().map(|tokens| tokens.unread).sum();

        let (known_claims, unknown_claims) = self.claims(&request);
        for claim in &unknown_claims {
            let text = tokens.len();
            tokens.push(self.tokenizer.tokens(claim)?);
            let range = whole(&tokens, text);
            packed.extend(pack(&[range.len()], self.max_window_tokens).into_iter().map(
                |mut window| {
                    window.pieces.iter_mut().for_each(|piece| piece.text = text);
                    window
                },
            ));
            targets.push(text, range);
        }
        let windows = packed.into_iter();
        let windows =
            windows.map(|window| PlannedWindow { ids: self.ids(&window, &tokens), window });
        let windows = windows.collect();
        Ok(Plan {
            windows,
            request,
            article_windows,
            targets,
            lengths,
            unread,
            known_claims,
            unknown_claims,
        })
    }

    /// The claims of both sides: those that are known with their vectors, and the others.
    fn claims(&self, request: &ReadingRequest) -> (BTreeMap<String, Vec<f32>>, Vec<String>) {
        let known = self.known_claims.lock().unwrap_or_else(PoisonError::into_inner);
        let claims: BTreeSet<&String> =
            request.sides.iter().flat_map(|side| &side.claims).collect();
        let (found, missing): (Vec<_>, Vec<_>) = claims
            .into_iter()
            .map(|claim| (claim, known.get(claim)))
            .partition(|(_, v)| v.is_some());
        let found = found.into_iter().filter_map(|(claim, v)| Some((claim.clone(), v?.clone())));
        (found.collect(), missing.into_iter().map(|(claim, _)| claim.clone()).collect())
    }

    /// The vectors, of `size` numbers, of a plan that has been read; remembers those of its claims.
    pub(super) fn vectors(&self, plan: &Plan, sums: &[WindowSums], size: usize) -> PlanVectors {
        let mut sentences = plan.targets.means(sums, size);
        let mut mentions = sentences.split_off(plan.request.passages.len().min(sentences.len()));
        let read = mentions.split_off(plan.request.mentions.len().min(mentions.len()));
        let read: BTreeMap<&String, Vec<f32>> = plan.unknown_claims.iter().zip(read).collect();
        let claims = plan.request.sides.iter().flat_map(|side| &side.claims);
        let claims = claims.filter_map(|claim| read.get(claim).or(plan.known_claims.get(claim)));
        let claims = claims.cloned().collect();
        self.remember(plan, read);
        PlanVectors { sentences, mentions, claims }
    }

    fn remember(&self, plan: &Plan, read: BTreeMap<&String, Vec<f32>>) {
        let mut known = self.known_claims.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + read.len() > MAX_KNOWN_CLAIMS {
            known.retain(|claim, _| plan.known_claims.contains_key(claim));
        }
        known.extend(read.into_iter().map(|(claim, vector)| (claim.clone(), vector)));
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
}

impl Plan {
    /// Tokens of each window.
    pub(super) fn window_lengths(&self) -> Vec<usize> {
        self.windows.iter().map(|window| window.ids.len()).collect()
    }

    /// Windows and tokens of the article, claims not counted.
    pub(super) fn article_size(&self) -> (usize, usize) {
        let windows = self.windows.iter().take(self.article_windows);
        let windows = windows.filter(|window| !window.window.pieces.is_empty());
        windows.fold((0, 0), |(count, tokens), window| (count + 1, tokens + window.ids.len()))
    }
}

#[cfg(test)]
impl Plan {
    /// A plan of these windows that wants nothing of them.
    pub(super) fn of_windows(ids: Vec<Vec<i64>>, request: ReadingRequest) -> Self {
        let windows = ids.into_iter().map(|ids| PlannedWindow { ids, window: Window::default() });
        let windows: Vec<_> = windows.collect();
        Self {
            article_windows: windows.len(),
            windows,
            request,
            targets: Targets::default(),
            lengths: Vec::new(),
            unread: 0,
            known_claims: BTreeMap::new(),
            unknown_claims: Vec::new(),
        }
    }
}

fn whole(tokens: &[Tokens], text: usize) -> std::ops::Range<usize> {
    0..tokens.get(text).map_or(0, |tokens| tokens.ids.len())
}
