"""Step `features`: runs the frozen encoder over all texts; vectors to work/features.pt, work/furniture.pt and
work/polarity.npz.

For each article: `vectors` (one row a sentence of the list), `positions`, `has_title`; for a story also `mentions`
(sentence, side, vector) and `claims` (unit-normalised rows, one array a side). furniture.pt holds the first three of the
annotated articles over all their lines, furniture included.
"""

import re
import sys

import numpy as np
import torch

from common import WORK, read_json, read_set, set_up
from encoder import MAX_WINDOW_TOKENS, Encoder, mention_vector, position, sentence_vector


def find_mentions(sentence, aliases):
    """(side, start, end) of every alias: whole words, case sensitive, longest first, none inside another."""
    side_of = {alias: side for side, names in enumerate(aliases) for alias in names}
    longest_first = sorted(side_of, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"
    return [(side_of[m.group()], m.start(), m.end()) for m in re.finditer(pattern, sentence)]


def unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def claim_vectors(encoder, claims):
    """Each claim is encoded alone, as a window of one sentence."""
    _, states = encoder.encode([[claim] for claim in claims])
    return unit(np.stack([sentence_vector(text[0]) for text in states]))


def list_features(title, body, encodings, states):
    """Vectors and positions of a list: the title, if there is one, and the body sentences."""
    offset = int(bool(title))
    return {
        "vectors": np.stack([sentence_vector(s) for s in states]),
        "positions": np.stack([position(max(0, n - offset), len(body), len(e.ids)) for n, e in enumerate(encodings)]),
        "has_title": bool(offset),
    }


def furniture_features(encoder, articles):
    """By id: the features of annotated articles over all their lines."""
    used = [a for a in articles if "lines" in a]
    texts = [([a["raw_title"]] if a["raw_title"] else []) + a["lines"] for a in used]
    return {a["id"]: list_features(a["raw_title"], a["lines"], encodings, states)
            for a, encodings, states in zip(used, *encoder.encode(texts))}


def article_features(encoder, article, encodings, states):
    listed = ([article["title"]] if article["title"] else []) + article["sentences"]
    features = list_features(article["title"], article["sentences"], encodings, states)
    if article["set"] == "story":
        features["mentions"] = [
            (n, side, mention_vector(encodings[n], states[n], start, end))
            for n, sentence in enumerate(listed)
            for side, start, end in find_mentions(sentence, article["aliases"])
        ]
        features["claims"] = [claim_vectors(encoder, claims) for claims in article["claims"]]
    return features


def polarity_features(encoder, name):
    records = read_set(name)
    encodings, states = encoder.encode([[r["sentence"]] for r in records])
    mentions = [mention_vector(e[0], s[0], r["from"], r["to"]) for r, e, s in zip(records, encodings, states)]
    return {
        f"{name}_x": np.hstack([np.stack(mentions), np.stack([sentence_vector(s[0]) for s in states])]),
        f"{name}_y": np.array([r["polarity"] + 1 for r in records]),
    }


def main():
    """`features.py [window]`: another window size is for comparison only and goes to a file of its own."""
    set_up()
    window = int(sys.argv[1]) if len(sys.argv) > 1 else MAX_WINDOW_TOKENS
    encoder = Encoder(window)
    articles = read_json(WORK / "articles.json")
    if window != MAX_WINDOW_TOKENS:
        articles = [a for a in articles if a["set"] in ("framing", "story")]
    features = {}
    for first in range(0, len(articles), 100):
        some = articles[first:first + 100]
        texts = [([a["title"]] if a["title"] else []) + a["sentences"] for a in some]
        for a, encodings, states in zip(some, *encoder.encode(texts)):
            features[a["id"]] = article_features(encoder, a, encodings, states)
        print(f"{first + len(some)} of {len(articles)} articles", flush=True)
    if window != MAX_WINDOW_TOKENS:
        torch.save(features, WORK / f"features_{window}.pt")
        return
    torch.save(features, WORK / "features.pt")
    torch.save(furniture_features(encoder, articles), WORK / "furniture.pt")
    np.savez(WORK / "polarity.npz", **polarity_features(encoder, "newsmtsc_train"),
             **polarity_features(encoder, "newsmtsc_dev"))


if __name__ == "__main__":
    main()
