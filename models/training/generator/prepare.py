"""Step `prepare`: pairs of a lead window and its title in work/generator/pairs.json, and the open words.

A pair: id, set, group, split (train, validation or held), source (the token ids of the window, specials counted), target (token ids of the
title, [CLS] ... [SEP]), sentences of the window and title (not in training). The split goes by outlet: what is
held is of outlets that training never sees, and of no title or lead that another outlet printed too.
"""

import re
from collections import Counter

from common import BUNDLE, SPLITS, read_json, set_up, write_json
from generator import GENERATOR_WORK, MAX_SOURCE, OPEN_WORDS
from generator.articles import headlines
from tokenizers import Tokenizer

TITLE_WORDS = range(5, 21)
MIN_SOURCE_TOKENS = 60
MAX_TARGET = 34
# Share of the title's words that must stand in the window, exactly or with another ending; names and numbers all must.
MIN_COVERED = 0.6
STEM = 5
PUNCTUATION = ",:;-'&$%.s"
OPEN_COUNT = 25
OPEN_LOWER_SHARE = 0.9
STATEMENTS = 2500
# Outlets that training never sees: titles of the first choose the epoch, those of the others are measured once at the end.
VALIDATION_OUTLETS = {"The Daily Wire", "CBS News"}
HELD_OUTLETS = {"Associated Press", "ABC News", "New York Post", "Al Jazeera"}
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def split_of(group):
    return "held" if group in HELD_OUTLETS else "validation" if group in VALIDATION_OUTLETS else "train"


def window(tokenizer, sentences):
    """Whole sentences while they fit, at least the first, cut if need be; ([CLS] ... [SEP], how many sentences)."""
    room, ids, used = MAX_SOURCE - 2, [], 0
    for encoding in tokenizer.encode_batch(sentences[:24], add_special_tokens=False):
        if used and len(ids) + len(encoding.ids) > room:
            break
        ids += encoding.ids
        used += 1
    return [tokenizer.token_to_id("[CLS]"), *ids[:room], tokenizer.token_to_id("[SEP]")], used


def small_shares(pairs):
    """How often bodies write a word with a small letter where no sentence begins: names hardly ever."""
    small, count = Counter(), Counter()
    for p in pairs:
        for sentence in p["sentences"]:
            for word in sentence.split()[1:]:
                word = word.strip(".,;:!?\"'()").removesuffix("'s")
                count[word.lower()] += 1
                small[word] += word.islower()
    return {word: small[word] / n for word, n in count.items()}


def open_words(pairs, shares, tokenizer):
    """Words that titles use often and that name nothing. Whole tokens only."""
    used = Counter(w for p in pairs for w in WORD.findall(p["title"].lower()))
    return sorted(w for w, n in used.items() if n >= OPEN_COUNT and w.isalpha() and tokenizer.token_to_id(w)
                  and shares.get(w, 0) >= OPEN_LOWER_SHARE)


def usable(pair, shares):
    """Whether the title could be written from the window: its numbers and names stand there, and most other words."""
    words = [w.removesuffix("'s") for w in WORD.findall(pair["title"].lower())]
    known = set(WORD.findall(" ".join(pair["sentences"]).lower()))
    known |= {w.removesuffix("'s") for w in known}
    stems = {w[:STEM] for w in known}
    missing = [w for w in words if w not in known]
    if any(w[0].isdigit() or shares.get(w, 0) < 0.5 for w in missing):
        return False
    return sum(len(w) < STEM or w[:STEM] not in stems for w in missing) <= (1 - MIN_COVERED) * len(words)


def read_pairs(tokenizer):
    """Every pair of a title of the right length and a window, before any is judged."""
    seen, pairs, statements = set(), [], 0
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    dev = set(read_json(SPLITS / "cnndm_1k.json")["dev"])
    for i, name, group, title, sentences in headlines():
        key = title.lower()
        statements += name == "whitehouse"
        if len(title.split()) not in TITLE_WORDS or not sentences or key in seen or (name == "whitehouse" and statements > STATEMENTS):
            continue
        if sentences[0].lower().strip(".") == key or group in dev:
            continue
        seen.add(key)
        source, used = window(tokenizer, sentences)
        if len(source) >= MIN_SOURCE_TOKENS:
            target = [cls, *tokenizer.encode(title, add_special_tokens=False).ids, sep]
            pairs.append({"id": i, "set": name, "group": group, "source": source, "target": target, "title": title,
                          "sentences": sentences[:used]})
    return pairs


def main():
    set_up()
    tokenizer = Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))
    pairs = read_pairs(tokenizer)
    for pair in pairs:
        pair["split"] = split_of(pair["group"])
    trained = [p for p in pairs if p["split"] == "train"]
    shares = small_shares(trained)
    words = open_words(trained, shares, tokenizer)
    ids = sorted({tokenizer.token_to_id(w) for w in [*words, *PUNCTUATION]})
    leads = {p["sentences"][0][:80] for p in trained}
    kept = []
    for p in pairs:
        # Held titles are not chosen by how well the window covers them: that is what an article comes with.
        if p["split"] != "train" and p["sentences"][0][:80] not in leads:
            kept.append(p)
        elif p["split"] == "train" and len(p["target"]) <= MAX_TARGET and usable(p, shares):
            kept.append({k: v for k, v in p.items() if k not in ("sentences", "title")})
    write_json(OPEN_WORDS, {"words": words, "ids": ids})
    GENERATOR_WORK.mkdir(parents=True, exist_ok=True)
    write_json(GENERATOR_WORK / "pairs.json", kept)
    print({s: Counter(p["set"] for p in kept if p["split"] == s) for s in ("train", "validation", "held")}, len(pairs), "read;",
          Counter(p["group"] for p in kept if p["split"] == "held").most_common(12), len(words), "open words;",
          "mean window", sum(len(p["source"]) for p in kept) / len(kept))


if __name__ == "__main__":
    main()
