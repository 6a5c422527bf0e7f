//! What stands before a call: encryption and callers, from files that may change.

use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use super::auth::Callers;
use super::reload::Watched;
use super::tls::Tls;
use crate::config::Config;
use crate::violation::Violation;

/// Encryption and callers as the files of the configuration have them.
#[derive(Debug)]
pub struct Access {
    tls: Option<(Tls, Watched)>,
    callers: Option<(Callers, Watched)>,
}

impl Access {
    /// Reads all files that `[tls]` and `[auth]` name.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn open(config: &Config) -> Result<Self, Vec<Violation>> {
        match (Tls::open(&config.tls), Callers::open(config)) {
            (Ok(tls), Ok(callers)) => Ok(Self { tls, callers }),
            (tls, callers) => {
                Err([tls.err(), callers.err()].into_iter().flatten().flatten().collect())
            }
        }
    }

    /// The parts, and the tasks that read the files anew when they change, while they are kept.
    pub(super) fn follow(
        self,
        interval: Duration,
    ) -> (Option<Tls>, Option<Callers>, Vec<AbortOnDropHandle<()>>) {
        let mut tasks = Vec::new();
        let tls = self.tls.map(|(tls, watched)| {
            let read = tls.clone();
            tasks.push(watched.follow(interval, "certificates", move || read.reload()));
            tls
        });
        let callers = self.callers.map(|(callers, watched)| {
            let read = callers.clone();
            tasks.push(watched.follow(interval, "callers", move || read.reload()));
            callers
        });
        (tls, callers, tasks)
    }
}
