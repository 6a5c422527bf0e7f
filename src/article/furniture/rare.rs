//! Furniture by patterns that match anywhere in a line, and the search for lines worth trying.

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::FurnitureReason::{self, Caption, Copyright, Credit, Navigation, Player, Share};
use super::constant;

/// A reason, the words without one of which a line is not tried, and the pattern.
type RareTable = &'static [(FurnitureReason, &'static [&'static str], &'static str)];

/// Patterns that are tried on lines of any length: galleries run on for pages.
pub(super) const PATTERNS_OF_ANY_LINE: RareTable = &[
    (Caption, &["hide caption "], r"\bhide caption \d+ of \d+\b(?:.*\bhide caption \d|\W*$)"),
    (Caption, &["file photo"], r"^in this [^“”]{0,40}\bfile photo,"),
    (Navigation, &["not a robot"], r"\bplease (?:verify|confirm) you[’']re not a robot\b"),
    (
        Navigation,
        &["financial contribution"],
        r"\byour financial contribution will not constitute\b",
    ),
];

/// Patterns of notes and boxes that may be long, and end whole articles that lost their line ends.
pub(super) const PATTERNS_OF_LONG_LINES: RareTable = &[
    (Navigation, &["by signing up"], r"\bby signing up,? you (?:agree|accept)\b"),
    // A note on the author with the usual word of caution
    (
        Credit,
        &["expressed in this", "expressed here", "opinions in this"],
        r"\b(?:opinions|views) expressed (?:in this (?:article|column|commentary|op-ed|piece)|here) are (?:hers|his|solely|the author|theirs|those of)|\bopinions in this (?:article|column|commentary) belong to\b",
    ),
    (Player, &["your website or blog"], r"\bcopy this code to your website or blog\b"),
    // The foot of a page in one line: Source Agency Related News …
    (
        Navigation,
        &["related news", "category news"],
        r"^source (?:[^ .]+ ){1,5}related news\b|(?-i)\bCategory News \p{Lu}",
    ),
];

/// What stands as a sentence of its own in a paragraph of the story and is no part of it.
pub(super) const ASIDES: RareTable = &[
    // (RELATED: another headline), [Read: another headline]
    (
        Navigation,
        &[
            "(more",
            "(photo",
            "(read",
            "(related",
            "(see also",
            "(watch",
            "[read",
            "[related",
            "[watch",
        ],
        r"^{LINK}\W*$",
    ),
    (Credit, &["pic.twitter.com/", "(@"], r"^\W*{MESSAGE_FOOT}\W*$"),
];

/// Patterns that may match far into a line, case-insensitive unless they say otherwise. They are
/// tried only on lines that hold one of the words before them, which are found quickly.
pub(super) const RARE_PATTERNS: RareTable = &[
    (Player, &["replay more videos"], r"\breplay more videos\b"),
    (Player, &["youtube"], r"- youtube(?: source\b.*)?$"),
    (
        Caption,
        &["(file", "(archive"],
        r"\((?:file|archive) (?:photo|photograph|picture|image)\)\.?$",
    ),
    (Caption, &["pictured"], r"^[^“”\x22;:—]+, (?:pictured with [^,]+, |pictured here )"),
    // Anna Example waves to the crowd in Oldtown on March 5, 2031.
    (
        Caption,
        &[" 19", " 20"],
        r"^[^“”\x22@#(—]* (?:speaks?|walks|stands|stand guard|sits|arrives|attends|shakes hands|gestures|listens|smiles|waves|boards|departs|greets|poses|pose for|reacts|chats|watches|hugs|prays|addresses|inspects|drives past|(?:is|are) (?:pictured|escorted|interviewed)) [^“”\x22@#(—]*\b(?:{MONTH} \d{1,2},?|{MONTH}|\d{1,2} {MONTH}) (?:19|20)\d\d\W*$",
    ),
    (
        Caption,
        &["("],
        r"\((?:(?:\w+ )?(?:photo|image|picture|source|credit)(?: by)?[:/] ?|{AGENCY}/)[^()]*\)\.?$",
    ),
    (Caption, &["("], r"\((?:[^()]{2,60}/ ?){AGENCY}\b[^()]*\)\.?$"),
    // The caption's last sentence: Photo: Anna Example/Agency; Credit... Anna Example; (Oldtown Post via Agency)
    (
        Caption,
        &["photo: ", "photo by", "photo credit"],
        r"[.”\x22] (?-i)Photo(?: [Cc]redit| [Bb]y)?:? ?(?:\p{Lu}[\p{L}.’'-]*(?:[ /,]+|$)){1,8}\.?$",
    ),
    (
        Caption,
        &["image: ", "photographer: "],
        r"[.”\x22] (?-i)(?:Image|Photographer): (?:(?:\p{Lu}[\p{L}.’'-]*|for|via)(?:[ /,]+|$)){1,8}\.?$",
    ),
    (Caption, &["source: "], r"[.”] source: [^.:;]{2,50}(?:/ ?|\bvia ){AGENCY}\.?$"),
    (
        Caption,
        &["credit..."],
        r"(?-i)\bCredit\.\.\. ?(?:Pool photo by )?(?:(?:\p{Lu}[\p{L}.’'-]*|for|via)(?:[ /,]+|$)){1,8}$",
    ),
    (Caption, &[" via "], r"(?-i)\(\p{Lu}[^()]{1,58} via (?i:{AGENCY})\)\.?$"),
    (Caption, &["getty images"], r"[.”\x22] (?:(?-i)\p{Lu}[\p{L}.’'-]+ ){1,4}getty images$"),
    (Caption, &["/"], r"[.”] (?:{AGENCY}/[\p{L} .-]+|[\p{L} .-]{2,40}/{AGENCY}(?:/[\p{L} ]+)*)$"),
    (Credit, &["/", "via "], r"^[|(]?[^!?:\d]{2,60}(?:/ ?|\bvia ){AGENCY}\b[\p{L} ,/]*\)?$"),
    (
        Credit,
        &["contributed "],
        r"\bcontributed (?:reporting )?to this (?:report|story|article|post|piece|dispatch)\b|\bcontributed reporting\W*$|^(?:[•*] ?)?(?-i:(?:\p{Lu}[\p{L}.’'-]* ){2,4})contributed reporting from [^.,;]+\.?$",
    ),
    (Credit, &["based in part"], r"\bthis article (?:is|was) based in part on wire"),
    (
        Credit,
        &["earlier version"],
        r"\b(?:in )?an earlier version of this (?:article|story|report)\b",
    ),
    (Credit, &["(@"], r"^(?:[–—-]+ ?)?[^.]{0,60}\(@\w+\)(?: {MONTH} \d{1,2}, \d{4})?$"),
    (Credit, &["(@"], r"^[–—]+ ?.{2,60}\(@\w+\) {MONTH} \d{1,2}, \d{4}$"),
    (
        Credit,
        &["views expressed", "opinions expressed"],
        r"\b(?:opinions|views) expressed (?:in this|here|are) ",
    ),
    (Copyright, &["all rights reserved"], r"\ball rights reserved\W*$"),
    (
        Copyright,
        &["may not be "],
        r"\bmay not be (?:published|reproduced|reprinted|redistributed|rewritten), ",
    ),
    (
        Copyright,
        &["privacy policy"],
        r"\b(?:terms of (?:use|service)|contact us) .*privacy policy\b",
    ),
    (
        Share,
        &["follow ", "on twitter"],
        r"\bfollow (?:him|her|them|me) (?:on|at) (?:twitter|facebook|instagram|@)|\bon twitter:? @\w+\W*$",
    ),
    (
        Navigation,
        &["newsletter", "inbox", "agree to "],
        r"\b(?:newsletters? sign up|manage newsletters?|delivered to your inbox\W*$|agree to (?:our|the) (?:privacy|terms))",
    ),
    (
        Navigation,
        &["you will receive", "agree to receive"],
        r"\byou (?:will|agree to) receive (?:emails|occasional updates)\b",
    ),
    (Navigation, &["sign up "], r"\bsign up (?:for|to) our .*newsletter|\bsign up here\W*$"),
    (
        Navigation,
        &["respect your privacy", "show hide"],
        r"\bwe respect your privacy\W*$|\bshow hide\b",
    ),
    (
        Navigation,
        &["min read", "mins read", "minute read", "minutes read"],
        r"\b\d{1,2}[ -]min(?:ute)?s? read$",
    ),
    (Navigation, &["read more", "continue reading"], r"\b(?:read more|continue reading)\W*$"),
    (Navigation, &["click here"], r"\bclick here\W*$"),
    (Navigation, &["(pdf)"], r"\(pdf\)$"),
    (
        Navigation,
        &[" here"],
        r"\b(?:documents?|report|text|transcript|letter|statement|information|names|list|details|remarks|results|version|faqs?|fact sheet|pdf) .*\b(?:read|found|viewed|available|seen|downloaded|accessed)(?: online)? here\W*$",
    ),
    // Home > Travel > Cities; Money | Comment
    (
        Navigation,
        &[">", "»", "|"],
        r"^(?:[\p{L}\d’'&-]+ ?){1,4}(?:[>»|] ?(?:[\p{L}\d’'&-]+ ?){1,4})+$",
    ),
    // Who stands left, centre or right
    (
        Caption,
        &["(l)", "(c)", "(left)", "(center)", "(centre)"],
        r"(?-i)\((?:L|C|left|center|centre)\)[ ,]",
    ),
    (
        Caption,
        &[", left, ", ", right, ", ", center, ", ", centre, "],
        r"(?-i)^[^“”\x22;:—]{0,100}\p{Lu}\p{Ll}+, (?:left|right|center|centre), ",
    ),
];

/// A pattern, ready for use.
struct RarePattern {
    reason: FurnitureReason,
    /// No line with more bytes is tried.
    longest: usize,
    pattern: Regex,
}

/// Patterns that are tried only where one of their words occurs.
pub(super) struct Rare {
    words: AhoCorasick,
    /// For each word, the index of its pattern.
    pattern_of: Vec<usize>,
    patterns: Vec<RarePattern>,
}

impl Rare {
    /// The patterns of each table, with the most bytes of a line they are tried on. The words of all
    /// tables are looked for in one search.
    #[expect(clippy::expect_used, reason = "the words are constants that a test compiles")]
    pub(super) fn compile(tables: &[(RareTable, usize)]) -> Self {
        let (mut words, mut pattern_of, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        let rows =
            tables.iter().flat_map(|(table, longest)| table.iter().map(|row| (row, *longest)));
        for ((reason, words_of_row, pattern), longest) in rows {
            pattern_of.extend(words_of_row.iter().map(|_| patterns.len()));
            words.extend_from_slice(words_of_row);
            let pattern = constant(&format!("(?i){pattern}"));
            patterns.push(RarePattern { reason: *reason, longest, pattern });
        }
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(words)
            .expect("constant words compile");
        Self { words, pattern_of, patterns }
    }

    /// Whether a word occurs without which no pattern is tried.
    pub(super) fn is_worth_trying(&self, text: &str) -> bool {
        self.words.is_match(text)
    }

    pub(super) fn reason(&self, line: &str) -> Option<FurnitureReason> {
        let mut words = self.words.find_overlapping_iter(line).peekable();
        // Most lines hold none.
        words.peek()?;
        let mut tried = vec![false; self.patterns.len()];
        words.find_map(|word| {
            let index = *self.pattern_of.get(word.pattern().as_usize())?;
            let is_first = !std::mem::replace(tried.get_mut(index)?, true);
            let rare = self.patterns.get(index)?;
            let matches = is_first && line.len() <= rare.longest && rare.pattern.is_match(line);
            matches.then_some(rare.reason)
        })
    }
}
