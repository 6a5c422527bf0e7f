"""The public sets as (title, body sentences): furniture, bylines and datelines taken out by simple rules.

The server's own reader cleans better; these rules only have to be good enough to train on.
"""

import html
import re

from common import read_set
from giveaways import CREDIT, DATE, PLACE
from prepare import SENTENCE_END

# A line that is no part of the story, whatever follows.
FURNITURE = re.compile(
    r"^(?:advertisement|story highlights|enlarge this image|media (?:playback|caption)|image copyright|image caption|getty images|"
    r"\(?photo|read more|related|watch|click here|share this|sign up|subscribe|listen|copyright|©|this is a rush transcript|"
    r"copy may not|updated?\b|by [A-Z]|(?:analysis|opinion)/|must.?see|see also|play video|video:|close|toggle caption|"
    r"chat with us|get the .{0,40}newsletter|more:|editor.s note|please use|skip|loading|hide caption|follow )", re.I)
CREDITED = re.compile(r"(?:getty images|/ap\b|ap photo|afp|reuters/|via twitter|toggle caption|hide caption|file photo)\s*\W*$", re.I)
OPENING = re.compile(r"^(?:[A-Z][A-Za-z.,’' /]{2,40})?\s?\((?:[A-Z][A-Za-z. ]{1,20})\)\s*(?:--|[-–—])?\s*")
# "In this May 1, 2020, file photo ...", "... speaks in Washington, Tuesday, March 12, 2019.": stories give a weekday or a date, not both.
CAPTION = re.compile(
    r"^(?:file\b|(?:in )?this .{0,60}\bphoto\b)|, (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [A-Z][a-z]+\.? \d{1,2}, \d{4}", re.I)
SHORTEST_LINE = 8
# Titles of a kind that names no event: their words cannot be chosen from the article.
TEASER = re.compile(
    r"\?|^(?:how|why|what|when|where|who|which|is|are|do|does|did|can|could|should|will|would|watch|read|full text|transcript|"
    r"live|video|photos?|opinions?|analysis|column|editorial|review|essay|exclusive|remarks|statement|readout|memorandum|press|"
    r"proclamation|notice|message|background|letter|executive|nominations?|a proclamation|joint|text|presidential|"
    r"the (?:week|case|real|problem|truth)|here(?:'s| are| is)|this is|these|let's|meet|inside|\d+ (?:things|takeaways|ways|reasons|"
    r"questions|facts|key|big))\b|takeaways|\b(?:you|your|my|we|our|i)\b|\.\.\.|…", re.I)
TAIL = re.compile(r"\s*(?:\||\s[-–—]{1,2}\s(?=(?:the )?[A-Z][\w.]*(?: [A-Z][\w.]*){0,3}$)).*$")
HEAD = re.compile(r"^(?:fact sheet|breaking(?: news)?|update\d?|exclusive|video|watch|report|poll|ap|readout)\s*:\s*", re.I)
# The escapes of a YAML line that was broken and not read back.
ESCAPED = re.compile(r"\\_|\\\s*\\?\s*")
OPINION_OUTLET = re.compile(r"guest|editorial|opinion|hanson|flip side|media matters|spectator|townhall|daily kos|salon", re.I)


def plain(text):
    """One line: entities read, quotation marks and spaces of one kind."""
    text = html.unescape(text).translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " ", 0x2060: None, 0xAD: None})
    return re.sub(r"\s+", " ", text).strip()


def body_of(text):
    """The sentences of the story."""
    result = []
    for line in text.split("\n"):
        line = plain(line)
        furniture = FURNITURE.match(line) or CREDITED.search(line) or CAPTION.search(line)
        if furniture or len(line.split()) < SHORTEST_LINE or line[-1] not in ".!?\"')":
            continue
        for opening in (DATE, PLACE, OPENING):
            line = opening.sub("", line)
        result += [s for s in (CREDIT.sub("", s).strip() for s in SENTENCE_END.split(line)) if s]
    return result


def title_of(text):
    """The headline alone, without quotation marks: a generated quotation could not be vouched for."""
    title = HEAD.sub("", TAIL.sub("", plain(text)))
    return re.sub(r"(?<!\w)'|'(?!\w)|\"", "", title).strip(" .*:-")


def unescaped(title):
    """A title whose YAML escapes were never read: characters by number, then broken lines and hard spaces."""
    numbered = re.sub(r"\\x([0-9A-F]{2})|\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1] or m[2], 16)), title)
    return plain(ESCAPED.sub(" ", numbered))


def headlines():
    """(id, set, group, title, sentences) of all records with a usable title; `group` must not straddle a split."""
    for r in read_set("allsides"):
        if not OPINION_OUTLET.search(r["source"]) and not TEASER.search(plain(r["title"])):
            yield r["id"], "allsides", r["source"], title_of(r["title"]), body_of(r["text"])
    for r in read_set("whitehouse"):
        title = unescaped(r["title"])
        if not TEASER.search(title):
            yield r["id"], "whitehouse", "whitehouse", title_of(title), body_of(r["text"])
    for r in read_set("us_gov_ukraine"):
        if not TEASER.search(plain(r["title"])):
            yield r["id"], "us_gov_ukraine", r["source"], title_of(r["title"]), body_of(r["article"])
    for r in read_set("cnndm_1k"):
        for n, line in enumerate(r["highlights"].split("\n")[:3]):
            yield f"{r['id']}-{n}", "cnndm", r["id"], title_of(line), body_of(r["article"])
