//! Files that may change while the server runs.

use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::MissedTickBehavior;
use tokio_util::task::AbortOnDropHandle;

use crate::violation::{Violation, join};

/// Files, and a hash of what they held when they were last read.
///
/// They are read rather than their times compared: a mounted secret changes by a link that points
/// elsewhere, and the files are small.
#[derive(Debug)]
pub(super) struct Watched {
    files: Vec<PathBuf>,
    seen: Vec<Option<[u8; 32]>>,
}

impl Watched {
    /// Files as they are now.
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        let seen = hashes(&files);
        Self { files, seen }
    }

    /// Whether they changed since this was last asked.
    fn changed(&mut self) -> bool {
        let now = hashes(&self.files);
        std::mem::replace(&mut self.seen, now) != self.seen
    }

    /// Calls `reload` each time the files changed, looking at them at an interval. What does not
    /// hold is logged once and stays out.
    pub(super) fn follow(
        self,
        interval: Duration,
        what: &'static str,
        reload: impl Fn() -> Result<(), Vec<Violation>> + Send + 'static,
    ) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut ticks = tokio::time::interval(interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut watch = (self, reload);
            loop {
                ticks.tick().await;
                let looked = tokio::task::spawn_blocking(move || {
                    look(&mut watch.0, what, &watch.1);
                    watch
                });
                // A panic in it has been logged; nothing is left to look with.
                let Ok(back) = looked.await else { return };
                watch = back;
            }
        }))
    }
}

fn look(watched: &mut Watched, what: &str, reload: &impl Fn() -> Result<(), Vec<Violation>>) {
    if watched.changed() {
        match reload() {
            Ok(()) => tracing::info!(what, "read anew"),
            Err(violations) => {
                tracing::error!(what, problem = join(&violations), "not read anew; the old stays");
            }
        }
    }
}

/// One for each file; None for one that cannot be read.
fn hashes(files: &[PathBuf]) -> Vec<Option<[u8; 32]>> {
    let hash = |file| Some(Sha256::digest(std::fs::read(file).ok()?).into());
    files.iter().map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_once() {
        let file = tempfile::NamedTempFile::new().expect("file");
        let mut watched = Watched::new(vec![file.path().to_owned()]);
        assert!(!watched.changed());
        std::fs::write(file.path(), "new").expect("write");
        assert!(watched.changed());
        assert!(!watched.changed());
    }

    #[test]
    fn a_file_that_goes_and_comes_back_changed_twice() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "words").expect("write");
        let mut watched = Watched::new(vec![path.clone()]);
        std::fs::remove_file(&path).expect("remove");
        assert!(watched.changed());
        std::fs::write(&path, "words").expect("write");
        assert!(watched.changed());
    }
}
