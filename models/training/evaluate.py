"""Step `evaluate`: calibration on out-of-fold outputs, then every figure on dev with its baselines; work/report.json."""

import numpy as np
import torch
from rouge_score import rouge_scorer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, f1_score, precision_recall_fscore_support
from sklearn.pipeline import make_pipeline

from calibrate import (abstain_threshold, article_features, drop_threshold, expected_calibration_error, fit_ordered,
                       fit_platt, probabilities, risk_and_coverage)
from common import ARTICLE_LABELS, FRAMING_VALUES, SPLITS, WORK, read_json, set_up, write_json
from encoder import Encoder
from features import list_features
from heads import logits, sigmoid, softmax
from inputs import alignment_rows, article_row, body, sentence_rows, side_polarity
from train import load
from tune import sides_of, with_side

ISSUER_LISTS = (["dev"], ["dev", "dev_same_issuer"])


def head_outputs(articles, features, heads):
    """What the shipped heads say about dev articles, in the shape of the out-of-fold outputs."""
    out = {"salience": {}, "framing": {}, "relevance": {}, "alignment": {}}
    for a in articles:
        f = features[a["id"]]
        out["salience"][a["id"]] = sigmoid(logits(heads["salience"], sentence_rows(f, with_position=True))[:, 0])
        out["framing"][a["id"]] = softmax(logits(heads["framing"], sentence_rows(f)))
        out["relevance"][a["id"]] = float(logits(heads["relevance"], article_row(f)[None])[0, 0])
        if a["set"] == "story":
            rows = alignment_rows(f, f["claims"], side_polarity(f, heads["polarity"]))
            out["alignment"][a["id"]] = np.tanh(rows @ heads["alignment"] / 2)
    return out


def article_rows(used, out, head):
    scores = out[head] if head == "alignment" else {a["id"]: out[head][a["id"]] @ FRAMING_VALUES for a in used}
    return np.stack([article_features(scores[a["id"]], out["salience"][a["id"]]) for a in used])


def calibrate(train_articles, oof):
    """The parameters of calibration.toml, fitted on out-of-fold outputs only."""
    result = {}
    for name, head, wanted in (("us-russia", "framing", "framing"), ("any", "alignment", "story")):
        used = with_side(train_articles, [wanted])
        x, gold = article_rows(used, oof, head), np.array([a["side"] for a in used])
        weights, cut = fit_ordered(x, gold)
        p = probabilities(x, weights, cut)
        threshold, reached = abstain_threshold(p, gold)
        risk, answered = risk_and_coverage(p, gold, threshold)
        result[name] = {"weights": weights.tolist(), "cut": cut, "abstain_below": threshold, "reached": reached,
                        "oof_risk": risk, "oof_answered": answered, "oof_articles": len(used)}
    real = [a for a in train_articles if a["set"] == "framing"]
    values = np.array([oof["relevance"][a["id"]] for a in real])
    temperature, offset = fit_platt(values, np.array([a["label"] != "unrelated" for a in real]))
    result["relevance"] = {"temperature": temperature, "offset": offset}
    p = np.concatenate([oof["furniture"][a["id"]] for a in real])
    threshold, reached = drop_threshold(p, *furniture_lines(real))
    result["furniture"] = {"drop_above": threshold, "reached": reached}
    return result


def furniture_lines(articles):
    """For all lines of the articles: whether the rules leave them out (see `rules.py`), whether they are furniture."""
    stripped = read_json(SPLITS / "furniture_rules.json")
    ruled = np.concatenate([np.isin(np.arange(len(a["lines"])), stripped[a["id"]]) for a in articles])
    return ruled, np.concatenate([a["furniture"] for a in articles]).astype(bool)


def as_served(encoder, head, a, stripped):
    """Probability of furniture for each line as the server finds it: the head reads what the rules let through."""
    kept = [n for n in range(len(a["lines"])) if n not in stripped]
    lines = [a["lines"][n] for n in kept]
    [encodings], [states] = encoder.encode([([a["raw_title"]] if a["raw_title"] else []) + lines])
    feature = list_features(a["raw_title"], lines, encodings, states)
    result = np.zeros(len(a["lines"]))
    result[kept] = sigmoid(body(feature, logits(head, sentence_rows(feature, with_position=True))[:, 0]))
    return result


def furniture(dev, features, head, threshold):
    """Precision, recall and F1 of the lines left out; a line is an annotated sentence. `head` decides at 0.5."""
    stripped = read_json(SPLITS / "furniture_rules.json")
    ruled, gold = furniture_lines(dev)
    alone = np.concatenate([sigmoid(body(features[a["id"]], logits(
        head, sentence_rows(features[a["id"]], with_position=True))[:, 0])) for a in dev])
    encoder = Encoder()
    served = np.concatenate([as_served(encoder, head, a, set(stripped[a["id"]])) for a in dev])
    result = {"lines": len(gold), "furniture": int(gold.sum())}
    for name, found in (("rules", ruled), ("head", alone >= 0.5), ("both", ruled | (served >= threshold))):
        precision, recall, f1, _ = precision_recall_fscore_support(gold, found, average="binary")
        result[name] = {"precision": float(precision), "recall": float(recall), "f1": float(f1)}
    return result


def report(gold, found, labels):
    table = classification_report(gold, found, labels=labels, output_dict=True, zero_division=0)
    macro = np.mean([table[label]["f1-score"] for label in labels])
    return {"macro_f1": macro, "n": len(gold)} | {f"f1 {label}": table[label]["f1-score"] for label in labels} | {
        f"n {label}": int(table[label]["support"]) for label in labels}


def tfidf():
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
                         LogisticRegression(C=10, class_weight="balanced", max_iter=2000))


def text_of(a):
    return " ".join([a["title"], *a["sentences"]])


def article_framing(train_articles, dev, out, calibration):
    """The four labels: relevance decides `unrelated`, the ordered logit the rest; baselines on the same articles."""
    x = article_rows(dev, out, "framing")
    parameters = calibration["us-russia"]
    p = probabilities(x, np.array(parameters["weights"]), parameters["cut"])
    scale = calibration["relevance"]
    applies = sigmoid(np.array([out["relevance"][a["id"]] for a in dev]) / scale["temperature"] + scale["offset"])
    found = [ARTICLE_LABELS[row.argmax()] if relevant >= 0.5 else "unrelated" for row, relevant in zip(p, applies)]
    gold = [a["label"] for a in dev]
    words = tfidf().fit([text_of(a) for a in train_articles], [a["label"] for a in train_articles])
    return {
        "heads": report(gold, found, ARTICLE_LABELS),
        "tfidf": report(gold, words.predict([text_of(a) for a in dev]), ARTICLE_LABELS),
        "majority": report(gold, ["us_nato"] * len(gold), ARTICLE_LABELS),
        "relevance_f1": f1_score([g != "unrelated" for g in gold], applies >= 0.5),
    }


def confidence_figures(dev, out, head, parameters):
    """Calibration on dev articles to which the contest applies."""
    used = with_side(dev, ["framing", "story"])
    p = probabilities(article_rows(used, out, head), np.array(parameters["weights"]), parameters["cut"])
    gold = np.array([a["side"] for a in used])
    risk, answered = risk_and_coverage(p, gold, parameters["abstain_below"])
    return {"n": len(used), "ece": expected_calibration_error(p, gold), "risk": risk, "answered": answered,
            "accuracy": float((p.argmax(axis=1) == gold).mean()),
            "macro_f1": f1_score(gold, p.argmax(axis=1), average="macro")}


def class_weight_effect(train_articles, oof, dev, out):
    """us-russia fitted with and without class weights: macro-F1 of the three labels and ECE, out of fold and on dev."""
    result = {}
    sets = {"oof": (with_side(train_articles, ["framing"]), oof), "dev": (with_side(dev, ["framing"]), out)}
    rows = {name: (article_rows(used, scores, "framing"), np.array([a["side"] for a in used]))
            for name, (used, scores) in sets.items()}
    for name, balance in (("weighted", True), ("unweighted", False)):
        weights, cut = fit_ordered(*rows["oof"], balance)
        for where, (x, gold) in rows.items():
            p = probabilities(x, weights, cut)
            result[f"{name} {where}"] = {"macro_f1": f1_score(gold, p.argmax(axis=1), average="macro"),
                                         "ece": expected_calibration_error(p, gold)}
    return result


def sentence_framing(train_articles, dev, features, out):
    merged = []
    for a in dev:
        p = body(features[a["id"]], out["framing"][a["id"]])
        merged.append(np.stack([p[:, :2].sum(axis=1), p[:, 2], p[:, 3:].sum(axis=1)], axis=1))
    gold = sides_of([c for a in dev for c in a["codes"]])
    words = tfidf().fit([s for a in train_articles for s in a["sentences"]],
                        sides_of([c for a in train_articles for c in a["codes"]]))
    names = ["us_nato", "none", "russia"]
    named = np.array(names)
    return {
        "heads": report(named[gold], named[np.vstack(merged).argmax(axis=1)], names),
        "tfidf": report(named[gold], named[words.predict([s for a in dev for s in a["sentences"]])], names),
        "majority": report(named[gold], ["none"] * len(gold), names),
    }


def other_contests(dev, out, parameters):
    """Stories: sign of the score on A and B versions, balanced within 0.25; score = P(first) - P(second)."""
    result = {}
    for kind in ("all", "other than us-russia"):
        stories = [a for a in dev if a["set"] == "story" and (kind == "all" or a["contest"] != "us-russia")]
        p = probabilities(article_rows(stories, out, "alignment"), np.array(parameters["weights"]), parameters["cut"])
        score = {a["id"]: row[0] - row[2] for a, row in zip(stories, p)}
        sign = [(score[a["id"]] > 0) == (a["version"] == "A") for a in stories if a["version"] in ("A", "B")]
        close = [abs(score[a["id"]]) <= 0.25 for a in stories if a["version"] == "balanced"]
        result[kind] = {"sign_right": np.mean(sign), "n": len(sign), "balanced_close": np.mean(close),
                        "n_balanced": len(close)}
    return result


def side_swap(dev, features, out, heads, parameters):
    """Largest |score + swapped score| over the stories when sides, claims and mentions are exchanged."""
    worst = 0.0
    for a in (a for a in dev if a["set"] == "story"):
        f = features[a["id"]]
        swapped = f | {"claims": f["claims"][::-1], "mentions": [(n, 1 - side, v) for n, side, v in f["mentions"]]}
        rows = alignment_rows(swapped, swapped["claims"], side_polarity(swapped, heads["polarity"]))
        q = out["salience"][a["id"]]
        x = np.stack([article_features(s, q) for s in (out["alignment"][a["id"]],
                                                       np.tanh(rows @ heads["alignment"] / 2))])
        p = probabilities(x, np.array(parameters["weights"]), parameters["cut"])
        worst = max(worst, abs(p[0, 0] - p[0, 2] + p[1, 0] - p[1, 2]))
    return worst


def top_three(a, features, out):
    return sorted(np.argsort(-body(features[a["id"]], out["salience"][a["id"]]), kind="stable")[:3].tolist())


def summaries(dev, features, out):
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeLsum"], use_stemmer=True)
    result = {}
    for name in ("heads", "lead3"):
        scores = []
        for a in dev:
            chosen = top_three(a, features, out) if name == "heads" else range(min(3, len(a["sentences"])))
            found = scorer.score(a["highlights"], "\n".join(a["sentences"][n] for n in chosen))
            scores.append([100 * found[kind].fmeasure for kind in ("rouge1", "rouge2", "rougeLsum")])
        result[name] = dict(zip(("rouge1", "rouge2", "rougeLsum"), np.mean(scores, axis=0).tolist()), n=len(dev))
    return result


def key_sentences(dev, features, out):
    used = [a for a in dev if a["key"]]
    def share(choose):
        return np.mean([len(set(choose(a)) & set(a["key"])) / len(a["key"]) for a in used])
    return {"heads": share(lambda a: top_three(a, features, out)), "lead3": share(lambda a: range(3)), "n": len(used)}


def polarity(heads, data):
    names = np.array(["negative", "neutral", "positive"])
    found = logits(heads["polarity"], data["newsmtsc_dev_x"]).argmax(axis=1)
    gold = data["newsmtsc_dev_y"]
    most = np.bincount(data["newsmtsc_train_y"]).argmax()
    return {"heads": report(names[gold], names[found], list(names)),
            "majority": report(names[gold], names[np.full(len(gold), most)], list(names))}


def main():
    set_up()
    articles, features, polarity_data = load()
    heads = torch.load(WORK / "heads.pt", weights_only=False)
    train_articles = [a for a in articles if a["split"] == "train"]
    oof = torch.load(WORK / "oof.pt", weights_only=False)
    lines = torch.load(WORK / "furniture.pt", weights_only=False)
    calibration = calibrate(train_articles, oof)
    out = head_outputs([a for a in articles if a["split"] != "train"], features, heads)
    contest_train = [a for a in train_articles if a["contest"] == "us-russia" and a["set"] in ("framing", "story")]
    result = {"calibration": calibration}
    for splits in ISSUER_LISTS:
        dev = [a for a in articles if a["set"] == "framing" and a["split"] in splits]
        result[" + ".join(splits)] = {
            "article": article_framing(contest_train, dev, out, calibration),
            "sentence": sentence_framing(contest_train, dev, features, out),
            "confidence": confidence_figures(dev, out, "framing", calibration["us-russia"]),
            "key_sentences": key_sentences(dev, features, out),
            "furniture": furniture(dev, lines, heads["furniture"], calibration["furniture"]["drop_above"]),
        }
    outlets = [a for a in articles if a["set"] == "framing" and a["split"] == "dev"]
    result["class_weights"] = class_weight_effect(train_articles, oof, outlets, out)
    stories = [a for a in articles if a["set"] == "story" and a["split"] == "dev"]
    result["stories"] = {
        "other_contests": other_contests(stories, out, calibration["any"]),
        "confidence": confidence_figures(stories, out, "alignment", calibration["any"]),
        "side_swap": side_swap(stories, features, out, heads, calibration["any"]),
        "key_sentences": key_sentences(stories, features, out),
    }
    result["summary"] = summaries([a for a in articles if a["set"] == "cnndm" and a["split"] == "dev"], features, out)
    result["polarity"] = polarity(heads, polarity_data)
    write_json(WORK / "report.json", result)
    print((WORK / "report.json").read_text())


if __name__ == "__main__":
    main()
