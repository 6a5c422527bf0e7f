//! The tables of furniture: phrases and patterns of the lines that sites print around a story.
//!
//! A row is here only if a sentence of a story is not printed that way.

use super::furniture::FurnitureReason::{
    self, Caption, Copyright, Credit, Date, Dateline, Link, Navigation, Player, Separator, Share,
    SizeSelector, Subheading,
};

/// Whole lines in lower case without marks at their ends, `|` between them.
pub(super) const PHRASES: &[(FurnitureReason, &str)] = &[
    (
        Navigation,
        "accessibility links|add interest|advertisement|analysis|analysis/opinion|\
         as prepared for delivery|back to top|breaking|breaking news|check against delivery|\
         click here|close|comments|comments are closed|commentary|continue reading|\
         continue reading the main story|correction|corrections|corrections & amplifications|\
         direct link|exclusive|for immediate release|home|latest news|live updates|loading|\
         log in|menu|more|more on this|more on this story|more videos|most popular|most read|\
         next|on this topic|opinion|please wait|press release|previous|previous next|print|\
         read|read also|read in full|read more|related|related articles|related news|\
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
    (
        Credit,
        "afp|ap|associated press|cnn|reuters|sincerely|the associated press|usa today|\
     yours faithfully|yours sincerely",
    ),
    (Copyright, "all rights reserved"),
    (
        Subheading,
        "at a glance|highlights|in brief|in short|key facts|key outtakes|key points|key takeaways|\
         key talking points|talking points|the main points",
    ),
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

/// Patterns over one line, case-insensitive and tied to its begin, so that most lines are done with
/// after a few letters; `{MONTH}` and `{AGENCY}` stand for the above. The
/// first that matches gives the reason.
pub(super) const PATTERNS: &[(FurnitureReason, &str)] = &[
    (Link, r"^(?:https?://|www\.)\S+$"),
    (Link, r"^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|gov|info|co|ru|ua|uk|eu)(?:/\S*)?$"),
    (Link, r"^(?:#\w+\s+)*pic\.twitter\.com/\w+(?: ?[–—] ?.*)?$"),
    // 20220112, 2022-01-12, 12/01/2022, 12.1.2022
    (
        Date,
        r"^(?:19|20)\d\d[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:0[1-9]|[12]\d|3[01])(?:[t ]\d\d:\d\d\S*)?$",
    ),
    (Date, r"^\d{1,2}[/.]\d{1,2}[/.](?:\d\d|\d{4})$"),
    // Wednesday, January 12, 2022 3:04 PM EST; Updated 12 January 2022 at 15:04
    (
        Date,
        r"^(?:--)?(?:(?:last )?(?:updated|published|posted|modified)(?: on| at)?:? ?)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:{MONTH} \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}(?:st|nd|rd|th)? {MONTH},? \d{4})(?:,?(?: at)? \d{1,2}[:.]\d\d.{0,20})?\.?$",
    ),
    (
        Date,
        r"^[–—-]* ?(?:this (?:article|story|report) was )?(?:updated|published|posted)(?: at| on)?:? \d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?(?: \w{2,4}\.?)?$",
    ),
    (Date, r"^\(?(?:{MONTH} \d{1,2}|\d{1,2} {MONTH})\)?(?:,? \d{1,2}[:.]\d\d)?$"),
    (Date, r"^this article is more than \d+ (?:year|month)s? old\.?$"),
    (Date, r"^\d+ (?:minute|hour|day|week|month|year)s? ago$"),
    (
        Date,
        r"^(?:update: )?this (?:article|story|post|report) (?:was |has been )?(?:first |originally |last )?(?:published|appeared|updated)\b.*$",
    ),
    (
        Date,
        r"^this (?:article|story|post|report) (?:is being|will be) updated\b|^update: story updated\b",
    ),
    (
        Date,
        r"^this is a (?:breaking|developing) (?:news )?story(?:\W*$|[.;,]? (?:and|it) will\b|[.;,]? (?:please )?check back\b)",
    ),
    // Oldtown, March 5, 2026; Oldtown, 5 March, 12:40 (Wire); March 5, 2026, Oldtown; OLDTOWN (AP) —
    (
        Dateline,
        r"^[^\d,!?;:()“”]{2,30},(?: [^\d,!?;:()“”]{2,20},)? (?:{MONTH} \d{1,2}|\d{1,2} {MONTH})(?:,? \d{4})?(?:,? \d{1,2}[:.]\d\d)?(?: \([^()]+\))?\W*$",
    ),
    (Dateline, r"^(?:{MONTH} \d{1,2}|\d{1,2} {MONTH}),? \d{4}, [\p{L} '’-]+$"),
    (Dateline, r"^[\p{L}., '’-]{2,30}\({AGENCY}\)\W*$"),
    // 0:00 0:03:48 0:00
    (Player, r"^(?:\d{1,2}:)?\d{1,2}:\d\d(?:[ /|-]+(?:\d{1,2}:)?\d{1,2}:\d\d)*$"),
    (Player, r"^(?:auto\s*)?(?:\d{3,4}p\b[ |]*)+$"),
    (Navigation, r"^(?:watch|listen|read|see|vote|related|more)(?: [a-z]+){0,3}:$"),
    (Player, r"^(?:just|must) watch(?:ed)?\b"),
    (Player, r"^listen to article\b"),
    (Player, r"^(?:play|watch|listen)(?: video| audio)? \d{1,2}:\d\d\b"),
    (SizeSelector, r"^(?:(?:xs|sm|md|lg|xl|xxl)\b[ |/]*)+$"),
    (Credit, r"^\(?(?:{AGENCY} )?photo (?:by|credit|courtesy)\b"),
    (Credit, r"^\(?{AGENCY}(?: photo)?[/:] ?[\p{L} .,/-]+\)?$"),
    (
        Caption,
        r"^(?:image (?:copyright|caption|source)|media caption|media playback is|enlarge this image|(?:hide|toggle) caption)\b",
    ),
    (Caption, r"^file(?: photo)? ?[:–—-] "),
    (Caption, r"^(?:cover|featured|header|lead|main|top) (?:image|photo|picture) ?: "),
    (Caption, r"^(?:facebook twitter pinterest|previous next) "),
    (Caption, r"^(?:(?:next|prev|previous) )?(?:image|photo|slide) \d+ (?:of|/) \d+$"),
    (Caption, r"^(?:graphic|map|chart|infographic|video) ?[:|] ?[^.!?]+$"),
    (
        Caption,
        r"^a (?:still|frame|screengrab|screenshot) (?:from|taken from|of) (?:a |the )?video\b",
    ),
    // In this March 5, 2031 file photo
    (
        Caption,
        r"^in this (?:(?:\w+, )?{MONTH}[\d, ]+)?(?:file |handout |undated )?(?:photo|image|picture|frame grab)\b",
    ),
    (
        Caption,
        r"^(?:an?|this) (?:undated )?(?:image|photo|photograph|picture) (?:from|taken|released|provided)\b.* shows\b",
    ),
    // A picture's credit and the headline linked under it
    (Caption, r"^\| ?(?:[^|]+/ ?)?{AGENCY}\b"),
    (
        Credit,
        r"^\(?(?:photo(?:graph|grapher)?|image|picture|illustration|source|credit)s?(?: by| credit| courtesy(?: of)?)?: ?\S",
    ),
    (
        Credit,
        r"^\(?(?:contributing: |(?:additional )?(?:reporting|writing|editing|compiled|edited|produced) by |with (?:reporting|files) (?:by|from) |[–—-]*\s*with assistance (?:by|from) )",
    ),
    (Credit, r"^(?:additional )?(?:reporting|research) (?:from|in) [^.]+$"),
    (Credit, r"^(?:report )?by our (?:own )?[\p{L} ,]+$"),
    (Credit, r"^\([^()]+ and agencies\)$"),
    (Credit, r"^corrected from earlier\b"),
    (Credit, r"^this (?:article|story|report) (?:contains|includes) material from [^,;]+$"),
    (Credit, r"^(?:write to|send tips to|contact) .+@ ?[\w.-]+\.\w{2,}\W*$"),
    (
        Credit,
        r"^(?:editor[’']s note|correction|clarification)\b[^:.]{0,30}:|^the (?:opinions|views) (?:expressed (?:in|by)|in this (?:article|column) belong|of contributors are) ",
    ),
    (Copyright, r"^(?:copyright\b|©|\(c\) ?\d{4})"),
    (Copyright, r"^click here for (?:reprint|permission)"),
    (Copyright, r"^this site is protected by recaptcha"),
    (Copyright, r"^content created by .+ is available without charge\b"),
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
        r"^(?:sign up (?:for|to|today)|subscribe (?:to|now|for|[\p{L} ]+ on)|newsletter sign up|email sign up|by signing up,? (?:i|you))\b",
    ),
    (Navigation, r"^(?:get|want|have) .*\b(?:in|to) your (?:inbox|email)\b"),
    (
        Navigation,
        r"^(?:(?:for|to (?:get|find)) )?(?:more|further) information\b[^.]*\b(?:contact|visit|call|click|see|go to|is available|here)\b",
    ),
    (
        Navigation,
        r"^(?:join the (?:conversation|discussion)|download (?:the|our) [^.]*\bapp|support our journalism)\b",
    ),
    // What the column is, under its name
    (
        Navigation,
        r"^(?:• ?)?a (?:daily|weekly) (?:summary|roundup|round-up|digest) of [\p{L} ,]+\.?$",
    ),
    (
        Navigation,
        r"^(?:first|second|third|last|part \w+) of (?:two|three|four|five|six|\d) parts\W*$",
    ),
    (Navigation, r"^(?:tags|topics|keywords|filed under|categories|category) ?:"),
    (Navigation, r"^warning: .*\b(?:graphic|disturbing|distressing)\b"),
    (
        Navigation,
        r"^(?:view all .{2,60} newsletters|invalid email address|please re-enter|please try again later|an error has occurred|you must select a newsletter)\W*",
    ),
    (Navigation, r"^(?:advertisement|story continue[sd] below|continue reading)\b.{0,40}$"),
    (Navigation, r"^(?:interested in .{2,40}\?|add .{2,40} as an interest to stay up to date\b)"),
    (
        Navigation,
        r"^get (?:breaking news|the latest|the \w+(?: \w+)? newsletter)\b.{0,40}(?:alerts|newsletter|\bupdates)\b",
    ),
    (Navigation, r"^(?:please consider making a contribution|let our news meet your inbox)\b"),
    (
        Navigation,
        r"^(?:learn|find out|discover) more\b[^,;“”]*\b(?:here|on our (?:website|site|channel)) ?\.?$",
    ),
    (Navigation, r"^take (?:the|our) quiz ?(?:[:.!]|$)"),
    (
        Navigation,
        r"^for more on [^.“”]*, (?:check out|read|see|visit)\b|^listen to [^.“”]*\bpodcast\W*$",
    ),
    (Navigation, r"^(?:send us|share) your (?:experiences|photos|pictures|stories)\b"),
    (Navigation, r"^read more\b"),
    (Navigation, r"^click (?:here|for more)\b"),
    (Navigation, r"^read (?:the )?(?:full|joint|in full|excerpts)\b[^.]*\.?$"),
    (Navigation, r"^full (?:statement|text|transcript|version|report)\b[^.!?]*$"),
    (
        Navigation,
        r"^(?:read|view|see|watch|download) (?:the |our |more |all )?[^,;!?“”]*\b(?:remarks|faqs?|fact sheet|statement|transcript|information|interview|press conference|news conference|email|pdf|release)\b[^,;!?“”]*\.?$",
    ),
    (Navigation, r"^(?:read|view|see|watch|listen to) [^,.;!?“”]*\bhere\W*$"),
    (
        Navigation,
        r"^(?:watch|tune in|catch) .{3,60}\b(?:mon|tues|wednes|thurs|fri|satur|sun)days? at \d",
    ),
    // "SEE ALSO: another headline", in brackets or not
    (Navigation, r"^\( ?(?:also on|watch|photos|video|in \d+ seconds|see|read|related)\b[^()]*\)$"),
    (
        Navigation,
        r"^(?:more|more from [^:.]{2,40}|also|related|recommended|read|read more|read next|read also|must read|don[’']t miss|see also|also read|story|top story|watch|watch live|photos|pictures|gallery|slideshow|interactive|explainer|quicktake|in pictures|opinion)\s*:[^.]*$",
    ),
    (Navigation, r"^(?:#[\w]+[ ,]*)+$"),
    // What a spreadsheet leaves of a line end
    (Separator, r"^(?:_x000d_\W*)+$"),
];

/// Patterns that need the case of the letters.
pub(super) const CASED_PATTERNS: &[(FurnitureReason, &str)] = &[
    // By Anna Example and Ben Sample, Oldtown
    (Credit, r"^(?:By|BY)(?: \p{Lu}[\p{L}.’'-]*){2,4}(?:(?:,| and ).{0,60}[^.!?])?$"),
    // Anna Example, BBC defence correspondent; Analysis by Anna Example, Oldtown Post
    (
        Credit,
        r"^(?:(?:Analysis|Opinion|At the scene)(?: by|:) )?(?:\p{Lu}[\p{L}.’'-]+ ){1,3}\p{Lu}[\p{L}.’'-]+, [^.!?;]*\b(?:[Cc]orrespondent|[Ee]ditor|[Rr]eporter|BBC News)\b[^.!?;]*$",
    ),
    (
        Credit,
        r"^(?:Analysis|Opinion|At the scene)(?: by|:) (?:\p{Lu}[\p{L}.’'-]+ ){1,3}\p{Lu}[\p{L}.’'-]+(?:, [^.!?;]+)?$",
    ),
    (Credit, r"^(?:\p{Lu}?\p{Ll}+ ){1,2}(?:correspondent|editor|reporter)$"),
    (
        Credit,
        r"^(?:AP|Associated Press|Reuters|AFP) (?:\p{L}+ ){0,3}(?:writers?|reporters?|journalists?|correspondents?) .*\b(?:contributed|reported from)\b",
    ),
    (
        Credit,
        r"^(?:\p{Lu}[\p{L}.’'-]*,? (?:and )?){1,8}reported from (?:\p{Lu}[\p{L}.’'-]*,? ?){1,4}\.$",
    ),
    // The form of address of a speech or letter
    (
        Subheading,
        r"^(?:Dear (?:\p{Lu}[\p{L}.’'-]* ?){1,6}|(?:(?:Mr|Mrs|Ms|Madam|Mme)\.? (?:\p{Lu}[\p{L}’'-]* ?){1,4}|(?:Dear |Distinguished )?(?:[Cc]olleagues|[Ff]riends|[Dd]elegates|Excellencies|Ladies and [Gg]entlemen)(?:,? (?:[Cc]olleagues|[Ff]riends|ladies and gentlemen))*))[,:.!]$",
    ),
    // A reporter who introduces a video
    (
        Caption,
        r"^(?:[A-Z]{2,5}|TRT World)[’']?s? (?:\p{Lu}[\p{L}.-]+ ){1,4}(?:explains|reports|has the latest|has more(?: details)?)(?: (?:from|on) [^.,;]*)?\.$",
    ),
    // A picture's credit, run into its caption: Anna Example/Reuters The bridge at noon.
    (
        Caption,
        r"^(?:[\p{Lu}&&[^T]][\p{L}.’'-]+|T[\p{Ll}&&[^h]][\p{L}.’'-]*) (?:\p{Lu}[\p{L}.’'-]+ )?\p{Lu}[\p{L}.’'-]+/(?:(?:File )?(?:AFP|Reuters|REUTERS|Getty(?: Images)?)(?:/(?:File|Pool))? \p{Lu}|AP(?:/(?:File|Pool))? [\p{Lu}&&[^PV]])",
    ),
    // A link and the headline behind it
    (
        Navigation,
        r"^(?:(?:see|See|SEE) (?:also|Also|ALSO)|Related (?:[Vv]ideo|[Cc]overage)|Click to (?:expand|enlarge|subscribe)) \p{Lu}",
    ),
    // The label of a picture, run into its caption
    (Caption, r"^Image (?:An?|The) "),
    // The button that closes a video, run into its caption.
    (Caption, r"^CLOSE [A-Z]"),
    // A topic tag that lost its mark: PeaceTalks, Summit2024
    (Navigation, r"^\p{Lu}\p{Ll}{2,}(?:\p{Lu}+\p{Ll}*|\d+)+$"),
];

/// A note on the author, which stands below the story: "Anna Example is a professor of law."
pub(super) const AUTHOR_NOTE: &str = r"^(?:[•*] ?)?(?:\p{Lu}[\p{L}.’'-]* ){2,5}(?:is|was) (?:(?:an?|the) (?:[\w.-]+ ){0,6}host|(?:an? |the )?(?:[\w.,-]+ ){0,6}(?:correspondent|reporter|columnist|editor|writer|author|fellow|professor|director|contributor|analyst|president|founder|commentator|novelist|lawyer|lecturer|scholar))\b";

/// A link to another article, in brackets.
pub(super) const LINK: &str =
    r"[(\[](?:more|photos?|read|related|see also|watch)(?: \w+)?: [^()\[\]]+[)\]]";

/// The foot of a quoted message: pic.twitter.com/a1b2 — Anna Example (@anna) March 5, 2031
pub(super) const MESSAGE_FOOT: &str = r"(?:https?://\S+ \W*)*(?:pic\.twitter\.com/\w+|(?:pic\.twitter\.com/\w+\W*)?[–—-]+ ?[^!?“”]{2,60}\(@\w+\)(?:\W*{MONTH} \d{1,2}, \d{4})?)";

/// What a line ends in that is an aside (`furniture::rare::ASIDES`) and no part of its last sentence.
pub(super) const ASIDE_AT_END: &str = r"(?i)(?:{LINK}|{MESSAGE_FOOT})\W*$";
