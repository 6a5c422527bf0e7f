//! What is not counted here but read where it lies, whenever metrics are asked for.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::Monitor;
use crate::engine::{Engine, EngineCounters, Histogram, House};
use crate::grpc::analyzer::Analyzer;
use crate::grpc::cache::ReplyCache;

/// The state of a server. What the analyzer knows is missing until it is there.
#[derive(Debug)]
pub(super) struct State(pub(super) Monitor);

impl Collector for State {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        page.gauge("ready", "1 when a request would be taken", u64::from(self.0.is_ready()))?;
        let Some(analyzer) = self.0.analyzer.get() else { return Ok(()) };
        house(&mut page, analyzer.house())?;
        engine(&mut page, analyzer)?;
        analyzer.cache().map_or(Ok(()), |kept| cache(&mut page, kept))
    }
}

fn house(page: &mut Page<'_>, house: &House) -> fmt::Result {
    page.gauge("requests_in_flight", "Requests in the house", house.taken() as u64)?;
    let help = "Requests that may be in the house at once";
    page.gauge("requests_in_flight_limit", help, house.capacity() as u64)
}

fn engine(page: &mut Page<'_>, analyzer: &Analyzer) -> fmt::Result {
    let engine: &Engine = analyzer.engine();
    let workers = engine.workers() as u64;
    page.gauge("engine_workers", "Threads that take batches of windows", workers)?;
    let recovering = *engine.recovering().borrow() as u64;
    let help = "Workers that wait for the model to recover from a panic";
    page.gauge("engine_workers_recovering", help, recovering)?;
    let help = "Articles of which nothing has been read yet";
    page.gauge("engine_queue_articles", help, engine.waiting() as u64)?;
    let EngineCounters {
        read,
        cancelled,
        expired,
        failed,
        padding,
        batch_tokens,
        batch_windows,
        queue_seconds,
        encoder_seconds,
        inference_seconds,
    } = engine.counters();
    let outcomes =
        [("read", read), ("cancelled", cancelled), ("expired", expired), ("failed", failed)];
    page.outcomes("engine_articles", "Articles that left the engine, by how", outcomes)?;
    let help = "Tokens of padding that the encoder computed";
    page.counter("engine_padding_tokens", help, padding)?;
    page.histogram("engine_batch_tokens", "Tokens of a batch, without padding", batch_tokens)?;
    page.histogram("engine_batch_windows", "Windows of a batch", batch_windows)?;
    let help = "Time that an article waited for its first window to be read";
    page.histogram("engine_queue_wait_seconds", help, queue_seconds)?;
    page.histogram("engine_encoder_seconds", "Time of the encoder for a batch", encoder_seconds)?;
    let help = "Time from an article's first window to its reading";
    page.histogram("engine_inference_seconds", help, inference_seconds)
}

fn cache(page: &mut Page<'_>, cache: &ReplyCache) -> fmt::Result {
    let lookups = cache.lookups();
    let outcomes = [("hit", &lookups.hits), ("miss", &lookups.misses), ("shared", &lookups.shared)];
    page.outcomes("cache_lookups", "Requests looked up among finished and running ones", outcomes)?;
    let size = cache.size();
    page.gauge("cache_entries", "Replies that are kept", size.entries)?;
    page.gauge("cache_bytes", "Bytes of the replies that are kept", size.bytes)?;
    page.gauge("cache_limit_bytes", "Bytes that may be kept", size.limit_bytes)
}

/// What is written for one scrape.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn metric<'s>(
        &'s mut self,
        name: &'s str,
        help: &'s str,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        self.0.encode_descriptor(name, help, None, kind)
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let gauge = ConstGauge::new(value);
        gauge.encode(self.metric(name, help, gauge.metric_type())?)
    }

    fn counter(&mut self, name: &str, help: &str, value: &AtomicU64) -> fmt::Result {
        let counter = ConstCounter::new(value.load(Ordering::Relaxed));
        counter.encode(self.metric(name, help, counter.metric_type())?)
    }

    /// A counter for each outcome.
    fn outcomes<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        outcomes: [(&str, &AtomicU64); N],
    ) -> fmt::Result {
        let mut family = self.metric(name, help, MetricType::Counter)?;
        for (outcome, count) in outcomes {
            let labels = [("outcome", outcome)];
            let counter = ConstCounter::new(count.load(Ordering::Relaxed));
            counter.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) -> fmt::Result {
        let seen = histogram.snapshot();
        let mut metric = self.metric(name, help, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(seen.sum, seen.count(), &seen.buckets, None)
    }
}
