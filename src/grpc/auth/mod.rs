//! Who calls, and how much: API keys, client certificates, rates.

mod bucket;
mod caller;
mod door;
mod file;
mod key;
mod limits;
mod refusal;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use subtle::ConditionallySelectable;

use super::reload::Watched;
use crate::config::{ClientCertificates, Config};
use crate::violation::Violation;
use caller::KnownCaller;
use file::Entry;
use key::KeyDigest;

pub(super) use caller::Visitor;
pub(super) use door::Door;
pub use key::ApiKey;
pub(super) use limits::CallerLimits;
pub(super) use refusal::Refusal;

/// The callers of a file. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Callers {
    file: PathBuf,
    certificates: ClientCertificates,
    current: Arc<RwLock<Arc<Register>>>,
}

/// The callers as the file has them.
#[derive(Debug, Default)]
struct Register {
    keys: Vec<(KeyDigest, Arc<KnownCaller>)>,
    certificates: HashMap<String, Arc<KnownCaller>>,
    callers: Vec<Arc<KnownCaller>>,
}

impl Callers {
    /// Reads the file; None when the configuration names none.
    pub(super) fn open(config: &Config) -> Result<Option<(Self, Watched)>, Vec<Violation>> {
        let Some(file) = config.auth.keys_file() else { return Ok(None) };
        // Before it is read: what changes from now on is seen.
        let watched = Watched::new(vec![file.to_owned()]);
        let callers = Self {
            file: file.to_owned(),
            certificates: config.tls.client_certificates,
            current: Arc::default(),
        };
        callers.reload()?;
        Ok(Some((callers, watched)))
    }

    /// Reads the file anew. When it is not valid all stays as it is.
    pub(super) fn reload(&self) -> Result<(), Vec<Violation>> {
        let entries = read(&self.file, self.certificates)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(Register::new(entries, &current, Instant::now()));
        Ok(())
    }

    fn register(&self) -> Arc<Register> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The caller whose key this is.
    fn by_key(&self, key: &[u8]) -> Result<Arc<KnownCaller>, Refusal> {
        let given = KeyDigest::of(key);
        let register = self.register();
        // Every key is compared, so that the time tells nothing. 0 is nobody, other numbers are places
        // counted from one.
        let found = (1_u64..).zip(&register.keys).fold(0, |found, (number, (digest, _))| {
            u64::conditional_select(&found, &number, digest.is(&given))
        });
        let place = usize::try_from(found).ok().and_then(|number| number.checked_sub(1));
        let caller = place.and_then(|place| register.keys.get(place));
        caller.map(|(_, caller)| Arc::clone(caller)).ok_or(Refusal::UnknownKey)
    }

    /// The caller for whom a certificate stands.
    fn by_certificate(&self, name: &Arc<str>) -> Result<Arc<KnownCaller>, Refusal> {
        let caller = self.register().certificates.get(&**name).cloned();
        caller.ok_or_else(|| Refusal::UnlistedCertificate(Arc::clone(name)))
    }
}

impl Register {
    /// Callers whose limits are the same as before keep what they have used up.
    fn new(entries: Vec<Entry>, before: &Self, now: Instant) -> Self {
        let mut register = Self::default();
        for entry in entries {
            let same = |old: &&Arc<KnownCaller>| {
                **old.name() == *entry.name && old.limits() == entry.limits
            };
            let caller = match before.callers.iter().find(same) {
                Some(old) => Arc::clone(old),
                None => Arc::new(KnownCaller::new(&entry.name, entry.limits, now)),
            };
            register.keys.extend(entry.keys.into_iter().map(|key| (key, Arc::clone(&caller))));
            let certificates = entry.certificates.into_iter();
            register.certificates.extend(certificates.map(|name| (name, Arc::clone(&caller))));
            register.callers.push(caller);
        }
        register
    }
}

/// Reads the file; certificates are of no use where none are asked for.
fn read(file: &Path, certificates: ClientCertificates) -> Result<Vec<Entry>, Vec<Violation>> {
    let of_file =
        |problem: String| Violation::new("auth.keys_file", format!("{} {problem}", file.display()));
    let text = std::fs::read_to_string(file)
        .map_err(|error| vec![of_file(format!("cannot be read: {error}"))])?;
    let entries = file::parse(&text).map_err(|violations| {
        violations
            .into_iter()
            .map(|violation| of_file(format!("at {violation}")))
            .collect::<Vec<_>>()
    })?;
    if certificates != ClientCertificates::None {
        return Ok(entries);
    }
    let useless = entries.iter().filter(|entry| !entry.certificates.is_empty());
    let useless: Vec<Violation> = useless
        .map(|entry| {
            let name = &entry.name;
            let problem = "needs tls.client_certificates \"optional\" or \"required\"";
            of_file(format!("at callers \"{name}\".certificates: {problem}"))
        })
        .collect();
    if useless.is_empty() { Ok(entries) } else { Err(useless) }
}
