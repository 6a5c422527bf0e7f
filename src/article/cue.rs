//! The words that say who speaks: verbs of saying, pronouns, and nouns for people who speak.

use super::lexicon::{Lexicon, Table};

/// Verbs that put words into somebody's mouth, in the forms that follow a subject.
const CUES: &str = "
    accused accuses acknowledged acknowledges add added adds admits admitted admonished advised
    affirmed alleged alleges announced announces answered argue argued argues asked asks
    asserted asserts assured blamed blasted boasted branded called calls cautioned cautions
    claim clarified claimed claims commented comments complained complains conceded concedes
    concluded concludes condemned confirmed confirms contended contends countered counters
    criticised criticized decried declared declares denied denies denounced described describes
    dismissed dubbed emphasised emphasises emphasized emphasizes exclaimed expressed explained
    explains gushed hailed hinted implored insist insisted insists interjected joked labeled
    labelled lambasted lamented maintained maintains mentioned mused note noted notes observed
    observes opined pleaded pledged pointed posted praised predicted predicts proclaimed
    promised quipped reads reaffirmed recalled recalls reiterated reiterates remarked repeated
    replied replies reported responded responds retorted revealed said say says shouted shouts
    signaled signalled slammed stated states stressed stresses suggested suggests summarised
    summarized tell tells termed testified testifies threatened told tweeted tweets underlined
    underlines underscored urged urges voiced vowed vows warn warned warns wondered write writes
    wrote
";

/// Nouns for people and bodies that speak, with the words that go before them in a title.
const ROLES: &str = "
    acting activist activists administration admiral adviser advisers advisor advisors agency
    aide aides alliance allies ally ambassador ambassadors analyst analysts army assistant
    association attorney author authorities bishop board boss campaign captain candidate chair
    chairman chairwoman chancellor chief chiefs commander commanders commission commissioner
    committee colonel company congressman congresswoman coordinator council counsel counterpart
    critics defence defense delegation democrat democrats department deputy diplomat diplomats
    director doctor economist editor embassy envoy envoys executive expert experts federation
    finance firm forces foreign former foundation founder general government governments
    governor group head heads historian incoming interim interior journalist judge king lawmaker
    lawmakers lawyer lawyers leader leaders leadership lieutenant major marshal mayor mediator
    member members military minister ministers ministry monitors national negotiator negotiators
    nominee observers office officer officers official officials opposition organisation
    organization outgoing panel parliament parliamentarian party permanent police politician
    politicians premier president presidential press prime principal professor prosecutor
    prosecutors publisher rebels reporter representative representatives republican republicans
    rector researcher resident residents retired scholar scholars secretary security senator
    senators senior separatists sergeant service source sources speaker special spokesman
    spokespeople spokesperson spokeswoman staff state statement strategist superintendent
    supporters tank team top treasurer union university undersecretary veteran vice witness
    witnesses writer
";

/// Nouns for bodies that speak.
const BODIES: &str = "
    administration agency alliance army association authorities bank board campaign center
    centre commission committee company council court delegation department embassy federation
    firm forces foundation government governments group house institute leadership military
    ministry nations office opposition organisation organization panel parliament party police
    press security service staff states tank team union university
";

/// Papers that carry somebody's words.
const PAPERS: &str = "
    announcement article blog book column complaint document editorial essay filing guidance
    indictment interview lawsuit letter manifesto memo message note paper post report resolution
    ruling speech statement text transcript tweet
";

static BODY_SET: Table = Table::new(|| Lexicon::new(BODIES));
static PAPER_SET: Table = Table::new(|| Lexicon::new(PAPERS));
static CUE_SET: Table = Table::new(|| Lexicon::new(CUES));
static ROLE_SET: Table = Table::new(|| Lexicon::new(ROLES));

/// Whether `word` is a verb of going on, which says something only beside a quotation.
pub(super) fn is_weak_cue(word: &str) -> bool {
    matches!(
        word,
        "began" | "begins" | "concludes" | "continued" | "continues" | "put" | "puts" | "went"
    )
}

/// Whether `word` is a verb of saying. Verbs stand in lower case; "States" is a country.
pub(super) fn is_cue(word: &str) -> bool {
    CUE_SET.contains(word)
}

/// Whether `word`, in any case, names somebody who speaks or belongs to such a title; so do
/// "president-elect", "vice-chairman" and "editors".
pub(super) fn is_role(word: &str) -> bool {
    // Nearly no word has a hyphen, and splitting each takes an eighth of all reading.
    let office = if word.as_bytes().contains(&b'-') {
        word.rsplit('-').find(|part| !part.eq_ignore_ascii_case("elect")).unwrap_or(word)
    } else {
        word
    };
    let singular = office.strip_suffix(['s', 'S']);
    let stands = |office: &str| ROLE_SET.contains_in_any_case(office);
    stands(office) || singular.is_some_and(stands)
}

/// Whether `word`, in any case, names a body and not a person.
pub(super) fn is_body(word: &str) -> bool {
    BODY_SET.contains_in_any_case(word)
}

/// Whether `word` is a paper that carries somebody's words.
pub(super) fn is_paper(word: &str) -> bool {
    PAPER_SET.contains(word)
}

/// Whether `word` is the participle of a verb of saying, which shares the subject of its clause.
pub(super) fn is_participle(word: &str) -> bool {
    matches!(
        word,
        "accusing"
            | "adding"
            | "announcing"
            | "arguing"
            | "asserting"
            | "calling"
            | "claiming"
            | "declaring"
            | "denouncing"
            | "describing"
            | "explaining"
            | "insisting"
            | "noting"
            | "promising"
            | "saying"
            | "stating"
            | "stressing"
            | "telling"
            | "vowing"
            | "warning"
            | "writing"
    )
}

/// Whether `verb` is a plain verb of saying, which takes a clause without "that" ("Brook said it
/// leaks").
pub(super) fn takes_clause(verb: &str) -> bool {
    matches!(
        verb,
        "acknowledged"
            | "added"
            | "adds"
            | "admitted"
            | "announced"
            | "argued"
            | "argues"
            | "claimed"
            | "claims"
            | "declared"
            | "explained"
            | "insisted"
            | "insists"
            | "maintained"
            | "maintains"
            | "noted"
            | "notes"
            | "said"
            | "saying"
            | "say"
            | "says"
            | "stated"
            | "stressed"
            | "told"
            | "tells"
            | "warned"
            | "warns"
            | "wrote"
            | "writes"
    )
}

/// Whether no person is the object of `verb`, so that one who stands behind it speaks ("It leaks, says
/// Brook", but not "Hill accused Brook").
pub(super) fn takes_no_person(verb: &str) -> bool {
    matches!(
        verb,
        "added"
            | "adds"
            | "argued"
            | "argues"
            | "explained"
            | "explains"
            | "noted"
            | "notes"
            | "said"
            | "says"
            | "writes"
            | "wrote"
    )
}

/// Whether `word` is a noun as well as a verb of saying: "member states", "their claims".
pub(super) fn is_noun_too(word: &str) -> bool {
    matches!(
        word,
        "answers"
            | "calls"
            | "claims"
            | "comments"
            | "counters"
            | "notes"
            | "replies"
            | "states"
            | "stresses"
            | "urges"
            | "vows"
    )
}

/// Whether `word` is a pronoun that stands for one speaker named before.
pub(super) fn is_singular_pronoun(word: &str) -> bool {
    matches!(word, "he" | "she" | "He" | "She")
}

/// Whether `word` is a pronoun that stands for speakers or a body named before.
pub(super) fn is_plural_pronoun(word: &str) -> bool {
    matches!(word, "they" | "They")
}

/// Whether `word` may stand between a subject and its verb: auxiliaries, adverbs and "himself".
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
            | "herself"
            | "himself"
            | "is"
            | "itself"
            | "just"
            | "later"
            | "meanwhile"
            | "often"
            | "once"
            | "quoted"
            | "recently"
            | "since"
            | "soon"
            | "themselves"
            | "then"
            | "was"
            | "were"
    ) || (word.len() > 4 && word.ends_with("ly") && word.starts_with(char::is_lowercase))
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
        for word in ["spokesman", "OFFICIALS", "PRESIDENT-ELECT", "Vice-Chairman", "editors"] {
            assert!(is_role(word), "{word}");
        }
        assert!(!is_role("bridge") && !is_role("elect") && !is_role("council’s"));
    }

    #[test]
    fn adverbs_stand_between_subject_and_verb() {
        assert!(is_between("repeatedly") && is_between("has") && !is_between("bridge"));
    }
}
