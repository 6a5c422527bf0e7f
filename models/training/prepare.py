"""Step `prepare`: the fixed splits (ids only) and the articles, cut and labelled, in work/articles.json.

Training articles lose their giveaways; held and dev articles are kept as they are, because that is how the server meets
them.

An article: id, set (framing, story, contest, cnndm, debate, weak_negative), group (what must not straddle a split), split (train, held,
dev, dev_same_issuer), contest, title, sentences, gaps (what stands before each in the text: nothing, a space or a line break,
behind the closing mark that cutting took away), furniture (0 or 1 a sentence), codes (0 first side strongly to 4 second side
strongly, -1 for furniture), voices (whose words: a the author's, 1 or 2 a side's, k Ukraine's, o others'), key (indices), label (us_nato,
balanced, russia, unrelated, or the sides of another contest), score, sides, claims, mentions, version (stories; of a
real article with a contest of its own the mode), highlights (cnndm), typical (framing; false for what was chosen because a model was unsure of it).
"""

import functools
import hashlib
import json
import random
import re
import tomllib

from common import (
    ROOT, SEED, SENTENCE_END, SPLITS, TRAINING, WORK, cut, read_json, read_set, set_up, text_of_lines, write_json)
from debates import captions, debates
from giveaways import strip_giveaways
from mentions import MentionFinder, parsed_side
from stories import read_contests, read_stories

CODE_CLASS = {"U": 0, "u": 1, "n": 2, "r": 3, "R": 4, "A": 0, "a": 1, "b": 3, "B": 4}
NEITHER = CODE_CLASS["n"]
# Western and Russian voices are those of the sides of `us-russia`.
VOICE = {"w": "1", "r": "2"}
DEV_SHARE = 0.25
HELD_SHARE = 0.2
# Of thirty seeds the one whose held articles have each label near a fifth.
HELD_SEED = 4
WEAK_NEGATIVES = 400
CONTEST_WORDS = re.compile(r"russia|nato\b|ukrain|moscow|kremlin|putin|kiev|kyiv", re.I)
ISSUER = "Russian MFA"
# Where the articles of `framing_us_russia` come from.
ORIGINS = ("allsides", "russian_mfa", "us_gov_ukraine", "fakes_syria")
# Sets of statements, and their issuer where the records do not name it.
STATEMENTS = {"russian_mfa": ISSUER, "whitehouse": "whitehouse", "us_gov_ukraine": None}


def split_by_outlet(records):
    """About a quarter of the articles, whole outlets, each label near a quarter; the best of 20,000 seeded draws.

    One ministry wrote 56 of the 63 articles labelled `russia`: taken whole it would leave training or dev without the
    label. Its latest quarter (by date) is a second dev list, reported apart.
    """
    issuer = sorted((r for r in records if r["source"] == ISSUER), key=lambda r: (r["date"], r["id"]))
    later = [r["id"] for r in issuer[round(len(issuer) * (1 - DEV_SHARE)):]]
    others = [r for r in records if r["source"] != ISSUER]
    outlets = sorted({r["source"] for r in others})
    labels = sorted({r["label"] for r in others})
    # Five of the seven `russia` articles, so that the label can be measured at all.
    target = {label: DEV_SHARE * sum(r["label"] == label for r in others) for label in labels} | {"russia": 5}
    draw = random.Random(SEED)
    best = None
    for _ in range(20_000):
        chosen = {outlet for outlet in outlets if draw.random() < DEV_SHARE}
        counts = {label: sum(r["label"] == label and r["source"] in chosen for r in others) for label in labels}
        cost = sum(abs(counts[label] - target[label]) / target[label] for label in labels)
        if best is None or cost < best[0]:
            best = (cost, chosen)
    dev = [r["id"] for r in others if r["source"] in best[1]]
    return {"dev": dev, "dev_same_issuer": later}


def make_splits():
    """Writes the lists of dev ids, once; later runs read them so that the split never moves."""
    if (SPLITS / "framing_us_russia.json").exists():
        return
    records = read_set("framing_us_russia")
    write_json(SPLITS / "framing_us_russia.json", split_by_outlet(records) | {"train": "all others"})
    stories = sorted({(r["story"], r["contest"]["id"] == "us-russia") for r in read_set("framing_stories")})
    draw = random.Random(SEED)
    dev = [s for kind in (True, False)
           for s in draw.sample([s for s, us in stories if us is kind], k=6 if kind else 5)]
    write_json(SPLITS / "framing_stories.json", {"dev_stories": sorted(dev), "train": "all others"})
    last = [r["id"] for r in read_set("cnndm_1k")[-200:]]
    write_json(SPLITS / "cnndm_1k.json", {"dev": last, "train": "all others"})


def make_contest_split():
    """The contests of real articles that are dev; written once, as the other splits."""
    if (SPLITS / "contests.json").exists():
        return
    contests = sorted({r["contest"]["id"] for r in read_contests()})
    write_json(SPLITS / "contests.json", {"dev": sorted(random.Random(SEED).sample(contests, k=4)), "train": "all others"})


def is_held(group):
    """A fifth of the training articles is held out: it chooses the epoch and fits the calibration. Outlets, stories and days
    of the ministry stay whole, and what is held stays held when articles are added.
    """
    return hashlib.sha256(f"{HELD_SEED} {group}".encode()).digest()[0] < 256 * HELD_SHARE


def check_groups(articles):
    """No outlet, story or day may stand in two splits."""
    splits = {}
    for a in articles:
        if splits.setdefault((a["set"], a["group"]), a["split"]) != a["split"]:
            raise ValueError(f"{a['group']} stands in {a['split']} and {splits[a['set'], a['group']]}")


def gaps_between(lines, text):
    """What stands before each line in the text; a line break, where the text has no paragraphs."""
    if "\n" not in text:
        return ["" if n == 0 else "\n" for n in range(len(lines))]
    gaps, end = [], 0
    for line in lines:
        start = text.index(line, end)
        gap = text[end:start]
        gaps.append(gap.strip() + ("\n" if "\n" in gap else " ") if gaps else "")
        end = start + len(line)
    return gaps


def article(record, **fields):
    """One article with all its lines, in training with the giveaways stripped; a furniture line has the code -1."""
    if fields["split"] == "train" and is_held(fields["group"]):
        fields["split"] = "held"
    clean = strip_giveaways if fields["split"] == "train" else str.strip
    lines, codes = fields.pop("raw_sentences"), fields.pop("raw_codes", None)
    gaps = gaps_between(lines, record.get("text", ""))
    kept = [(i, clean(line)) for i, line in enumerate(lines)]
    kept = [(i, line) for i, line in kept if line]
    place = {i: n for n, (i, _) in enumerate(kept)}
    furniture = [int(codes is not None and codes[i].startswith("x")) for i, _ in kept]
    title = clean(record.get("title") or "")
    finder = fields.pop("finder", None)
    return fields | {
        "title": title,
        "sentences": [line for _, line in kept],
        "gaps": [gaps[i] for i, _ in kept],
        "furniture": furniture,
        # Where the contest does not apply, nothing is an account of either side: so says the guide.
        "codes": codes and [-1 if codes[i][0] == "x" else NEITHER if fields["label"] == "unrelated" else CODE_CLASS[codes[i][0]]
                            for i, _ in kept],
        # A statement is its issuer's own words; the annotation gives them the issuer's side.
        "voices": codes and ["a" if record.get("genre") == "statement" else VOICE.get(codes[i][1], codes[i][1]) for i, _ in kept],
        "key": [place[i] for i in record.get("key", []) if i in place],
        # Places in the list that opens with the title, if there is one.
        "mentions": finder and finder.find(([title] if title else []) + [line for _, line in kept]),
    }


@functools.cache
def built_in_contest():
    """Names and claims of both sides of the built-in contest."""
    contest = tomllib.loads((ROOT / "contests" / "us-russia.toml").read_text(encoding="utf-8"))
    return {"finder": MentionFinder([parsed_side(side) for side in contest["sides"]]),
            "claims": [side["claims"] for side in contest["sides"]], "sides": ["us_nato", "russia"]}


def with_texts(records):
    """The records with their texts, as they were before they were cut."""
    texts = {r["id"]: raw_text(r) for name in ORIGINS for r in read_set(name)}
    return [r | {"text": texts[r["id"]]} for r in records]


def raw_text(record):
    return record["text"] if "text" in record else record["article"]


def framing_articles():
    split = read_json(SPLITS / "framing_us_russia.json")
    where = {i: name for name in ("dev", "dev_same_issuer") for i in split[name]}
    records = [*with_texts(read_set("framing_us_russia")), *annotated_here()]
    later = min(r["date"] for r in records if where.get(r["id"]) == "dev_same_issuer")
    dev_outlets = {r["source"] for r in records if where.get(r["id"]) == "dev"}
    for r in records:
        unseen = r["source"] in dev_outlets or (r["source"] == ISSUER and r["date"] >= later)
        if unseen and r["id"] not in where:
            continue
        group = f"{ISSUER} {r['date']}" if r["source"] == ISSUER else r["source"]
        yield article(r, id=r["id"], set="framing", split=where.get(r["id"], "train"), group=group, label=r["label"],
                      score=r["score"], mode=r["mode"], contest="us-russia", raw_sentences=r["sentences"], raw_codes=r["codes"],
                      typical=r.get("chosen") != "uncertain", **built_in_contest())


def annotated_here():
    """Articles of other sets that were annotated for this project by the same guide (annotations.jsonl: no texts)."""
    with open(TRAINING / "annotations.jsonl", encoding="utf-8") as lines:
        annotations = [json.loads(line) for line in lines]
    for name in sorted({a["set"] for a in annotations}):
        texts = {r["id"]: r for r in read_set(name)}
        for a in (a for a in annotations if a["set"] == name):
            r = texts[a["id"]]
            genre = "statement" if name in STATEMENTS else None
            yield a | {"genre": genre, "codes": a["codes"].split(), "sentences": cut(raw_text(r)), "text": raw_text(r),
                       "title": r.get("title"), "date": r["date"], "source": r.get("source", STATEMENTS.get(name))}


def own_contest_article(r, **fields):
    """An article of a record that brings its contest."""
    contest = r["contest"]
    first, second = (side["id"] for side in contest["sides"])
    label = first if r["score"] > 0.25 else second if r["score"] < -0.25 else "balanced"
    if r["version"] == "unrelated":
        label = "unrelated"
    return article(r, id=r["id"], label=label, score=r["score"], contest=contest["id"], version=r["version"],
                   sides=[first, second], aliases=[side["aliases"] for side in contest["sides"]],
                   finder=MentionFinder([{"people": [], "guards": {}} | side for side in contest["sides"]]),
                   claims=[contest["claims"][first], contest["claims"][second]],
                   raw_sentences=r["sents"], raw_codes=r["codes"].split(), **fields)


def story_articles():
    dev = set(read_json(SPLITS / "framing_stories.json")["dev_stories"])
    given = ({"text": text_of_lines(r["sents"], set(r["paras"]))} | r for r in read_set("framing_stories"))
    for r in [*given, *read_stories()]:
        yield own_contest_article(r, set="story", split="dev" if r["story"] in dev else "train", group=r["story"])


def contest_articles(taken):
    """Real articles of other contests; whole contests are dev or held. Those `taken` for `us-russia` are left to it."""
    dev = set(read_json(SPLITS / "contests.json")["dev"])
    for r in (r for r in read_contests() if r["article"] not in taken):
        contest = r["contest"]["id"]
        yield own_contest_article(r, set="contest", split="dev" if contest in dev else "train", group=contest)


def summary_articles():
    dev = set(read_json(SPLITS / "cnndm_1k.json")["dev"])
    for r in read_set("cnndm_1k"):
        yield article(r, id=r["id"], set="cnndm", split="dev" if r["id"] in dev else "train", group=r["id"],
                      contest=None, label=None, highlights=r["highlights"],
                      raw_sentences=SENTENCE_END.split(r["article"]))


def debate_articles():
    """Sentences that stand alone; nothing is said of voice, summary or the article as a whole."""
    for d in [*debates(), *captions()]:
        yield article({}, id=d["id"], set="debate", split="train", group=d["id"], contest=d["id"], label=None, claims=d["claims"],
                      finder=MentionFinder([]), raw_sentences=d["sentences"], raw_codes=["AnB"[k] + "a" for k in d["sides"]])


def weak_negatives(taken, dev_outlets):
    """Articles without a word of the contest, of outlets that are not dev: weak negatives of the relevance head."""
    found = [r for r in read_set("allsides")
             if r["id"] not in taken and r["source"] not in dev_outlets and 800 < len(r["text"]) < 6000
             and not CONTEST_WORDS.search(f"{r['title']} {r['text']}")]
    for r in random.Random(SEED).sample(found, WEAK_NEGATIVES):
        yield article(r, id=r["id"], set="weak_negative", split="train", group=r["source"], contest="us-russia",
                      label="unrelated", raw_sentences=SENTENCE_END.split(r["text"]), **built_in_contest())


def main():
    set_up()
    make_splits()
    make_contest_split()
    framing = list(framing_articles())
    contests = contest_articles({a["id"] for a in framing})
    articles = [*framing, *story_articles(), *contests, *summary_articles(), *debate_articles()]
    dev_outlets = {a["group"] for a in articles if a["set"] == "framing" and a["split"] == "dev"}
    articles += weak_negatives({a["id"] for a in articles} | {r["article"] for r in read_contests()}, dev_outlets)
    articles = [a for a in articles if any(not f for f in a["furniture"])]
    check_groups(articles)
    write_json(WORK / "articles.json", articles)


if __name__ == "__main__":
    main()
