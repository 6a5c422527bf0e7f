//! Texts cut to what a model reads at once: sentences go together, and a sentence is cut only when it is too long alone.

/// Counts the tokens of a text, special ones not included.
pub(super) type Count<'a> = &'a dyn Fn(&str) -> Result<usize, String>;

/// A piece of text with its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Portion {
    pub(super) text: String,
    pub(super) tokens: usize,
}

/// The sentences in as few portions of at most `limit` tokens as possible, about equally long. Nothing is left out.
pub(super) fn portions(
    sentences: &[String],
    limit: usize,
    count: Count<'_>,
) -> Result<Vec<Portion>, String> {
    let mut pieces = Vec::new();
    for sentence in sentences {
        pieces.extend(cut(sentence, limit, count)?);
    }
    let all: usize = pieces.iter().map(|piece| piece.tokens).sum();
    let even = all.div_ceil(all.div_ceil(limit.max(1)).max(1));
    let mut portions: Vec<Portion> = Vec::new();
    for piece in pieces {
        // The one that passes the even share still goes in, when it fits.
        if let Some(last) = portions.last_mut().filter(|last| last.tokens < even) {
            // Behind a blank a text may have other tokens than alone.
            let joined = format!(" {}", piece.text);
            let tokens = last.tokens + count(&joined)?;
            if tokens <= limit {
                last.text.push_str(&joined);
                last.tokens = tokens;
                continue;
            }
        }
        portions.push(piece);
    }
    Ok(portions)
}

/// A text in pieces of at most `limit` tokens, cut between words; a word that is too long is cut as well.
pub(super) fn cut(text: &str, limit: usize, count: Count<'_>) -> Result<Vec<Portion>, String> {
    let tokens = count(text)?;
    let characters = text.chars().count();
    if tokens <= limit || characters < 2 {
        return Ok(vec![Portion { text: text.to_owned(), tokens }]);
    }
    let middle = text.char_indices().nth(characters / 2).map_or(0, |(at, _)| at);
    let blank = |part: Option<&str>| part.and_then(|part| part.rfind(char::is_whitespace));
    let before = blank(text.get(..middle)).filter(|at| *at > 0);
    let at = before.unwrap_or(middle);
    let (first, second) = text.split_at_checked(at).unwrap_or((text, ""));
    let mut pieces = cut(first.trim(), limit, count)?;
    pieces.extend(cut(second.trim(), limit, count)?);
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> Result<usize, String> {
        Ok(text.split_whitespace().map(|word| word.len().div_ceil(4)).sum())
    }

    fn texts(sentences: &[&str], limit: usize) -> Vec<String> {
        let sentences: Vec<String> =
            sentences.iter().map(|&sentence| sentence.to_owned()).collect();
        let portions = portions(&sentences, limit, &count).expect("portions");
        assert!(portions.iter().all(|portion| portion.tokens <= limit), "{portions:?}");
        portions.into_iter().map(|portion| portion.text).collect()
    }

    #[test]
    fn what_fits_stays_together() {
        assert_eq!(texts(&["a b c", "d e"], 5), ["a b c d e"]);
        assert_eq!(texts(&[], 5), [""; 0]);
    }

    #[test]
    fn portions_are_about_equal() {
        assert_eq!(texts(&["a b", "c d", "e f", "g h"], 6), ["a b c d", "e f g h"]);
    }

    #[test]
    fn a_long_sentence_is_cut_between_words() {
        assert_eq!(texts(&["one two three four five"], 3), ["one two", "three", "four five"]);
        assert_eq!(texts(&["abcdefghijkl"], 2), ["abcdef", "ghijkl"]);
    }

    #[test]
    fn a_text_may_have_more_tokens_behind_a_blank() {
        let count =
            |text: &str| Ok(text.split_whitespace().count() + usize::from(text.starts_with(' ')));
        let sentences = ["a b".to_owned(), "c d".to_owned()];
        assert_eq!(portions(&sentences, 4, &count).expect("portions").len(), 2);
        assert_eq!(portions(&sentences, 5, &count).expect("portions").len(), 1);
    }

    #[test]
    fn nothing_is_left_out() {
        let sentences: Vec<String> = (0..50).map(|n| format!("word{n} and some more")).collect();
        let found = portions(&sentences, 17, &count).expect("portions");
        let joined: Vec<&str> = found.iter().map(|portion| portion.text.as_str()).collect();
        assert_eq!(joined.join(" "), sentences.join(" "));
    }
}
