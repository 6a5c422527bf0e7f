//! The tables of furniture: phrases and patterns of the lines that sites print around a story.
//!
//! A row is here only if a sentence of a story is not printed that way.

use super::furniture::FurnitureReason::{
    self, Caption, Copyright, Credit, Date, Dateline, Link, Navigation, Player, Share, SizeSelector,
};

/// Whole lines in lower case without marks at their ends, `|` between them.
pub(super) const PHRASES: &[(FurnitureReason, &str)] = &[
    (
        Navigation,
        "accessibility links|add interest|advertisement|back to top|breaking news|click here|\
         close|comments|continue reading|continue reading the main story|direct link|home|\
         latest news|loading|log in|menu|more|more on this|more on this story|more videos|\
         most popular|most read|next|on this topic|please wait|previous|previous next|print|\
         read also|read in full|read more|related|related articles|related news|\
         related stories|related topics|see also|show more|sign in|sign up|skip to content|\
         skip to main content|story continued below|story continues below|\
         thank you for subscribing|top stories|trending|view all|watch|watch live|\
         you may also like|you can unsubscribe at any time|you may opt-out at any time",
    ),
    (
        Player,
        "auto|embed|listen|listen to article|no media source currently available|pause|play|\
         pop-out player|replay|replay more videos|the code has been copied to your clipboard|\
         the url has been copied to your clipboard",
    ),
    (Caption, "photo|image|video|hide caption|toggle caption|enlarge this image"),
    (Credit, "afp|ap|associated press|cnn|reuters|the associated press|usa today"),
    (Copyright, "all rights reserved"),
    (
        Share,
        "copy link|email|facebook|follow|instagram|linkedin|pinterest|save|share|\
         share this article|share this story|telegram|tweet|twitter|whatsapp",
    ),
];

/// Month names, whole or shortened.
pub(super) const MONTH: &str =
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:[a-z]{2,6})?\.?";

/// Agencies that stand behind a slash, "via" or in brackets in a picture credit.
pub(super) const AGENCY: &str = r"(?:ap|afp|epa|reuters|getty(?: images)?|tass|sputnik|landov|xinhua|upi|anadolu|staff|pool(?: photo)?|file photo|handout)";

/// Patterns over one line, case-insensitive; `{MONTH}` and `{AGENCY}` stand for the above. The
/// first that matches gives the reason.
pub(super) const PATTERNS: &[(FurnitureReason, &str)] = &[
    (Link, r"^(?:https?://|www\.)\S+$"),
    (Link, r"^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|gov|info|co|ru|ua|uk|eu)(?:/\S*)?$"),
    (Link, r"^(?:#\w+\s+)*pic\.twitter\.com/\w+$"),
    // 20220112, 2022-01-12, 12/01/2022, 12.1.2022
    (
        Date,
        r"^(?:19|20)\d\d[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:0[1-9]|[12]\d|3[01])(?:[t ]\d\d:\d\d\S*)?$",
    ),
    (Date, r"^\d{1,2}[/.]\d{1,2}[/.](?:\d\d|\d{4})$"),
    // Wednesday, January 12, 2022 3:04 PM EST; Updated 12 January 2022 at 15:04
    (
        Date,
        r"^(?:--)?(?:(?:last )?(?:updated|published|posted|modified)(?: on| at)?:? ?)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:{MONTH} \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}(?:st|nd|rd|th)? {MONTH},? \d{4})(?:,?(?: at)? \d{1,2}[:.]\d\d.{0,20})?$",
    ),
    (
        Date,
        r"^(?:--)?(?:updated|published|posted)(?: at| on)?:? \d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?(?: \w{2,4}\.?)?$",
    ),
    (Date, r"^\(?{MONTH} \d{1,2}\)?$"),
    (Date, r"^this article is more than \d+ (?:year|month)s? old\.?$"),
    (Date, r"^\d+ (?:minute|hour|day|week|month|year)s? ago$"),
    // Oldtown, March 5, 2026; OLDTOWN (AP) —
    (Dateline, r"^[\p{L}. '’-]{2,30} ?,(?: [\p{L}. ]{2,20},)? {MONTH} \d{1,2}(?:, \d{4})?$"),
    (Dateline, r"^[\p{L}., '’-]{2,30}\({AGENCY}\)\W*$"),
    // 0:00 0:03:48 0:00
    (Player, r"^(?:\d{1,2}:)?\d{1,2}:\d\d(?:[ /|-]+(?:\d{1,2}:)?\d{1,2}:\d\d)*$"),
    (Player, r"^(?:auto\s*)?(?:\d{3,4}p\b[ |]*)+$"),
    (Player, r"^(?:just|must) watch(?:ed)?\b|\breplay more videos\b"),
    (Player, r"^listen to article\b"),
    (SizeSelector, r"^(?:(?:xs|sm|md|lg|xl|xxl)\b[ |/]*)+$"),
    (Credit, r"^\(?(?:{AGENCY} )?photo (?:by|credit|courtesy)\b"),
    (Credit, r"^\(?{AGENCY}(?: photo)?[/:] ?[\p{L} .,/-]+\)?$"),
    (
        Caption,
        r"^(?:image (?:copyright|caption|source)|media caption|media playback is|enlarge this image|(?:hide|toggle) caption)\b",
    ),
    (Caption, r"^file(?: photo)? ?[:–—-] "),
    (Caption, r"^(?:facebook twitter pinterest|previous next) "),
    (
        Caption,
        r"\((?:(?:\w+ )?(?:photo|image|picture|source|credit)(?: by)?[:/] ?|{AGENCY}/)[^()]*\)\.?$",
    ),
    (Caption, r"\((?:[^()]{2,60}/ ?){AGENCY}\b[^()]*\)\.?$"),
    (Caption, r"[.”] (?:{AGENCY}/[\p{L} .-]+|[\p{L} .-]{2,40}/{AGENCY}(?:/[\p{L} ]+)*)$"),
    (
        Credit,
        r"^\(?(?:photo(?:graph|grapher)?|image|picture|illustration|source|credit)s?(?: by| credit| courtesy(?: of)?)?: ?\S",
    ),
    (Credit, r"^[|(]?[^!?:\d]{2,60}(?:/ ?|\bvia ){AGENCY}\b[\p{L} ,/]*\)?$"),
    (Credit, r"\bcontributed (?:reporting )?to this (?:report|story|article)\b"),
    (
        Credit,
        r"^(?:contributing: |(?:additional )?(?:reporting|writing|editing) by |[–—-]*\s*with assistance (?:by|from) )",
    ),
    (Credit, r"\bthis article (?:is|was) based in part on wire"),
    (Credit, r"^(?:[–—-]+ ?)?[^.]{0,60}\(@\w+\)(?: {MONTH} \d{1,2}, \d{4})?$"),
    (Credit, r"^(?:write to|send tips to|contact) .{2,60}@ ?[\w.-]+\.\w{2,}\W*$"),
    (Credit, r"^editor[’']s note:|^the (?:opinions|views) expressed (?:in|by) "),
    (Credit, r"^[–—]+ ?.{2,60}\(@\w+\) {MONTH} \d{1,2}, \d{4}$"),
    (Copyright, r"^(?:copyright\b|©|\(c\) ?\d{4})|\ball rights reserved\W*$"),
    (Copyright, r"^click here for (?:reprint|permission)"),
    (Copyright, r"^this site is protected by recaptcha"),
    (
        Share,
        r"^(?:share|tweet|post|email)(?:[ |]+(?:this|on|via|article|story|facebook|twitter|tweet|post|email|x))+$",
    ),
    (Share, r"^read or share this story\b"),
    (
        Share,
        r"^(?:follow|join|like) (?:us|@\w+|[\p{L} .-]{2,40} on (?:twitter|facebook|instagram))\b",
    ),
    (
        Navigation,
        r"^(?:sign up (?:for|to|today)|subscribe (?:to|now|for|[\p{L} ]+ on)|newsletter sign up|email sign up|by signing up)\b",
    ),
    (
        Navigation,
        r"\b(?:newsletters? sign up|manage newsletters?|delivered to your inbox\W*$|agree to (?:our|the) (?:privacy|terms))",
    ),
    (Navigation, r"\byou (?:will|agree to) receive (?:emails|occasional updates)\b"),
    (
        Navigation,
        r"^(?:view all .{2,60} newsletters|invalid email address|please re-enter|please try again later|an error has occurred|you must select a newsletter)\W*",
    ),
    (Navigation, r"^(?:advertisement|story continue[sd] below|continue reading)\b.{0,40}$"),
    (Navigation, r"^(?:interested in .{2,40}\?|add .{2,40} as an interest to stay up to date\b)"),
    (Navigation, r"\b(?:read more|continue reading)\W*$"),
    (Navigation, r"^read more\b"),
    (Navigation, r"^click (?:here|for more)\b|\bclick here\W*$"),
    (Navigation, r"^read (?:the )?(?:full|joint|in full|excerpts)\b[^.]*\.?$"),
    // "SEE ALSO: another headline", in brackets or not
    (Navigation, r"^\( ?(?:also on|watch|photos|video|in \d+ seconds|see|read|related)\b[^()]*\)$"),
    (
        Navigation,
        r"^(?:more|related|read|read more|read also|see also|also read|story|watch|watch live|photos|quicktake|in pictures|opinion)\s*:[^.]*$",
    ),
    (Navigation, r"^(?:#[\w]+[ ,]*)+$"),
];

/// Patterns that need the case of the letters.
pub(super) const CASED_PATTERNS: &[(FurnitureReason, &str)] = &[
    // By Anna Example and Ben Sample, Oldtown
    (Credit, r"^(?:By|BY)(?: \p{Lu}[\p{L}.’'-]*){2,4}(?:(?:,| and ).{0,60}[^.!?])?$"),
    // The button that closes a video, run into its caption.
    (Caption, r"^CLOSE [A-Z]"),
    // A topic tag that lost its mark: PeaceTalks, Summit2024
    (Navigation, r"^\p{Lu}\p{Ll}{2,}(?:\p{Lu}+\p{Ll}*|\d+)+$"),
];
