//! Work that blocks, on a thread of its own.

use tokio::sync::oneshot;

use crate::cli::exit::Failure;

/// Work on a thread.
#[derive(Debug)]
pub(super) struct Thread<T> {
    name: &'static str,
    result: oneshot::Receiver<T>,
}

impl<T: Send + 'static> Thread<T> {
    /// Starts it.
    pub(super) fn start(
        name: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Self, Failure> {
        let (sender, result) = oneshot::channel();
        let started = std::thread::Builder::new().name(name.into()).spawn(move || {
            // Nobody may wait for it any more.
            let _unread = sender.send(work());
        });
        started.map_err(|error| Failure::Run(format!("thread {name}: {error}")))?;
        Ok(Self { name, result })
    }

    /// What it came to.
    pub(super) async fn result(self) -> Result<T, Failure> {
        let died = |_| Failure::Run(format!("thread {} panicked", self.name));
        self.result.await.map_err(died)
    }
}
