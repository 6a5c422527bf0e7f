"""Step `evaluate`: every figure on dev, asked of the built program; work/dev.json and work/dev_errors.txt.

The program is the release build with the bundle in it. Articles go in as they are printed, furniture and all and in their
paragraphs, where the set has kept those. Target polarity alone is measured on the bundle's network itself, to whose numbers
the program's tests hold the program. `evaluate.py held` measures the held-out articles instead.
"""

import re
import sys
from collections import Counter

import numpy as np
from rouge_score import rouge_scorer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, f1_score, precision_recall_fscore_support
from sklearn.pipeline import make_pipeline

from batches import Corpus
from calibrate import ece_by_chance, expected_calibration_error
from common import ARTICLE_LABELS, SIDE_OF_CODE, WORK, set_up, write_json
from measures import polarity_figure
from network import from_bundle
from prepare import ISSUER
from program import answers, body, by_line, inline, line_of, lines_in, request, starts_of
from reader import Reader

SIDES = ["us_nato", "none", "russia"]


def report(gold, found, labels):
    table = classification_report(gold, found, labels=labels, output_dict=True, zero_division=0)
    return {"macro_f1": float(np.mean([table[label]["f1-score"] for label in labels])), "n": len(gold)} | {
        f"f1 {label}": table[label]["f1-score"] for label in labels} | {
        f"n {label}": int(table[label]["support"]) for label in labels}


def tfidf():
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
                         LogisticRegression(C=10, class_weight="balanced", max_iter=2000))


def words_of(text):
    return set(re.findall(r"[a-z]{4,}", text.lower()))


def keyword_sides(a):
    """Baseline without a model, one entry a line: the side whose claims share more words with the line."""
    first, second = (set().union(*map(words_of, claims)) for claims in a["claims"])
    found = [words_of(line) for line in a["sentences"]]
    return [SIDES[1 - int(np.sign(len(words & first - second) - len(words & second - first)))] for words in found]


def keyword_lines(articles):
    """The sides of all lines with a code."""
    return [side for a in articles for side, code in zip(keyword_sides(a), a["codes"]) if code >= 0]


def keyword_label(a):
    """`unrelated` unless both sides are named twice; else the side with more of such lines, if a tenth or more."""
    if min(sum(side == k for _, side, _, _ in a["mentions"]) for k in (0, 1)) < 2:
        return "unrelated"
    sides = keyword_sides(a)
    lead = (sides.count("us_nato") - sides.count("russia")) / len(sides)
    return "balanced" if abs(lead) < 0.1 else "us_nato" if lead > 0 else "russia"


def text_of(a):
    return " ".join([a["title"], *a["sentences"]])


def probabilities_of(reply):
    """[first, balanced, second], or None where the contest does not apply."""
    framing = reply["stance"].get("framing")
    return framing and [p.get("probability", 0.0) for p in framing["probabilities"]]


def most_probable(reply):
    """The label the program would give without its threshold."""
    p = probabilities_of(reply)
    return "unrelated" if p is None else ["us_nato", "balanced", "russia"][int(np.argmax(p))]


def confidence(articles, replies):
    """Of the articles that the contest applies to. One that the program takes for something else is unanswered; it counts as
    wrong in the accuracy and has no confidence.
    """
    pairs = [(probabilities_of(r), a["side"], r["stance"]["status"] == "STANCE_STATUS_DECIDED")
             for a, r in zip(articles, replies) if a["side"] is not None]
    kept = [(p, side, decided) for p, side, decided in pairs if p is not None]
    p, gold = np.array([p for p, _, _ in kept]), np.array([side for _, side, _ in kept])
    decided, right = np.array([d for _, _, d in kept]), p.argmax(axis=1) == gold
    return {"n": len(pairs), "not_applicable": len(pairs) - len(kept), "ece": expected_calibration_error(p, gold),
            "risk": float((~right[decided]).mean()) if decided.any() else 0.0,
            "answered": float(decided.sum() / len(pairs)), "accuracy": float(right.sum() / len(pairs)),
            "ece_by_chance": ece_by_chance(p), "confidences": p.max(axis=1).tolist(), "right": right.tolist()}


def framing_replies(articles):
    asked = [request(a["id"], a["title"], body(a),
                     output={"includeSentences": True}, summary={"maxSentences": 3}) for a in articles]
    return answers(asked)


def sentence_sides(a, reply):
    """The side of each line, 0 first, 1 none, 2 second: the one that more of its sentences give."""
    number = {a["sides"][0]: 1, "": 0, a["sides"][1]: -1}
    sides = by_line(a, reply["document"].get("sentences", []), lambda s: number[s.get("framingSide", "")])
    return np.array([1 - int(np.sign(side)) for side in sides])


def labelled_sentences(articles, replies):
    """(annotated, found) sides of all lines with a code."""
    kept = [(np.array(a["codes"]), sentence_sides(a, r)) for a, r in zip(articles, replies)]
    return (np.concatenate([SIDE_OF_CODE[codes[codes >= 0]] for codes, _ in kept]),
            np.concatenate([found[codes >= 0] for codes, found in kept]))


def framing_figures(train, dev, replies):
    gold = [a["label"] for a in dev]
    words = tfidf().fit([text_of(a) for a in train], [a["label"] for a in train])
    result = {"article": {
        "bundle": report(gold, [most_probable(r) for r in replies], ARTICLE_LABELS),
        "tfidf": report(gold, words.predict([text_of(a) for a in dev]), ARTICLE_LABELS),
        "keywords": report(gold, [keyword_label(a) for a in dev], ARTICLE_LABELS),
        "majority": report(gold, ["us_nato"] * len(gold), ARTICLE_LABELS),
    }}
    gold, found = ([SIDES[side] for side in sides] for sides in labelled_sentences(dev, replies))
    lines = [(a, n) for a in dev for n, code in enumerate(a["codes"]) if code >= 0]
    labelled = [(s, SIDES[SIDE_OF_CODE[c]]) for a in train for s, c in zip(a["sentences"], a["codes"]) if c >= 0]
    words = tfidf().fit(*zip(*labelled))
    baseline = words.predict([a["sentences"][n] for a, n in lines])
    keywords = keyword_lines(dev)
    result["sentence"] = {"bundle": report(gold, found, SIDES), "tfidf": report(gold, baseline, SIDES),
                          "keywords": report(gold, keywords, SIDES), "majority": report(gold, ["none"] * len(gold), SIDES)}
    modes = [(a["mode"], r["stance"]["framing"].get("mode", "")) for a, r in zip(dev, replies)
             if a.get("mode") and r["stance"]["status"] == "STANCE_STATUS_DECIDED"]
    result["mode"] = {"n": len(modes), "right": float(np.mean([
        f"FRAMING_MODE_{gold.upper()}" == found for gold, found in modes])) if modes else 0.0}
    result["confidence"] = confidence(dev, replies)
    off_topic = [r["stance"]["status"] == "STANCE_STATUS_DECIDED" for a, r in zip(dev, replies) if a["label"] == "unrelated"]
    result["off_topic"] = {"n": len(off_topic), "decided": sum(off_topic)}
    result["confusion"] = [[sum(a["label"] == g and most_probable(r) == f for a, r in zip(dev, replies))
                            for f in ARTICLE_LABELS] for g in ARTICLE_LABELS]
    return result


def own_contest(a, swapped=False):
    order = (1, 0) if swapped else (0, 1)
    return inline("request-time", *([a[key][k] for k in order] for key in ("sides", "aliases", "claims")))


def story_figures(stories):
    """Every story with its contest in the request, and once more with the sides exchanged."""
    def ask(swapped):
        return answers([request(a["id"], a["title"], body(a), own_contest(a, swapped),
                                summary={"maxSentences": 3}) for a in stories])

    def score(reply):
        """None where the program does not take the contest for the story's."""
        framing = reply["stance"].get("framing")
        return framing and framing.get("score", 0.0)

    replies, exchanged = ask(False), ask(True)
    pairs = [(score(r), score(x)) for r, x in zip(replies, exchanged)]
    result = {"swap": max(abs((s or 0.0) + (x or 0.0)) for s, x in pairs), "contests": {}}
    for kind in ("all", "other than us-russia"):
        used = [(a, s) for a, (s, _) in zip(stories, pairs) if kind == "all" or a["contest"] != "us-russia"]
        sign = [s is not None and (s > 0 if a["version"] == "A" else s < 0) for a, s in used if a["version"] in ("A", "B")]
        close = [s is not None and abs(s) <= 0.25 for a, s in used if a["version"] == "balanced"]
        result["contests"][kind] = {"sign": float(np.mean(sign)), "n": len(sign), "balanced": float(np.mean(close)),
                                    "n_balanced": len(close)}
    others = [(a, r) for a, r in zip(stories, replies) if a["contest"] != "us-russia"]
    result["confidence"] = confidence(*zip(*others))
    result["key"] = key_share(stories, replies)
    result["quoted"] = quoted_words(stories, replies, lambda a: dict(zip("12", a["sides"])))
    return result


def real_contest_figures(articles):
    """Real articles of contests that no training article was about, each contest in the request."""
    replies = answers([request(a["id"], a["title"], body(a), own_contest(a), output={"includeSentences": True})
                       for a in articles])
    gold, found = labelled_sentences(articles, replies)
    keywords = [SIDES.index(side) for side in keyword_lines(articles)]
    pairs = [(a["side"], probabilities_of(r), r["stance"].get("framing", {}).get("score", 0.0))
             for a, r in zip(articles, replies) if a["side"] is not None]
    decided = [(side, score) for side, _, score in pairs if side != 1]
    labels = [side for side, _, _ in pairs], [1 if p is None else int(np.argmax(p)) for _, p, _ in pairs]
    return {"articles": len(pairs), "sentences": len(gold), "contests": len({a["contest"] for a in articles}),
            "sentence": f1_score(gold, found, average="macro"), "sentence_keywords": f1_score(gold, keywords, average="macro"),
            "article": f1_score(*labels, average="macro"),
            "sign": float(np.mean([score * (1 - side) > 0 for side, score in decided])), "decided": len(decided),
            "confidence": confidence(articles, replies)}


def chosen_lines(a, reply):
    """Lines the summary takes its sentences from."""
    return [line_of(a, s["span"]) for s in reply["summary"].get("sentences", [])]


def key_share(articles, replies):
    used = [(a, r) for a, r in zip(articles, replies) if a["key"]]
    found = [len(set(chosen_lines(a, r)) & set(a["key"])) / len(a["key"]) for a, r in used]
    first = [[n for n, f in enumerate(a["furniture"]) if not f][:3] for a, _ in used]
    lead = [len(set(lines) & set(a["key"])) / len(a["key"]) for lines, (a, _) in zip(first, used)]
    return {"bundle": float(np.mean(found)), "lead3": float(np.mean(lead)), "n": len(used)}


def summary_figures(dev):
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeLsum"], use_stemmer=True)
    replies = answers([request(a["id"], "", body(a), parts=["ANALYSIS_PART_SUMMARY"],
                               summary={"maxSentences": 3}) for a in dev])
    result = {}
    for name, texts in (("bundle", ["\n".join(s["text"] for s in r["summary"].get("sentences", [])) for r in replies]),
                        ("lead3", ["\n".join(a["sentences"][:3]) for a in dev])):
        scores = [[100 * scorer.score(a["highlights"], text)[kind].fmeasure
                   for kind in ("rouge1", "rouge2", "rougeLsum")] for a, text in zip(dev, texts)]
        result[name] = dict(zip(("rouge1", "rouge2", "rougeLsum"), np.mean(scores, axis=0).tolist()))
    return result | {"n": len(dev)}


def furniture_figures(articles, replies):
    gold, found = [], []
    for a, r in zip(articles, replies):
        dropped = lines_in(a, [f["span"] for f in r["document"].get("furniture", [])])
        gold += a["furniture"]
        found += [int(n in dropped) for n in range(len(a["sentences"]))]
    precision, recall, f1, _ = precision_recall_fscore_support(gold, found, average="binary")
    return {"lines": len(gold), "furniture": sum(gold), "precision": precision, "recall": recall, "f1": f1}


def quoted_words(articles, replies, parties):
    """Words in quotation marks by whom they are given to, over the lines that are mostly quotation and carry another's voice.

    right: the annotated side's; for voices of nobody's side, a speaker of no side. wrong: another side's. side missed: a speaker
    without a side. nobody's: neither speaker nor side. `printed` counts what the text itself prints, without the model's part.
    """
    counts = {"printed": Counter(), "all": Counter()}
    for a, r in zip(articles, replies):
        of_voice = parties(a)
        spans = [(q, q["span"].get("startCodePoint", 0), q["span"]["endCodePoint"]) for q in r["stance"].get("quotations", [])]
        for start, line, voice, code in zip(starts_of(a), a["sentences"], a["voices"], a["codes"]):
            end = start + len(line)
            inside = [(q, len(line[max(first, start) - start:min(last, end) - start].split()))
                      for q, first, last in spans if first < end and last > start]
            if voice == "a" or code < 0 or 2 * sum(words for _, words in inside) <= len(line.split()):
                continue
            for q, words in inside:
                for name, counter in counts.items():
                    side = q.get("side", "") if name == "all" or not q.get("sideInferred") else ""
                    counter[verdict(side, q.get("speaker", ""), of_voice.get(voice, ""))] += words
    total = sum(counts["all"].values())
    return {"words": total} | {name: {kind: counter[kind] / total for kind in ("right", "wrong", "side missed", "nobody's")}
                               for name, counter in counts.items()}


def verdict(side, speaker, gold):
    if side:
        return "right" if side == gold else "wrong"
    if not speaker:
        return "nobody's"
    return "side missed" if gold else "right"


def main():
    set_up()
    corpus = Corpus(Reader())
    split = sys.argv[1] if len(sys.argv) > 1 else "dev"
    train = [a for a in corpus.of("train", "framing", "story") + corpus.of("held", "framing", "story")
             if a["contest"] == "us-russia"]
    dev, later = corpus.of(split, "framing"), corpus.of("dev_same_issuer", "framing")
    replies, later_replies = framing_replies(dev), framing_replies(later)
    result = {"dev": framing_figures(train, dev, replies),
              "dev + later": framing_figures(train, dev + later, replies + later_replies),
              "stories": story_figures(corpus.of(split, "story")), "contests": real_contest_figures(corpus.of(split, "contest")),
              "summary": summary_figures(corpus.of(split, "cnndm")),
              "key": key_share(dev, replies), "furniture": furniture_figures(dev, replies)}
    press = [(a, r) for a, r in zip(dev, replies) if not a["group"].startswith(ISSUER)]
    result["quoted"] = quoted_words(*zip(*press), lambda _: {"1": "us_nato", "2": "russia", "k": "ukraine"})
    result["polarity"] = polarity_figure(from_bundle(), corpus.reader, corpus, corpus.polarity_dev())
    result["us-russia"], result["any"] = result["dev"]["confidence"], result["stories"]["confidence"]
    write_json(WORK / f"{split}.json", result)
    errors = [f"{a['id']}\t{a['label']} {a['score'] or 0:+.2f}\t{most_probable(r)} {probabilities_of(r)}\t{a['title'][:70]}"
              for a, r in zip(dev, replies) if most_probable(r) != a["label"]]
    (WORK / f"{split}_errors.txt").write_text("\n".join(errors) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
