"""Step `tune` (by hand): out-of-fold figures for sizes, dropout and class balance. Never looks at dev.

`tune.py framing [file of features in work/]`, `tune.py polarity`, `tune.py alignment`, `tune.py salience`
"""

import itertools
import sys

import numpy as np
import torch
from sklearn.metrics import f1_score

import train
from calibrate import article_features, fit_ordered, probabilities
from common import FRAMING_VALUES, WORK, set_up


def sides_of(codes):
    """Classes 0..4 to first / none / second."""
    return np.array([0, 0, 1, 2, 2])[np.asarray(codes)]


def article_figure(used, scores, salience):
    """Macro-F1 of first / balanced / second over out-of-fold articles (the three weights are fitted on the same)."""
    x = np.stack([article_features(scores[a["id"]], salience[a["id"]]) for a in used])
    gold = np.array([a["side"] for a in used])
    return f1_score(gold, probabilities(x, *fit_ordered(x, gold)).argmax(axis=1), average="macro")


def with_side(articles, wanted):
    """The articles the contest applies to, with `side` = 0 first, 1 balanced, 2 second."""
    result = []
    for a in articles:
        if a["set"] in wanted and a["label"] != "unrelated":
            sides = a.get("sides", ["us_nato", "russia"])
            result.append(a | {"side": 1 if a["label"] == "balanced" else 2 * sides.index(a["label"])})
    return result


def framing(articles, features, _):
    grid = itertools.product([[32], [64], [128]], [0.3, 0.5, 0.7], [0.0, 0.25, 0.5, 1.0])
    if len(sys.argv) > 2:  # Features of another window size: the chosen options only.
        features = torch.load(WORK / sys.argv[2], weights_only=False)
        grid = [(train.FRAMING["hidden"], train.FRAMING["dropout"], train.BALANCE)]
    real = with_side(articles, ["framing"])
    flat = {a["id"]: np.ones(len(features[a["id"]]["vectors"])) for a in real}
    for hidden, dropout, balance in grid:
        _, out = train.train_framing(articles, features, {"hidden": hidden, "dropout": dropout}, balance)
        rows = [(p, c) for a in articles if a["set"] == "framing"
                for p, c in zip(out[a["id"]][1 if features[a["id"]]["has_title"] else 0:], a["codes"])]
        p = np.stack([p for p, _ in rows])
        merged = np.stack([p[:, :2].sum(axis=1), p[:, 2], p[:, 3:].sum(axis=1)], axis=1)
        sentence = f1_score(sides_of([c for _, c in rows]), merged.argmax(axis=1), average="macro")
        article = article_figure(real, {i: v @ FRAMING_VALUES for i, v in out.items()}, flat)
        print(f"hidden {hidden} dropout {dropout} balance {balance}: sentence {sentence:.3f} article3 {article:.3f}",
              flush=True)


def polarity(_, __, data):
    x, y = data["newsmtsc_train_x"], data["newsmtsc_train_y"]
    product = np.hstack([x, x[:, :384] * x[:, 384:]])
    for name, inputs in (("mention", x[:, :384]), ("mention,sentence", x), ("and product", product)):
        for hidden, dropout in itertools.product([[64], [256]], [0.3, 0.5]):
            _, out = train.train_polarity({"newsmtsc_train_x": inputs, "newsmtsc_train_y": y},
                                          {"hidden": hidden, "dropout": dropout})
            print(f"{name} {hidden} {dropout}: {f1_score(y, out.argmax(axis=1), average='macro'):.3f}", flush=True)


def alignment(articles, features, data):
    layers, _ = train.train_polarity(data)
    used = with_side(articles, ["story"])
    flat = {a["id"]: np.ones(len(features[a["id"]]["vectors"])) for a in used}
    for decay in (1e-2, 1e-1, 1.0, 10.0, 100.0):
        _, out = train.train_alignment(articles, features, layers, decay)
        decided = [a for a in used if a["side"] != 1]
        sign = np.mean([(out[a["id"]].mean() > 0) == (a["side"] == 0) for a in decided])
        print(f"product decay {decay}: sign {sign:.3f} article3 {article_figure(used, out, flat):.3f}", flush=True)


def salience(articles, features, _):
    for hidden, dropout, weight in itertools.product([[32], [64], [256]], [0.3, 0.5], [1.0, 3.0]):
        train.SALIENCE = {"hidden": hidden, "dropout": dropout}
        train.ANNOTATED_WEIGHT = weight
        _, out = train.train_salience(articles, features)
        hits = [len(set(np.argsort(-out[a["id"]][1 if features[a["id"]]["has_title"] else 0:])[:3]) & set(a["key"]))
                / len(a["key"]) for a in articles if a["set"] == "framing" and a["key"]]
        print(f"hidden {hidden} dropout {dropout} weight {weight}: key share {np.mean(hits):.3f}", flush=True)


if __name__ == "__main__":
    set_up()
    everything, vectors, polarity_data = train.load()
    training = [a for a in everything if a["split"] == "train"]
    {"framing": framing, "polarity": polarity, "alignment": alignment, "salience": salience}[sys.argv[1]](
        training, vectors, polarity_data)
