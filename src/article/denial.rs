//! Denied claims: a claim that a sentence prints only to say that it is not so.
//!
//! Read off the words of the frame alone ("denied that …", "there is no evidence that …", "the false
//! claim that …"), in time linear in the length of the sentence. Irony and argument deny claims too;
//! they are not seen here.

use std::ops::Range;

use super::attribution::attributions;
use super::name::Subject;
use super::text::trim;
use super::token::{Token, TokenKind, tokens};

/// A claim that a sentence denies, as bytes of the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The words that deny it.
    pub cue: Range<usize>,
    /// The claim.
    pub content: Range<usize>,
    /// Who denies it, where a name stands with the verb; the author or a pronoun otherwise.
    pub by: Option<Range<usize>>,
}

/// Words between the parts of a frame ("rejects the *widespread public* accusation").
const LONGEST_GAP: usize = 5;

/// The first claim that `sentence` denies.
pub fn denied(sentence: &str) -> Option<Denied> {
    let tokens = tokens(sentence, &(0..sentence.len()), &[]);
    let frame = Frame { sentence, tokens: &tokens };
    let (cue, content) = (0..tokens.len()).find_map(|at| {
        let found = match Kind::of(&tokens.get(at)?.text.to_lowercase())? {
            Kind::Denies => frame.denial(at),
            Kind::Rejects => frame.rejection(at),
            Kind::No => frame.no_evidence(at),
            Kind::False => frame.false_claim(at),
            Kind::Falsely => frame.claimed_falsely(at),
            Kind::Propaganda => frame.propaganda(at, &[]),
            Kind::Lie => frame.propaganda(at, &["that", "about"]),
            Kind::Not => frame.not_true(at),
        };
        found.filter(|(_, content)| !points_elsewhere(sentence.get(content.clone()).unwrap_or("")))
    })?;
    let by = attributions(&tokens).into_iter().find_map(|attribution| match attribution.subject {
        Subject::Named(name) if attribution.verb.start == cue.start => Some(name.range),
        _ => None,
    });
    Some(Denied { cue, content, by })
}

/// What a word may begin.
enum Kind {
    Denies,
    Rejects,
    No,
    False,
    Falsely,
    Propaganda,
    Lie,
    Not,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "deny" | "denies" | "denied" | "denying" => Self::Denies,
            "reject" | "rejects" | "rejected" | "rejecting" | "dismiss" | "dismisses"
            | "dismissed" | "dismissing" | "refute" | "refutes" | "refuted" | "refuting"
            | "rebut" | "rebuts" | "rebutted" | "rebutting" | "debunk" | "debunks" | "debunked"
            | "debunking" | "disputes" | "disputed" | "disputing" | "ridiculed" => Self::Rejects,
            "no" | "little" | "without" | "lacks" => Self::No,
            "false" | "baseless" | "unfounded" | "groundless" | "bogus" | "fabricated"
            | "unsubstantiated" | "discredited" | "fake" | "absurd" | "preposterous"
            | "spurious" | "unproven" => Self::False,
            "falsely" | "wrongly" | "groundlessly" | "baselessly" => Self::Falsely,
            "propaganda" | "disinformation" | "misinformation" => Self::Propaganda,
            "myth" | "lie" | "lies" | "fiction" | "hoax" | "smear" => Self::Lie,
            "not" | "untrue" | "isn't" | "isn’t" => Self::Not,
            _ => return None,
        })
    }
}

fn is_claim_noun(word: &str) -> bool {
    matches!(
        word,
        "accusation"
            | "accusations"
            | "allegation"
            | "allegations"
            | "argument"
            | "assertion"
            | "assertions"
            | "charge"
            | "charges"
            | "claim"
            | "claims"
            | "idea"
            | "insinuation"
            | "insinuations"
            | "narrative"
            | "notion"
            | "report"
            | "reports"
            | "rumor"
            | "rumors"
            | "rumour"
            | "rumours"
            | "speculation"
            | "story"
            | "suggestion"
            | "suggestions"
            | "theory"
            | "theories"
    )
}

/// Whether a claim, and no thing that can be withheld, stands behind "denied": an act, a want of
/// everything, or a clause with its verb.
fn is_deniable(first: &str) -> bool {
    matches!(first, "that" | "any" | "all" | "involvement" | "responsibility" | "wrongdoing")
        || (first.ends_with("ing") && first.len() > 4)
}

/// Whether `word` is a verb that a clause without "that" is known by.
fn is_finite(word: &str) -> bool {
    matches!(
        word,
        "are"
            | "can"
            | "could"
            | "did"
            | "does"
            | "had"
            | "has"
            | "have"
            | "is"
            | "was"
            | "were"
            | "will"
            | "would"
    ) || (word.ends_with("ed") && word.len() > 4)
}

/// Words that stand for a claim made elsewhere: "Moscow denied it".
fn points_elsewhere(content: &str) -> bool {
    let mut words = content.split_whitespace();
    let first = words.next().unwrap_or("").to_lowercase();
    let points = matches!(first.as_str(), "it" | "that" | "these" | "this" | "those");
    match words.count() {
        0 => !is_deniable(&first) || points,
        1 => points || first == "but",
        _ => first == "but",
    }
}

/// What a sentence is searched in.
struct Frame<'a, 't> {
    sentence: &'t str,
    tokens: &'a [Token<'t>],
}

/// The bytes of a cue and of the claim it denies.
type Found = Option<(Range<usize>, Range<usize>)>;

impl Frame<'_, '_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    /// The place of the first word, from `at` on and within a gap, that `fits`, before a mark.
    fn within_gap(&self, at: usize, fits: impl Fn(&str) -> bool) -> Option<usize> {
        let reachable = (at..at + LONGEST_GAP).take_while(|at| {
            self.tokens.get(*at).is_some_and(|token| token.kind == TokenKind::Word)
        });
        reachable.into_iter().find(|at| fits(self.word(*at).to_lowercase().as_str()))
    }

    /// The bytes from token `from` up to token `to`.
    fn cue(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.tokens.get(from).map_or(0, |token| token.range.start);
        let last = to.checked_sub(1).and_then(|last| self.tokens.get(last));
        start..last.map_or(start, |token| token.range.end)
    }

    /// The clause from token `at` on: to a semicolon, a dash, the comma of a new clause or of a
    /// quotation that ends, or the end of the sentence.
    fn rest(&self, at: usize) -> Range<usize> {
        let start = self.tokens.get(at).map_or(self.sentence.len(), |token| token.range.start);
        let goes_on = |word: &str| {
            matches!(word, "but" | "while" | "\"" | "”")
                || (word.ends_with("ing") && word.len() > 4)
        };
        let stop = (at..self.tokens.len()).find(|at| match self.word(*at) {
            ";" | "—" | "–" => true,
            "," => goes_on(self.word(at + 1)),
            _ => false,
        });
        let stop = stop.and_then(|stop| self.tokens.get(stop));
        let end = stop.map_or(self.sentence.len(), |token| token.range.start);
        let range = trim(self.sentence, start..end);
        let clause = self.sentence.get(range.clone()).unwrap_or("");
        range.start..range.start + clause.trim_end_matches(['.', ',', '!', '?', '"', '”']).len()
    }

    /// The claim before token `at`: back to the last dash, or to the one before where only an
    /// article stands between ("it spies — a charge Moscow denies").
    fn head(&self, at: usize) -> Range<usize> {
        let is_stop = |token: &&Token| matches!(token.text, ";" | "—" | "–" | "-");
        let is_article = |word: &str| matches!(word, "a" | "an" | "the");
        let mut end = at;
        while end.checked_sub(1).and_then(|last| self.tokens.get(last)).is_some_and(|token| {
            is_article(token.text) || is_stop(&token) || token.kind == TokenKind::Comma
        }) {
            end -= 1;
        }
        let before = self.tokens.get(..end).unwrap_or(&[]);
        let start = before.iter().rev().find(is_stop).map_or(0, |token| token.range.end);
        trim(self.sentence, start..before.last().map_or(start, |token| token.range.end))
    }

    /// A claim noun, before the verb at `verb`, that the verb belongs to: "an accusation Moscow
    /// denies"; the claim stands before it.
    fn claim_before(&self, verb: usize) -> Found {
        let earliest = verb.saturating_sub(LONGEST_GAP);
        let noun = (earliest..verb).rev().find(|at| is_claim_noun(self.word(*at)))?;
        let ends =
            !matches!(self.tokens.get(verb + 1), Some(token) if token.kind == TokenKind::Word);
        ends.then(|| (self.cue(noun, verb + 1), self.head(noun)))
    }

    /// "denied that it spies", "denies any involvement", "accusations Moscow denies".
    fn denial(&self, at: usize) -> Found {
        let next = self.word(at + 1);
        if let Some(noun) = self.within_gap(at + 1, is_claim_noun) {
            return self.joined_claim(at, noun);
        }
        if let Some(before) = self.claim_before(at) {
            return Some(before);
        }
        let is_passive = at.checked_sub(1).is_some_and(|before| {
            matches!(self.word(before), "are" | "be" | "is" | "was" | "were")
        });
        if is_passive {
            return None;
        }
        let is_clause = !matches!(next, "a" | "an" | "by" | "safe")
            && self.within_gap(at + 2, is_finite).is_some();
        let joins = usize::from(next == "that");
        (is_clause || is_deniable(next))
            .then(|| (self.cue(at, at + 1 + joins), self.rest(at + 1 + joins)))
    }

    /// The claim of a noun that says what it is: "the charge that it spies".
    fn joined_claim(&self, from: usize, noun: usize) -> Found {
        let joins = matches!(self.word(noun + 1), "that" | "of" | "about");
        joins.then(|| (self.cue(from, noun + 1), self.rest(noun + 2)))
    }

    /// "rejects the accusation that it spies", "dismissed the report as false".
    fn rejection(&self, at: usize) -> Found {
        let is_verdict =
            |word: &str| matches!(Kind::of(word), Some(Kind::False | Kind::Propaganda | Kind::Lie));
        if let Some(as_at) = self.within_gap(at + 1, |word| word == "as")
            && self.within_gap(as_at + 1, is_verdict).is_some()
        {
            return Some((self.cue(at, at + 1), self.cue(at + 1, as_at)));
        }
        match self.within_gap(at + 1, is_claim_noun) {
            Some(noun) => self.joined_claim(at, noun),
            None => self.claim_before(at),
        }
    }

    /// "there is no evidence that it spies", "no truth to the report".
    fn no_evidence(&self, at: usize) -> Found {
        let is_proof = |word: &str| {
            matches!(word, "evidence" | "proof" | "truth" | "basis" | "indication" | "foundation")
        };
        let proof = self.within_gap(at + 1, is_proof)?;
        // "without proof" ends a claim, "no evidence that" begins one.
        match self.word(proof + 1) {
            "that" | "of" | "behind" => Some((self.cue(at, proof + 2), self.rest(proof + 2))),
            "to" | "for" | "in" if self.word(proof) == "truth" => {
                Some((self.cue(at, proof + 2), self.rest(proof + 2)))
            }
            _ if self.word(at) == "without" => Some((self.cue(at, proof + 1), self.head(at))),
            _ => None,
        }
    }

    /// "the false claim that it spies".
    fn false_claim(&self, at: usize) -> Found {
        self.joined_claim(at, self.within_gap(at + 1, is_claim_noun)?)
    }

    /// "claims falsely that it spies", "falsely accused it of spying".
    fn claimed_falsely(&self, at: usize) -> Found {
        let is_claiming = |word: &str| {
            ["claim", "accus", "alleg", "assert", "say", "said", "blam", "suggest", "stat"]
                .iter()
                .any(|stem| word.starts_with(stem))
        };
        let behind = is_claiming(self.word(at + 1));
        let before = at.checked_sub(1).is_some_and(|before| is_claiming(self.word(before)));
        if !behind && !before {
            return None;
        }
        let end = at + 1 + usize::from(behind);
        let joins = usize::from(self.word(end) == "that");
        Some((self.cue(at - usize::from(!behind), end), self.rest(end + joins)))
    }

    /// "propaganda claiming that it spies", "the myth that it spies"; `joints` are the words, beside
    /// participles, that lead from the noun to the claim.
    fn propaganda(&self, at: usize, joints: &[&str]) -> Found {
        let joint = self.within_gap(at + 1, |word| {
            matches!(word, "claiming" | "alleging" | "saying" | "suggesting")
                || joints.contains(&word)
        })?;
        let joins = usize::from(self.word(joint + 1) == "that");
        Some((self.cue(at, joint + 1), self.rest(joint + 1 + joins)))
    }

    /// "it is not true that it spies".
    fn not_true(&self, at: usize) -> Found {
        let end = match (self.word(at), self.word(at + 1)) {
            ("untrue", _) => at + 1,
            (_, "true" | "correct") => at + 2,
            _ => return None,
        };
        if matches!(self.word(end), "that" | "to") {
            return Some((self.cue(at, end), self.rest(end + 1)));
        }
        let ends = self.tokens.get(end).is_none_or(|token| token.kind != TokenKind::Word);
        ends.then(|| (self.cue(at, end), self.head(at)))
    }
}

#[cfg(test)]
#[path = "denial_tests.rs"]
mod tests;
