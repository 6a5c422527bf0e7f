"""The training data as the network reads it: tokenised once, drawn in epochs."""

import random

import numpy as np
import torch

from common import OWN_CONTEST, SIDE_OF_CODE, WORK, read_json, read_set
from rouge_oracle import oracle_sentences

# Articles of an epoch that teach salience, relevance or the stance between claims alone, and written ones.
SUMMARY_ARTICLES, NEGATIVES, DEBATES, STORIES = 120, 50, 350, 1300
# Of the annotated articles about something else; the others are all read in every epoch.
UNRELATED = 180
# Share of the readings that leave the furniture in, as the rules of the server miss some of it.
WITH_FURNITURE = 0.5
# Of a side, or nobody's; others are of none.
SPEAKER = {"a": -1, "1": 0, "2": 2}
# The last tenth of the polarity set is held out: neighbouring records share an article.
POLARITY_HELD = 0.1
# Weight of a class: its share to the power -BALANCE (0 = as found, 1 = all classes alike).
SENTENCE_BALANCE, ARTICLE_BALANCE, POLARITY_BALANCE = 0.5, 0.5, 0.5
# Share of the readings in which the names of the sides are exchanged for words that mean nothing.
RENAMED = 0.4
# Share of the readings in which tokens are hidden, and of their tokens; names of the sides stay.
WITH_HIDDEN, HIDDEN = 0.7, 0.12
# What a code says about the sides: annotators differ on where a mild account begins, hardly on whose it is.
TARGETS = torch.tensor([[0.96, 0.04, 0], [0.82, 0.18, 0], [0.04, 0.92, 0.04], [0, 0.18, 0.82], [0, 0.04, 0.96]])


def balanced(labels, classes, balance):
    """One weight a class: its share to the power -balance."""
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return (counts.mean() / counts) ** balance


def class_weights(labels, classes, balance):
    return torch.from_numpy(balanced(labels, classes, balance)).float()


class Reading:
    """One way to read an article: which lines, under which names. Lists run over the title and the lines.

    sides: 0 first, 1 neither, 2 second, -1 without a label; targets: a probability for each of the three (read where sides
    are labelled); speakers: 0 of the first side, 1 of none, 2 of the second, -1 the author or without a label; sourced:
    whether somebody else speaks; furniture: 1, 0, or -1 for the title; salient: 0 or 1, None without labels.
    """

    def __init__(self, article, text, lines, renamed=False):
        self.article, self.text, self.renamed = article, text, renamed
        title = [-1] if article["title"] else []
        blank = [-1] * len(lines)
        codes = title + ([article["codes"][n] for n in lines] if article["codes"] else blank)
        self.sides = torch.tensor([SIDE_OF_CODE[code] if code >= 0 else -1 for code in codes])
        self.targets = TARGETS[codes]
        voices = [article["voices"][n] for n in lines] if article["codes"] else ["a"] * len(lines)
        self.speakers = torch.tensor(title + [SPEAKER.get(voice, 1) for voice in voices])
        self.sourced = (self.speakers >= 0).long()
        self.furniture = torch.tensor(title + [article["furniture"][n] for n in lines])
        key = set(article["salient"])
        self.salient = torch.tensor([0.0] * len(title) + [float(n in key) for n in lines]) if key else None


class Corpus:
    """All articles and the polarity set."""

    def __init__(self, reader):
        self.reader = reader
        self.articles = read_json(WORK / "articles.json")
        for a in self.articles:
            own = a["set"] in (*OWN_CONTEST, "debate")
            a["claims_key"] = (a["group"] if own else a["contest"]) if a.get("claims") else None
            a["salient"] = (oracle_sentences(a["sentences"], a["highlights"]) if a["set"] == "cnndm" else a["key"])
            a["side"] = self._side(a)
        self.claims = {a["claims_key"]: [reader.separate(side, []) for side in a["claims"]]
                       for a in self.articles if a["claims_key"]}
        self.texts = {}
        self.train = self.of("train")
        # Of debates only some are read in an epoch.
        labelled = [a for a in self.train if a["codes"] and a["set"] != "debate"]
        codes = np.array([c for a in labelled for c in a["codes"] if c >= 0])
        self.sentence_weight = class_weights(SIDE_OF_CODE[codes], 3, SENTENCE_BALANCE)
        self.article_weight = class_weights([a["side"] for a in labelled if a["side"] is not None], 3, ARTICLE_BALANCE)
        self.polarity = self._polarity("newsmtsc_train")
        held = int(len(self.polarity) * (1 - POLARITY_HELD))
        self.polarity, self.polarity_held = self.polarity[:held], self.polarity[held:]
        self.polarity_weight = class_weights([r["label"] for r in self.polarity], 3, POLARITY_BALANCE)

    def of(self, split, *sets):
        return [a for a in self.articles if a["split"] == split and (not sets or a["set"] in sets)]

    @staticmethod
    def _side(a):
        """0 first side, 1 balanced, 2 second; None where the contest does not apply."""
        if a["set"] not in ("framing", *OWN_CONTEST) or a["label"] == "unrelated":
            return None
        return 1 if a["label"] == "balanced" else 2 * a["sides"].index(a["label"])

    @staticmethod
    def _polarity(name):
        return [{"sentence": r["sentence"], "start": r["from"], "end": r["to"], "label": r["polarity"] + 1}
                for r in read_set(name)]

    def polarity_dev(self):
        return self._polarity("newsmtsc_dev")

    def polarity_text(self, records):
        """Each sentence is a text of its own in the end: sentences of different articles share no window."""
        return self.reader.separate([r["sentence"] for r in records],
                                    [(n, 0, r["start"], r["end"]) for n, r in enumerate(records)])

    def text(self, a, with_furniture):
        """(tokens, lines read) of an article."""
        key = (a["id"], with_furniture)
        if key not in self.texts:
            lines = [n for n in range(len(a["sentences"])) if with_furniture or not a["furniture"][n]]
            offset = int(bool(a["title"]))
            place = {n + offset: i + offset for i, n in enumerate(lines)} | ({0: 0} if offset else {})
            mentions = [(place[n], *rest) for n, *rest in a["mentions"] or [] if n in place]
            listed = ([a["title"]] if offset else []) + [a["sentences"][n] for n in lines]
            text = self.reader.separate(listed, []) if a["set"] == "debate" else self.reader.text(listed, mentions, bool(offset))
            self.texts[key] = text, lines
        return self.texts[key]

    def reading(self, a, draw=None):
        """With `draw` as training varies it, without as it is: no furniture, own names."""
        text, lines = self.text(a, draw is not None and any(a["furniture"]) and draw.random() < WITH_FURNITURE)
        renamed = draw is not None and bool(text.mentions) and draw.random() < RENAMED
        if renamed:
            text = text.renamed(self.reader.two_names(draw))
        if draw is not None and draw.random() < WITH_HIDDEN:
            text = text.hidden(self.reader.mask, HIDDEN, draw)
        return Reading(a, text, lines, renamed)

    def _of_epoch(self, draw: random.Random):
        unrelated = [a for a in self.of("train", "framing") if a["label"] == "unrelated"]
        framed = [a for a in self.of("train", "framing", "contest") if a["set"] == "contest" or a["label"] != "unrelated"]
        framed += draw.sample(unrelated, UNRELATED)
        others = [draw.sample(self.of("train", name), count) for name, count in (
            ("story", STORIES), ("cnndm", SUMMARY_ARTICLES), ("weak_negative", NEGATIVES), ("debate", DEBATES))]
        return sum(others, framed)

    def steps(self, size):
        return -(-len(self._of_epoch(random.Random(0))) // size)

    def epoch(self, draw, size, sentences):
        """(articles, polarity records) of each step."""
        articles = self._of_epoch(draw)
        draw.shuffle(articles)
        for first in range(0, len(articles), size):
            yield articles[first:first + size], draw.sample(self.polarity, sentences)
