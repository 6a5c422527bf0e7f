//! Where the messages of a body end: a flag, the length in four bytes, and the message, again and again. Pure.

/// Bytes before each message.
const PREFIX: usize = 5;

/// How far a body has come.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// Bytes of the prefix that have come, the first so many of which are set.
    prefix: [u8; PREFIX],
    /// Bytes that have come of the message, its prefix included.
    begun: usize,
}

impl Framing {
    /// Bytes that have come of a message that is not all there, its prefix included.
    pub(super) fn begun(&self) -> usize {
        self.begun
    }

    /// Bytes still to come of a message whose prefix is there.
    pub(super) fn missing(&self) -> usize {
        if self.begun < PREFIX { 0 } else { self.length() - self.begun }
    }

    /// Goes on by these bytes; whether a message ended in them.
    pub(super) fn advance(&mut self, mut bytes: &[u8]) -> bool {
        let mut completed = false;
        while !bytes.is_empty() {
            let took = match self.prefix.get_mut(self.begun..) {
                Some(rest) if !rest.is_empty() => {
                    rest.iter_mut().zip(bytes).map(|(place, &byte)| *place = byte).count()
                }
                _ => (self.length() - self.begun).min(bytes.len()),
            };
            self.begun += took;
            bytes = bytes.get(took..).unwrap_or_default();
            if self.begun >= PREFIX && self.begun >= self.length() {
                self.begun = 0;
                completed = true;
            }
        }
        completed
    }

    /// Bytes of the message, its prefix included, when the prefix is there.
    fn length(&self) -> usize {
        let [_flag, length @ ..] = self.prefix;
        PREFIX + u32::from_be_bytes(length) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: [u8; 8] = [0, 0, 0, 0, 3, 7, 7, 7];
    const EMPTY: [u8; 5] = [0; 5];

    #[test]
    fn messages_end_wherever_the_bytes_are_cut() {
        let bytes = [THREE.as_slice(), &EMPTY, &THREE, &THREE[..6]].concat();
        for size in 1..=bytes.len() {
            let mut framing = Framing::default();
            let completed = bytes.chunks(size).filter(|chunk| framing.advance(chunk)).count();
            assert!((1..=3).contains(&completed), "chunks of {size}: {completed}");
            assert_eq!(framing.begun(), 6, "chunks of {size}");
        }
    }

    #[test]
    fn a_whole_message_leaves_nothing_begun() {
        let mut framing = Framing::default();
        assert!(!framing.advance(&THREE[..4]));
        assert_eq!((framing.begun(), framing.missing()), (4, 0));
        assert!(!framing.advance(&THREE[4..6]));
        assert_eq!((framing.begun(), framing.missing()), (6, 2));
        assert!(framing.advance(&THREE[6..]));
        assert_eq!((framing.begun(), framing.missing()), (0, 0));
        assert!(framing.advance(&EMPTY));
    }
}
