//! API keys and their digests. A key is never kept, logged or told back.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// What every key begins with, so that one that leaked is found by those who look for them.
pub(super) const PREFIX: &str = "plx_";
/// Random bytes of a key: nobody guesses one, so that a plain digest is enough to keep it.
const RANDOM_BYTES: usize = 32;

/// A new key.
pub struct ApiKey(String);

impl ApiKey {
    /// A key from the system's random numbers.
    ///
    /// # Errors
    /// When the system has none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random)?;
        let digits = random.iter().map(|byte| format!("{byte:02x}"));
        Ok(Self(std::iter::once(PREFIX.to_owned()).chain(digits).collect()))
    }

    /// The key itself, for its caller alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the server keeps of it: SHA-256, lower-case hex.
    pub fn sha256(&self) -> String {
        format!("{:x}", Sha256::digest(&self.0))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey")
    }
}

/// SHA-256 of a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct KeyDigest([u8; 32]);

impl KeyDigest {
    pub(super) fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Reads 64 hexadecimal digits.
    pub(super) fn parse(hex: &str) -> Option<Self> {
        if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut digest = [0; 32];
        for (index, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(digest))
    }

    /// Compares in a time that does not tell how much is the same.
    pub(super) fn is(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// Not even the digest belongs into a log.
impl fmt::Debug for KeyDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyDigest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_and_differ() {
        let [one, other] = [ApiKey::generate().expect("key"), ApiKey::generate().expect("key")];
        assert_eq!(one.reveal().len(), 68);
        assert_ne!(one.reveal(), other.reveal());
        assert!(!format!("{one:?}").contains(one.reveal()));
    }

    #[test]
    fn the_digest_of_a_key_is_what_the_file_holds() {
        let key = ApiKey::generate().expect("key");
        assert_eq!(KeyDigest::parse(&key.sha256()), Some(KeyDigest::of(key.reveal().as_bytes())));
    }

    #[test]
    fn only_64_hexadecimal_digits_are_a_digest() {
        let digits = "0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789";
        assert!(KeyDigest::parse(digits).is_some());
        for text in ["", "ab", &digits.replace('a', "g"), &digits.replace("ab", "é")] {
            assert_eq!(KeyDigest::parse(text), None, "{text}");
        }
    }
}
