//! Replies that need not be made again: the same wire story arrives from many outlets.
//!
//! The key is SHA-256 over the request without the article's id. What else an answer rests on (model,
//! calibration, contests that the server knows, build) never changes while the process runs. Calls that ask the same at
//! the same time wait for one of them; when that one fails or leaves, the next computes.

use prost::Message;
use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, Weighter};
use sha2::{Digest, Sha256};

use super::proto::v1;

type Key = [u8; 32];
/// A reply as it goes over the wire: its size is known, and so is the memory it takes.
type Encoded = Box<[u8]>;

/// Bytes of an entry besides its reply, roughly.
const ENTRY_BYTES: usize = 128;
/// Size of a usual reply: it says how many entries to make room for.
const USUAL_REPLY_BYTES: usize = 8 << 10;

/// Finished replies, as many as fit.
#[derive(Debug)]
pub(super) struct ReplyCache(Cache<Key, Encoded, Bytes>);

/// What a lookup gives.
pub(super) enum Lookup<'c> {
    /// The reply to the same request, without article id and timing.
    Known(Box<v1::AnalyzeArticleResponse>),
    /// Nobody has asked this yet: the reply has to be made, and may be kept.
    Unknown(Slot<'c>),
}

/// The right to put a reply into the cache; others who ask the same wait until it is used or dropped.
pub(super) struct Slot<'c>(
    PlaceholderGuard<'c, Key, Encoded, Bytes, DefaultHashBuilder, DefaultLifecycle<Key, Encoded>>,
);

#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<Key, Encoded> for Bytes {
    fn weight(&self, _: &Key, reply: &Encoded) -> u64 {
        (reply.len() + ENTRY_BYTES) as u64
    }
}

impl ReplyCache {
    /// A cache for so many bytes; none for 0.
    pub(super) fn new(max_bytes: usize) -> Option<Self> {
        let cache =
            || Cache::with_weighter(max_bytes / USUAL_REPLY_BYTES + 1, max_bytes as u64, Bytes);
        (max_bytes > 0).then(|| Self(cache()))
    }

    /// Looks a request up; waits while somebody else computes the reply to the same.
    pub(super) async fn get(&self, request: &v1::AnalyzeArticleRequest) -> Lookup<'_> {
        match self.0.get_value_or_guard_async(&key(request)).await {
            // What was encoded here decodes here.
            Ok(reply) => Lookup::Known(Box::new(Message::decode(&*reply).unwrap_or_default())),
            Err(guard) => Lookup::Unknown(Slot(guard)),
        }
    }
}

impl Slot<'_> {
    /// Keeps a reply, without what belongs to its call alone.
    pub(super) fn fill(self, reply: &v1::AnalyzeArticleResponse) {
        let mut kept = reply.clone();
        kept.article_id.clear();
        kept.timing = None;
        // Somebody may have removed the entry meanwhile; then it is not kept.
        let _kept = self.0.insert(kept.encode_to_vec().into());
    }
}

fn key(request: &v1::AnalyzeArticleRequest) -> Key {
    let mut hash = Sha256::new();
    // The text goes in by itself, so that it is not copied; its length tells where it ends.
    let text = request.article.as_ref().map_or("", |article| article.text.as_str());
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
    let article = request.article.as_ref().map(|article| v1::Article {
        title: article.title.clone(),
        format: article.format,
        ..v1::Article::default()
    });
    let rest = v1::AnalyzeArticleRequest {
        article,
        parts: request.parts.clone(),
        summary: request.summary.clone(),
        contest_choice: request.contest_choice.clone(),
        output: request.output,
    };
    hash.update(rest.encode_to_vec());
    hash.finalize().into()
}
