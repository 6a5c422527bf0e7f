"""Takes out of a training sentence what tells the outlet instead of the framing."""

import re

# Names in running text ("told Reuters") become a neutral word, so the sentence stays whole.
OUTLETS = [
    "TRT World", "TRTWorld", "TRT", "RIA Novosti", "RIA", "TASS", "Interfax", "Sputnik", "Russia Today", "RT",
    "SANA", "Al-Manar", "Al Manar", "Al Arabiya", "Al Jazeera", "Daily Sabah", "Jordan Times", "Al-Ahram",
    "Reuters", "Associated Press", "AP", "AFP", "Agence France-Presse", "CNN Student News", "CNN Opinion",
    "CNNOpinion", "CNN", "Fox News", "Fox", "NPR", "BBC News", "BBC", "USA TODAY", "USA Today", "CBS News",
    "NBC News", "ABC News", "CBN News", "CBN", "MSNBC", "The New York Times", "New York Times",
    "The Washington Post", "Washington Post", "The Washington Times", "Washington Times",
    "The Wall Street Journal", "Wall Street Journal", "The Guardian", "Guardian", "The Hill", "Politico",
    "Newsmax", "Breitbart", "Vox", "Bloomberg", "The Economist", "The Christian Science Monitor",
    "Christian Science Monitor", "National Review", "Townhall", "The Atlantic", "Vanity Fair",
    "The Daily Caller", "Daily Caller", "The Daily Beast", "Daily Beast", "Business Insider",
    "International Business Times", "Daily Kos", "Wired", "Reason",
]
NAME = re.compile(r"\b(?:[Tt]he )?(?:" + "|".join(map(re.escape, sorted(OUTLETS, key=len, reverse=True))) + r")\b(?!-)")
HASHTAG = re.compile(r"#\w+|\b(?:[A-Z][a-z]+){3,}\b")
SLASHED = re.compile(r"/\s?[A-Za-z ]{2,20}\s?/\.?")
CREDIT = re.compile(r"\((?:[^()]{0,25}\s)?" + NAME.pattern + r"[^()]{0,25}\)")
# "BRUSSELS, Jan. 13 —", "WASHINGTON/NEW YORK -", "4 Apr 2017", "07.04.2017", "Tuesday 31 May 2016 18:14".
PLACE = re.compile(r"^[A-Z][A-Z.'/ -]+(?:, [A-Z][a-z]+\.?)?(?:,? [A-Z][a-z]+\.? \d{1,2})?\s*(?:--|[-–—])\s+")
DATE = re.compile(
    r"^(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
    r"(?:\d{1,2} [A-Z][a-z]{2,8} \d{4}|\d{2}[.-]\d{2}[.-]\d{4})(?: \d{2}:\d{2})?\s+"
)
BARE_DASH = re.compile(r"^\s*(?:--|[-–—])\s+")
# Transcripts of one ministry open their sentences with the speaker's name.
SPEAKER = re.compile(r"^(?:Question|Answer|[A-Z][a-z]+ [A-Z][a-z]+)\s?:\s+")
ISSUER = re.compile(r"\s*\|\s*(?:U\.S\. Department|The White House|United States Department).*$")


def strip_giveaways(text):
    """The sentence without dateline, credit, hashtag and speaker label, outlets made neutral."""
    text = ISSUER.sub("", CREDIT.sub("", SLASHED.sub(" ", HASHTAG.sub("", text))))
    for opening in (DATE, PLACE, BARE_DASH, SPEAKER):
        text = opening.sub("", text.strip())
    return re.sub(r"\s+", " ", NAME.sub("the outlet", text)).strip()
