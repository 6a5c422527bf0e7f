//! Admission: a bounded number of requests in the house, from the first look at the text to the
//! last word of the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::schedule::FlowId;

/// The places of a house. Streams may fill three quarters of them, so that single calls find a place
/// beside any number of streams.
#[derive(Debug, Clone)]
pub struct House {
    capacity: usize,
    places: Arc<Semaphore>,
    for_streams: Arc<Semaphore>,
    flows: Arc<AtomicU64>,
}

/// The entrance of one stream: its articles share what is due to one caller.
#[derive(Debug, Clone)]
pub struct StreamEntrance {
    house: House,
    flow: FlowId,
}

/// A place in the house. Every part of a request's work holds a clone: the place is free again when no work is left, but
/// for a window that is under way when its caller leaves.
#[derive(Debug, Clone)]
pub struct Place {
    flow: FlowId,
    _permits: Arc<(OwnedSemaphorePermit, Option<OwnedSemaphorePermit>)>,
}

impl House {
    /// A house with so many places, at least one.
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        let for_streams = (capacity * 3 / 4).max(1);
        Self {
            capacity,
            places: Arc::new(Semaphore::new(capacity)),
            for_streams: Arc::new(Semaphore::new(for_streams)),
            flows: Arc::default(),
        }
    }

    /// Places, free or taken.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Places that are taken.
    pub fn taken(&self) -> usize {
        self.capacity - self.places.available_permits()
    }

    /// Whether no work is left.
    pub fn is_empty(&self) -> bool {
        self.taken() == 0
    }

    /// A place for a single call, when there is one.
    pub fn try_enter(&self) -> Option<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(Place { flow: self.new_flow(), _permits: Arc::new((permit, None)) })
    }

    /// The entrance of a new stream.
    pub fn stream_entrance(&self) -> StreamEntrance {
        StreamEntrance { house: self.clone(), flow: self.new_flow() }
    }

    fn new_flow(&self) -> FlowId {
        FlowId(self.flows.fetch_add(1, Ordering::Relaxed))
    }
}

impl StreamEntrance {
    /// A place for an article of the stream, as soon as there is one. None when the house was closed, which it
    /// never is.
    pub async fn enter(&self) -> Option<Place> {
        let stream = Arc::clone(&self.house.for_streams).acquire_owned().await.ok()?;
        let permit = Arc::clone(&self.house.places).acquire_owned().await.ok()?;
        Some(Place { flow: self.flow, _permits: Arc::new((permit, Some(stream))) })
    }
}

impl Place {
    /// The flow in which its holder's work is scheduled.
    pub(super) fn flow(&self) -> FlowId {
        self.flow
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn streams_leave_room_for_single_calls() {
        let house = House::new(4);
        let mut places = Vec::new();
        let stream = house.stream_entrance();
        for _ in 0..3 {
            places.push(stream.enter().await);
        }
        assert!(house.stream_entrance().enter().now_or_never().is_none());
        assert!(house.try_enter().is_some());
    }

    #[test]
    fn a_place_is_free_when_its_last_holder_is_gone() {
        let house = House::new(1);
        let place = house.try_enter().expect("free");
        let work = place.clone();
        drop(place);
        assert!(house.try_enter().is_none());
        drop(work);
        assert!(house.is_empty());
    }
}
