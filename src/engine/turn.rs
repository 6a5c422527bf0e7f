//! Turns at something that one thread uses at a time, in the order of asking.
//!
//! A mutex would do, were it fair: a thread that lets go and takes again at once gets it before those that wait.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Clones share the turns.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<(Mutex<Numbers>, Condvar)>);

#[derive(Debug, Default)]
struct Numbers {
    next: u64,
    serving: u64,
}

/// Whose turn it is, until dropped.
pub(super) struct Held<'t>(&'t Turn);

impl Turn {
    /// Waits for its turn.
    pub(super) fn wait(&self) -> Held<'_> {
        let mut numbers = self.numbers();
        let own = numbers.next;
        numbers.next += 1;
        while numbers.serving != own {
            numbers = self.0.1.wait(numbers).unwrap_or_else(PoisonError::into_inner);
        }
        Held(self)
    }

    /// Nothing panics while they are locked.
    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.numbers().serving += 1;
        self.0.0.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn turns_come_in_the_order_of_asking() {
        let turn = Turn::default();
        let held = turn.wait();
        let (done, order) = channel();
        let threads = (1..=3).map(|number| {
            let (other, done) = (turn.clone(), done.clone());
            let thread = std::thread::spawn(move || {
                let _held = other.wait();
                done.send(number).expect("test");
            });
            // The next asks when this one waits.
            while turn.numbers().next <= number {
                std::thread::yield_now();
            }
            thread
        });
        let threads: Vec<_> = threads.collect();
        drop(held);
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(order.try_iter().collect::<Vec<u64>>(), [1, 2, 3]);
    }
}
