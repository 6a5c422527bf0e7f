//! The words that say who speaks: verbs of saying, pronouns, and nouns for people who speak.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Verbs that put words into somebody's mouth, in the forms that follow a subject.
const CUES: &str = "
    accused accuses acknowledged acknowledges added adds admits admitted advised affirmed
    announced announces answered argue argued argues asked asks asserted asserts assured blamed
    boasted branded called calls cautioned cautions claim claimed claims commented complained
    complains conceded concedes concluded concludes condemned confirmed confirms contended
    contends continued countered counters criticised criticized declared declares denied denies
    denounced described describes dismissed dubbed emphasised emphasises emphasized emphasizes
    exclaimed explained explains hailed hinted implored insist insisted insists interjected
    joked labeled labelled lamented maintained maintains mentioned mused noted notes observed
    observes pleaded pledged pointed posted praised predicted predicts proclaimed promised
    quipped reaffirmed recalled recalls reiterated reiterates remarked repeated replied replies
    reported responded responds retorted revealed said say says shouted signaled signalled
    stated states stressed stresses suggested suggests summarised summarized tell tells termed
    testified threatened told tweeted tweets underlined underlines underscored urged urges
    vowed vows warn warned warns wondered write writes wrote
";

/// Nouns for people and bodies that speak, with the words that go before them in a title.
const ROLES: &str = "
    activist activists adviser advisers advisor advisors agency aide aides alliance allies ally
    ambassador ambassadors analyst analysts army assistant attorney author authorities boss
    candidate chair chairman chairwoman chancellor chief chiefs commander commanders commission
    commissioner committee congressman congresswoman coordinator council counsel counterpart
    critics defence defense delegation democrat democrats department deputy diplomat diplomats
    director doctor economist editor embassy envoy envoys executive expert experts finance
    forces foreign former general government governor head heads historian interior journalist
    judge king lawmaker lawmakers lawyer lawyers leader leaders leadership lieutenant major
    mayor mediator member members military minister ministers ministry monitors national
    negotiator negotiators observers officer officers official officials opposition parliament
    parliamentarian party permanent police politician politicians premier president
    presidential press prime professor prosecutor prosecutors publisher rebels reporter
    representative representatives republican republicans researcher resident residents scholar
    scholars secretary security senator senators senior separatists service source sources
    speaker special spokesman spokespeople spokesperson spokeswoman staff state statement
    strategist supporters tank team top treasurer vice witness witnesses writer
";

static CUE_SET: LazyLock<HashSet<&str>> = LazyLock::new(|| CUES.split_whitespace().collect());
static ROLE_SET: LazyLock<HashSet<&str>> = LazyLock::new(|| ROLES.split_whitespace().collect());

/// Whether `word` is a verb of saying. Verbs stand in lower case; "States" is a country.
pub(super) fn is_cue(word: &str) -> bool {
    CUE_SET.contains(word)
}

/// Whether `word`, in lower case, names somebody who speaks or belongs to such a title.
pub(super) fn is_role(word: &str) -> bool {
    ROLE_SET.contains(word)
}

/// Whether `word` is a pronoun that stands for one speaker named before.
pub(super) fn is_singular_pronoun(word: &str) -> bool {
    matches!(word, "he" | "she" | "He" | "She")
}

/// Whether `word` is a pronoun that stands for speakers or a body named before.
pub(super) fn is_plural_pronoun(word: &str) -> bool {
    matches!(word, "they" | "They")
}

/// Whether `word` may stand between a subject and its verb: auxiliaries and adverbs.
pub(super) fn is_between(word: &str) -> bool {
    matches!(
        word,
        "also"
            | "again"
            | "as"
            | "been"
            | "bluntly"
            | "earlier"
            | "further"
            | "had"
            | "has"
            | "have"
            | "is"
            | "just"
            | "later"
            | "meanwhile"
            | "often"
            | "once"
            | "quoted"
            | "recently"
            | "since"
            | "soon"
            | "then"
            | "was"
            | "were"
    ) || (word.len() > 4 && word.ends_with("ly"))
}

/// Whether `word` makes what follows it an object, not a subject.
pub(super) fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "about"
            | "after"
            | "against"
            | "among"
            | "at"
            | "before"
            | "between"
            | "by"
            | "for"
            | "from"
            | "in"
            | "inside"
            | "into"
            | "near"
            | "of"
            | "on"
            | "outside"
            | "over"
            | "than"
            | "to"
            | "toward"
            | "towards"
            | "under"
            | "with"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_of_saying_are_cues_in_lower_case() {
        assert!(is_cue("said") && is_cue("warned"));
        assert!(!is_cue("States") && !is_cue("bridge"));
    }

    #[test]
    fn offices_are_roles() {
        assert!(is_role("spokesman") && !is_role("bridge"));
    }

    #[test]
    fn adverbs_stand_between_subject_and_verb() {
        assert!(is_between("repeatedly") && is_between("has") && !is_between("bridge"));
    }
}
