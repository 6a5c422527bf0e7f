//! Words whose full stop may not end a sentence, and words that begin one.

use super::lexicon::{Lexicon, Table};

/// Titles before a name: their full stop never ends a sentence.
const TITLES: &str = "
    adm amb atty brig capt cmdr col cpl dr fr ft gen gov hon lt maj messrs mr mrs ms mt pres
    prof pvt rep reps rev sec sen sens sgt st supt
";

/// Shortened words that stand inside a sentence or at its end.
const SHORT_WORDS: &str = "
    al ala approx apr ariz art aug ave blvd bros ca calif cf co colo conn corp dec dept est etc
    feb fig fla ga ill inc jan jr kan ky ltd mass md mich minn mo neb nev no nos nov oct okla
    ore pa pp rd sept sr tenn tex univ va vol vs vt wash wis wyo
";

/// Function words that begin sentences and no names.
const STARTERS: &str = "
    a about according across after again alongside all also although amid among an and another
    any are as asked at because before besides beyond both but by concerning can could despite
    did do does during each earlier even every few finally first following for from had has have
    he her here his how however i if in indeed instead is it its just last later like many
    meanwhile more moreover most much my neither never no nor not nothing now of on once one
    only or other others our over perhaps regarding several she should since so some still such
    than that the their then there these they this those though through thus to today toward
    towards two under unless until upon was we were what when where whether which while who why
    will with within without would yes yet you your
";

/// Weekdays and months, which follow "p.m." and stand beside names without belonging to them.
const CALENDAR: &str = "
    april august december february friday january july june march monday november october
    saturday september sunday thursday tuesday wednesday
";

static TITLE_SET: Table = Table::new(|| Lexicon::new(TITLES));
static SHORT_WORD_SET: Table = Table::new(|| Lexicon::new(SHORT_WORDS));
static STARTER_SET: Table = Table::new(|| Lexicon::new(STARTERS));
static CALENDAR_SET: Table = Table::new(|| Lexicon::new(CALENDAR));

/// Whether `word`, without its full stop, is the short form of a title before a name.
pub(super) fn is_title(word: &str) -> bool {
    TITLE_SET.contains_in_any_case(word)
}

/// Whether `word`, without its full stop, is another shortened word.
pub(super) fn is_short_word(word: &str) -> bool {
    SHORT_WORD_SET.contains_in_any_case(word)
}

/// Whether `word` is a function word: it begins sentences, and is no part of a name.
pub(super) fn is_starter(word: &str) -> bool {
    STARTER_SET.contains_in_any_case(word)
}

/// Whether `word` is a weekday or a month.
pub(super) fn is_calendar_word(word: &str) -> bool {
    CALENDAR_SET.contains_in_any_case(word)
}

/// Whether `word`, without a last full stop, is letters between full stops: "U.S", "p.m", "D.C".
pub(super) fn is_dotted(word: &str) -> bool {
    let mut parts = word.split('.');
    word.contains('.')
        && parts.all(|part| {
            !part.is_empty() && part.len() <= 2 && part.chars().all(char::is_alphabetic)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        assert!(is_title("Sen") && is_short_word("Jan") && is_starter("The"));
        assert!(is_calendar_word("Wednesday") && !is_calendar_word("Brook"));
    }

    #[test]
    fn letters_between_full_stops_are_dotted() {
        assert!(is_dotted("U.S") && is_dotted("p.m") && is_dotted("Ph.D"));
        assert!(!is_dotted("end") && !is_dotted("example.org") && !is_dotted("3.5"));
    }
}
