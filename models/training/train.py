"""Step `train`: fits all heads; layers to work/heads.pt, out-of-fold outputs of the training articles to work/oof.pt."""

import numpy as np
import torch

from common import FRAMING_VALUES, WORK, read_json, set_up
from heads import binary, cross_entropy, fit_all, sigmoid, softmax
from inputs import alignment_rows, article_row, body, sentence_rows, side_polarity
from rouge_oracle import oracle_sentences

# Chosen on out-of-fold figures (see `tune.py`).
SALIENCE = {"hidden": [32], "dropout": 0.3}
FRAMING = {"hidden": [64], "dropout": 0.5}
RELEVANCE = {"hidden": [32], "dropout": 0.3}
POLARITY = {"hidden": [64], "dropout": 0.3}
FURNITURE = {"hidden": [64], "dropout": 0.5}
# The 384 products carry little from one contest to the next: they are held near 0, the two last features are not.
PRODUCT_DECAY = 10.0
ALIGNMENT_DECAY = 1e-4
# Weight of a framing class: its share to the power -BALANCE (0 = as found, 1 = all classes alike).
BALANCE = 0.25
# Annotated key sentences are few beside the oracle's; each annotated article counts this many times.
ANNOTATED_WEIGHT = 3.0


def per_article(articles, features, values):
    """Cuts stacked rows back into one array an article."""
    ends = np.cumsum([len(features[a["id"]]["vectors"]) for a in articles])
    return {a["id"]: part for a, part in zip(articles, np.split(values, ends[:-1]))}


def stack(articles, features, with_position=False):
    x = np.vstack([sentence_rows(features[a["id"]], with_position) for a in articles])
    folds = np.concatenate([np.full(len(features[a["id"]]["vectors"]), a["fold"]) for a in articles])
    return x, folds


def with_title(feature, values, unlabelled):
    """Title rows carry no label: they get the weight 0 and only receive an output."""
    return ([unlabelled] if feature["has_title"] else []) + values


def train_salience(articles, features):
    used = [a for a in articles if a["set"] != "weak_negative"]
    y, weights = [], []
    for a in used:
        key = oracle_sentences(a["sentences"], a["highlights"]) if a["set"] == "cnndm" else a["key"]
        weight = 1.0 if a["set"] == "cnndm" else ANNOTATED_WEIGHT
        y += with_title(features[a["id"]], [float(n in key) for n in range(len(a["sentences"]))], 0.0)
        weights += with_title(features[a["id"]], [weight] * len(a["sentences"]), 0.0)
    x, folds = stack(used, features, with_position=True)
    layers, out = fit_all(x, np.array(y, np.float32), np.array(weights), folds, loss=binary, outputs=1, **SALIENCE)
    return layers, per_article(used, features, sigmoid(out[:, 0]))


def train_framing(articles, features, options=FRAMING, balance=BALANCE):
    used = [a for a in articles if a["contest"] == "us-russia" and a["set"] in ("framing", "story")]
    y = [with_title(features[a["id"]], a["codes"], -1) for a in used]
    y = np.concatenate(y)
    counts = np.bincount(y[y >= 0], minlength=5)
    weights = np.where(y >= 0, ((counts.mean() / counts) ** balance)[y], 0.0)
    x, folds = stack(used, features)
    layers, out = fit_all(x, np.maximum(y, 0), weights, folds, loss=cross_entropy, outputs=5, **options)
    return layers, per_article(used, features, softmax(out))


def train_relevance(articles, features):
    used = [a for a in articles if a["set"] != "cnndm"]
    applies = [float(a["contest"] == "us-russia" and a["label"] != "unrelated") for a in used]
    weights = np.array([0.5 if a["set"] == "weak_negative" else 1.0 for a in used])
    x = np.stack([article_row(features[a["id"]]) for a in used])
    folds = np.array([a["fold"] for a in used])
    layers, out = fit_all(x, np.array(applies, np.float32), weights, folds, loss=binary, outputs=1, **RELEVANCE)
    return layers, {a["id"]: float(value) for a, value in zip(used, out[:, 0])}


def train_furniture(articles, features, options=FURNITURE):
    """Features over all lines of the annotated articles; the out-of-fold probabilities leave the title out."""
    used = [a for a in articles if "furniture" in a]
    y = np.concatenate([with_title(features[a["id"]], a["furniture"], 0) for a in used]).astype(np.float32)
    weights = np.concatenate([with_title(features[a["id"]], [1.0] * len(a["lines"]), 0.0) for a in used])
    x, folds = stack(used, features, with_position=True)
    layers, out = fit_all(x, y, weights, folds, loss=binary, outputs=1, **options)
    values = per_article(used, features, sigmoid(out[:, 0]))
    return layers, {name: body(features[name], p) for name, p in values.items()}


def train_polarity(data, options=POLARITY):
    """Folds in file order: neighbouring records share an article. Returns out-of-fold predictions beside the layers."""
    x, y = data["newsmtsc_train_x"], data["newsmtsc_train_y"]
    folds = np.arange(len(x)) * 5 // len(x)
    counts = np.bincount(y)
    return fit_all(x, y, (counts.mean() / counts)[y], folds, loss=cross_entropy, outputs=3, **options)


def fit_alignment(x, targets, product_decay):
    """Logistic regression without bias to targets in [-1,1], so exchanging the sides negates the logit exactly."""
    scale = np.concatenate([np.full(x.shape[1] - 2, np.sqrt((x[:, :-2] ** 2).mean())),
                            np.sqrt((x[:, -2:] ** 2).mean(axis=0))])
    inputs = torch.from_numpy((x / scale).astype(np.float32))
    wanted = torch.from_numpy(((1 + targets) / 2).astype(np.float32))
    weight = torch.zeros(x.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([weight], max_iter=300, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(inputs @ weight, wanted)
        loss = loss + product_decay * weight[:-2].square().sum() + ALIGNMENT_DECAY * weight[-2:].square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return (weight.detach().numpy() / scale).astype(np.float32)


def train_alignment(articles, features, polarity_layers, product_decay=PRODUCT_DECAY):
    used = [a for a in articles if a["set"] == "story"]
    rows = {a["id"]: alignment_rows(features[a["id"]], features[a["id"]]["claims"],
                                    side_polarity(features[a["id"]], polarity_layers)) for a in used}
    x = np.vstack([rows[a["id"]] for a in used])
    y = np.concatenate([with_title(features[a["id"]], a["codes"], -1) for a in used])
    folds = np.concatenate([np.full(len(rows[a["id"]]), a["fold"]) for a in used])
    targets, labelled = FRAMING_VALUES[np.maximum(y, 0)], y >= 0
    out = np.zeros(len(x))
    for fold in set(folds):
        train = labelled & (folds != fold)
        out[folds == fold] = np.tanh(x[folds == fold] @ fit_alignment(x[train], targets[train], product_decay) / 2)
    return fit_alignment(x[labelled], targets[labelled], product_decay), per_article(used, features, out)


def load():
    articles = read_json(WORK / "articles.json")
    return articles, torch.load(WORK / "features.pt", weights_only=False), np.load(WORK / "polarity.npz")


def main():
    set_up()
    articles, features, polarity_data = load()
    articles = [a for a in articles if a["split"] == "train"]
    salience, salience_oof = train_salience(articles, features)
    framing, framing_oof = train_framing(articles, features)
    relevance, relevance_oof = train_relevance(articles, features)
    polarity, _ = train_polarity(polarity_data)
    alignment, alignment_oof = train_alignment(articles, features, polarity)
    lines = torch.load(WORK / "furniture.pt", weights_only=False)
    furniture, furniture_oof = train_furniture(articles, lines)
    torch.save({"salience": salience, "framing": framing, "relevance": relevance, "polarity": polarity,
                "alignment": alignment, "furniture": furniture}, WORK / "heads.pt")
    torch.save({"salience": salience_oof, "framing": framing_oof, "relevance": relevance_oof,
                "alignment": alignment_oof, "furniture": furniture_oof}, WORK / "oof.pt")


if __name__ == "__main__":
    main()
