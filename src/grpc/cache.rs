//! Replies that need not be made again: the same wire story arrives from many outlets.
//!
//! The key is SHA-256 over the request without the article's id. What else an answer rests on (model,
//! calibration, contests that the server knows, build) never changes while the process runs. Calls that ask the same at
//! the same time share one computation, which ends early only when the last of them has left.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use prost::Message;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use sha2::{Digest, Sha256};

use super::proto::v1;
use super::status::AnalyzeError;

type Key = [u8; 32];
/// A reply as it goes over the wire: its size is known, and so is the memory it takes.
type Encoded = Arc<[u8]>;
/// How a computation ends, for all who wait for it.
type Outcome = Result<Arc<v1::AnalyzeArticleResponse>, AnalyzeError>;

/// Bytes of an entry besides its reply, roughly.
const ENTRY_BYTES: usize = 128;
/// Size of a usual reply: it says how many entries to make room for.
const USUAL_REPLY_BYTES: usize = 8 << 10;

/// Finished replies, as many as fit, and the computations under way.
#[derive(Debug)]
pub(super) struct ReplyCache {
    finished: Cache<Key, Encoded, Bytes>,
    under_way: Mutex<HashMap<Key, WeakShared<BoxFuture<'static, Outcome>>>>,
    lookups: Lookups,
}

/// What requests found, counted from the start.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// A finished reply.
    pub(super) hits: AtomicU64,
    /// Nothing: their own reply was computed.
    pub(super) misses: AtomicU64,
    /// A reply under way for another.
    pub(super) shared: AtomicU64,
}

/// What is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct CacheSize {
    pub(super) entries: u64,
    pub(super) bytes: u64,
    /// Most bytes.
    pub(super) limit_bytes: u64,
}

#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<Key, Encoded> for Bytes {
    fn weight(&self, _: &Key, reply: &Encoded) -> u64 {
        (reply.len() + ENTRY_BYTES) as u64
    }
}

/// Where a call finds its reply.
enum Found {
    Finished(Encoded),
    /// Computed for this call first of all, or for another one that came before.
    UnderWay {
        reply: Shared<BoxFuture<'static, Outcome>>,
        for_another: bool,
    },
}

impl ReplyCache {
    /// A cache for so many bytes; none for 0.
    pub(super) fn new(max_bytes: usize) -> Option<Arc<Self>> {
        // One shard, so that a reply may be nearly as large as the cache.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(max_bytes / USUAL_REPLY_BYTES + 1)
            .weight_capacity(max_bytes as u64)
            .build()
            .ok()
            .filter(|_| max_bytes > 0)?;
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        let finished = Cache::with_options(options, Bytes, hasher, lifecycle);
        Some(Arc::new(Self { finished, under_way: Mutex::default(), lookups: Lookups::default() }))
    }

    /// What requests found so far.
    pub(super) fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// What is kept now.
    pub(super) fn size(&self) -> CacheSize {
        CacheSize {
            entries: self.finished.len() as u64,
            bytes: self.finished.weight(),
            limit_bytes: self.finished.capacity(),
        }
    }

    /// The reply to a request, and whether it was made for another call. `compute` makes it when nobody has or does; it
    /// goes on as long as anybody waits for it.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        request: v1::AnalyzeArticleRequest,
        compute: impl FnOnce(v1::AnalyzeArticleRequest) -> F,
    ) -> Result<(v1::AnalyzeArticleResponse, bool), AnalyzeError>
    where
        F: Future<Output = Result<v1::AnalyzeArticleResponse, AnalyzeError>> + Send + 'static,
    {
        match self.find(request, compute) {
            // What was encoded here decodes here.
            Found::Finished(reply) => Ok((Message::decode(&*reply).unwrap_or_default(), true)),
            Found::UnderWay { reply, for_another } => {
                let reply = reply.await?;
                Ok((Arc::unwrap_or_clone(reply), for_another))
            }
        }
    }

    fn find<F>(
        self: &Arc<Self>,
        request: v1::AnalyzeArticleRequest,
        compute: impl FnOnce(v1::AnalyzeArticleRequest) -> F,
    ) -> Found
    where
        F: Future<Output = Result<v1::AnalyzeArticleResponse, AnalyzeError>> + Send + 'static,
    {
        let key = key(&request);
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reply) = self.finished.get(&key) {
            self.lookups.hits.fetch_add(1, Ordering::Relaxed);
            return Found::Finished(reply);
        }
        if let Some(reply) = under_way.get(&key).and_then(WeakShared::upgrade) {
            self.lookups.shared.fetch_add(1, Ordering::Relaxed);
            return Found::UnderWay { reply, for_another: true };
        }
        self.lookups.misses.fetch_add(1, Ordering::Relaxed);
        under_way.retain(|_, reply| reply.upgrade().is_some());
        let (cache, work) = (Arc::clone(self), compute(request));
        let reply = async move {
            let reply = Arc::new(work.await?);
            cache.keep(key, &reply);
            Ok(reply)
        };
        let reply = reply.boxed().shared();
        under_way.extend(reply.downgrade().map(|weak| (key, weak)));
        Found::UnderWay { reply, for_another: false }
    }

    /// Keeps a reply, without what belongs to its call alone.
    fn keep(&self, key: Key, reply: &v1::AnalyzeArticleResponse) {
        let mut kept = reply.clone();
        kept.article_id.clear();
        kept.timing = None;
        self.finished.insert(key, kept.encode_to_vec().into());
    }
}

fn key(request: &v1::AnalyzeArticleRequest) -> Key {
    // Every field by name: a new one has to be thought about.
    let v1::AnalyzeArticleRequest { article, parts, summary, output, contest_choice, entailment } =
        request;
    let mut hash = Sha256::new();
    let article = article.as_ref().map(|article| {
        let v1::Article { id: _, title, text, format } = article;
        // The text goes in by itself, so that it is not copied; its length tells where it ends.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
        v1::Article {
            id: String::new(),
            title: title.clone(),
            text: String::new(),
            format: *format,
        }
    });
    let rest = v1::AnalyzeArticleRequest {
        article,
        parts: parts.clone(),
        summary: summary.clone(),
        output: *output,
        contest_choice: contest_choice.clone(),
        entailment: entailment.clone(),
    };
    hash.update(rest.encode_to_vec());
    hash.finalize().into()
}
