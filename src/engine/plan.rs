//! What is done about an article before the model: tokens, windows, and what is wanted of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::pooling::{Sums, Targets};
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
    /// The claims of both sides; None for one whose windows are among those to be read.
    claims: Vec<(String, Option<Vec<f32>>)>,
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

    /// Tokenises an article and packs it into windows. Each claim is packed alone, so that its vector does not
    /// depend on what came before.
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

        let claims = self.claims(&request);
        for (claim, _) in claims.iter().filter(|(_, known)| known.is_none()) {
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
        Ok(Plan { windows, request, article_windows, targets, lengths, unread, claims })
    }

    /// The claims of both sides, each with its vector when that is known. A claim that comes twice and is
    /// not known is read twice.
    fn claims(&self, request: &ReadingRequest) -> Vec<(String, Option<Vec<f32>>)> {
        let known = self.known_claims.lock().unwrap_or_else(PoisonError::into_inner);
        let claims = request.sides.iter().flat_map(|side| &side.claims);
        claims.map(|claim| (claim.clone(), known.get(claim).cloned())).collect()
    }

    /// The vectors, of `size` numbers, of a plan that has been read; remembers those of its claims.
    pub(super) fn vectors(&self, plan: &Plan, sums: &[Sums], size: usize) -> PlanVectors {
        let mut sentences = plan.targets.means(sums, size);
        let mut mentions = sentences.split_off(plan.request.passages.len().min(sentences.len()));
        let mut read =
            mentions.split_off(plan.request.mentions.len().min(mentions.len())).into_iter();
        let claims = plan.claims.iter();
        let claims: Vec<(&str, Vec<f32>)> = claims
            .map(|(claim, known)| {
                let vector = known.clone().or_else(|| read.next()).unwrap_or_default();
                (claim.as_str(), vector)
            })
            .collect();
        self.remember(&claims);
        let claims = claims.into_iter().map(|(_, vector)| vector).collect();
        PlanVectors { sentences, mentions, claims }
    }

    fn remember(&self, claims: &[(&str, Vec<f32>)]) {
        let mut known = self.known_claims.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown: Vec<_> =
            claims.iter().filter(|(claim, _)| !known.contains_key(*claim)).collect();
        if known.len() + unknown.len() > MAX_KNOWN_CLAIMS {
            let kept: BTreeSet<&str> = claims.iter().map(|(claim, _)| *claim).collect();
            known.retain(|claim, _| kept.contains(claim.as_str()));
        }
        for (claim, vector) in unknown {
            known.insert((*claim).to_owned(), vector.clone());
        }
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
            claims: Vec::new(),
        }
    }
}

fn whole(tokens: &[Tokens], text: usize) -> std::ops::Range<usize> {
    0..tokens.get(text).map_or(0, |tokens| tokens.ids.len())
}
