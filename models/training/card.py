"""Step `card`: MODEL_CARD.md and its two plots, from work/dev.json, work/probes.json, work/calibration.json and figures/ of earlier versions."""

import matplotlib
import numpy as np

from common import ARTICLE_LABELS, BUNDLE, ROOT, TRAINING, WORK, read_json, write_json
from export import VERSION
from stories import blocks, read_stories

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (the backend comes first)

IMAGES = ROOT / "docs" / "images"
EARLIER = "0.5.0"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def per_class(title, figures, labels, names):
    """One row a method: macro-F1, then F1 of each class with its count in the head of the column."""
    first = figures["bundle"]
    head = [title, "macro-F1"] + [f"{label} (n={first[f'n {label}']})" for label in labels]
    return table(head, [[name, f"{figures[key]['macro_f1']:.3f}"] + [f"{figures[key][f'f1 {label}']:.3f}" for label in labels]
                        for key, name in names.items() if key in figures])


def framing(dev, earlier):
    names = {"bundle": "this bundle", "earlier": f"bundle {EARLIER}", "tfidf": "TF-IDF + logistic regression",
             "keywords": "words of the claims, counted", "majority": "majority class"}
    parts = []
    for split, title in (("dev", "outlets never trained on"), ("dev + later", "with the ministry's latest")):
        for kind, labels in (("article", ARTICLE_LABELS), ("sentence", ["us_nato", "none", "russia"])):
            figures = dev[split][kind] | {"earlier": earlier[split][kind]["bundle"]}
            parts.append(per_class(f"{kind}, {title}", figures, labels, names))
    return "\n\n".join(parts)


def contests(dev, earlier):
    rows = []
    for kind, f in dev["stories"]["contests"].items():
        e = earlier["stories"]["contests"][kind]
        rows.append([kind, f"{f['sign']:.2f} of {f['n']}", f"{e['sign']:.2f}", f"{f['balanced']:.2f} of {f['n_balanced']}"])
    return table(["contests", "sign right (A and B)", f"sign, bundle {EARLIER}", "balanced within 0.25"], rows)


def real_contests(dev, earlier):
    rows = [[name, f"{f['sentence']:.3f}", f"{f['article']:.3f}", f"{f['sign']:.2f}"]
            for name, f in (("this bundle", dev["contests"]), (f"bundle {EARLIER}", earlier["contests"]))]
    f = dev["contests"]
    rows.append(["words of the claims, counted", f"{f['sentence_keywords']:.3f}", "", ""])
    return table([f"{f['contests']} contests", f"sentence, macro-F1 (n={f['sentences']})",
                  f"article, macro-F1 (n={f['articles']})", f"sign right (n={f['decided']})"], rows)


def summaries(dev, earlier):
    s = dev["summary"]
    rows = [[name, *(f"{figures[kind]:.2f}" for kind in ("rouge1", "rouge2", "rougeLsum"))]
            for name, figures in (("this bundle", s["bundle"]), (f"bundle {EARLIER}", earlier["summary"]["bundle"]),
                                  ("LEAD-3", s["lead3"]))]
    rouge = table([f"three sentences, CNN/DailyMail (n={s['n']})", "ROUGE-1", "ROUGE-2", "ROUGE-Lsum"], rows)
    keys = [[f"{where} (n={f['n']})", f"{f['bundle']:.3f}", f"{e['bundle']:.3f}", f"{f['lead3']:.3f}"]
            for where, f, e in (("framing_us_russia dev", dev["key"], earlier["key"]),
                                ("framing_stories dev", dev["stories"]["key"], earlier["stories"]["key"]))]
    return rouge + "\n\n" + table(["annotated key sentences in a summary of three", "this bundle", f"bundle {EARLIER}",
                                   "LEAD-3"], keys)


def confidence(dev, fitted):
    rows = []
    measured = {"us-russia": dev["us-russia"], "us-russia, with the ministry's latest": dev["dev + later"]["confidence"],
                "any, written stories": dev["any"], "any, real articles": dev["contests"]["confidence"]}
    for name, f in measured.items():
        c = fitted[name.split(",")[0]]
        rows.append([f"{name} (n={f['n']})", *(f"{f[key]:.3f}" for key in ("accuracy", "ece", "ece_by_chance")), f"{c['abstain_below']:.3f}",
                     f"{c['risk']:.3f} / {c['answered']:.3f}", f"{f['risk']:.3f} / {f['answered']:.3f}"])
    return table(["contest", "accuracy of the three labels, dev", "ECE, dev", "ECE by chance", "abstain below",
                  f"risk / answered, held ({fitted['us-russia']['articles']} and {fitted['any']['articles']} articles)",
                  "risk / answered, dev"], rows)


def quoted(dev):
    kinds = ("right", "wrong", "side missed", "nobody's")
    rows = [[f"{where}, {name} ({f['words']} words)", *(f"{f[key][kind]:.3f}" for kind in kinds)]
            for where, f in (("framing_us_russia dev, press", dev["quoted"]), ("framing_stories dev", dev["stories"]["quoted"]))
            for key, name in (("printed", "by print alone"), ("all", "with the model"))]
    return table(["quoted words", "right", "wrong side", "speaker found, side missed", "neither"], rows)


def plot_reliability(dev):
    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.8), sharey=True)
    for axis, (name, title) in zip(axes, (("us-russia", "us-russia"), ("any", "contests of a request"))):
        confidences, right = np.array(dev[name]["confidences"]), np.array(dev[name]["right"])
        place = np.minimum((confidences * 10).astype(int), 9)
        used = [b for b in range(10) if (place == b).any()]
        axis.plot([1 / 3, 1], [1 / 3, 1], color="grey", linewidth=1)
        axis.scatter([confidences[place == b].mean() for b in used], [right[place == b].mean() for b in used],
                     s=[12 * (place == b).sum() for b in used], alpha=0.7)
        axis.set(title=f"{title}: {len(right)} articles, ECE {dev[name]['ece']:.3f}", xlabel="confidence", xlim=(0.3, 1.02),
                 ylim=(-0.02, 1.05))
    axes[0].set_ylabel("share right")
    figure.tight_layout()
    figure.savefig(IMAGES / "reliability.png", dpi=110)


def plot_confusion(dev):
    counts = np.array(dev["dev + later"]["confusion"])
    figure, axis = pyplot.subplots(figsize=(4.6, 4.2))
    axis.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    axis.set(xticks=range(4), yticks=range(4), xticklabels=ARTICLE_LABELS, yticklabels=ARTICLE_LABELS, xlabel="answered",
             ylabel="annotated")
    for row in range(4):
        for column in range(4):
            axis.text(column, row, counts[row, column], ha="center", va="center")
    figure.tight_layout()
    figure.savefig(IMAGES / "confusion.png", dpi=110)


def probes():
    rows = [[p["probe"], p["expected"], ("decided: " if p["decided"] else "abstained, ") + p["found"],
             "–" if p["score"] is None else f"{p['score']:+.2f}"] for p in read_json(WORK / "probes.json")]
    return table(["probe", "expected", "answered", "score"], rows)


def story_count():
    """Articles of `stories/`, and the contests beside `us-russia` in them."""
    stories = list(read_stories())
    others = {a["contest"]["id"] for a in stories} - {"us-russia"}
    return f"{len(stories)} articles of {len({a['story'] for a in stories})} stories, {len(others)} contests beside `us-russia`"


def annotated_count():
    return len((TRAINING / "annotations.jsonl").read_text(encoding="utf-8").splitlines())


def contest_count():
    """Articles of `contests/`, and the contests."""
    files = [path.read_text(encoding="utf-8") for path in (TRAINING / "contests").glob("*.txt")]
    articles = sum(len(blocks(text, "---")) - 1 for text in files)
    return f"{articles} articles of {len(files)} contests"


def main():
    dev, fitted = read_json(WORK / "dev.json"), read_json(WORK / "calibration.json")
    earlier = read_json(TRAINING / "figures" / f"{EARLIER}.json")
    IMAGES.mkdir(parents=True, exist_ok=True)
    plot_reliability(dev)
    plot_confusion(dev)
    f = dev["furniture"]
    text = (TRAINING / "card.md").read_text(encoding="utf-8")
    (BUNDLE / "MODEL_CARD.md").write_text(text.format(
        version=VERSION, framing=framing(dev, earlier), contests=contests(dev, earlier),
        real_contests=real_contests(dev, earlier), swap=dev["stories"]["swap"],
        summaries=summaries(dev, earlier), polarity=dev["polarity"], polarity_earlier=earlier["polarity"],
        confidence=confidence(dev, fitted), mode=dev["dev"]["mode"], off_topic=dev["dev"]["off_topic"],
        story_count=story_count(), annotated=annotated_count(), contest_count=contest_count(), probes=probes(),
        quoted=quoted(dev), earlier=EARLIER,
        furniture=f"precision {f['precision']:.3f}, recall {f['recall']:.3f}, F1 {f['f1']:.3f} "
                  f"({f['furniture']} of {f['lines']} lines)"), encoding="utf-8")
    for name in ("us-russia", "any"):
        del dev[name]
    for part in (dev["dev"], dev["dev + later"], dev["stories"], dev["contests"]):
        del part["confidence"]["confidences"], part["confidence"]["right"]
    write_json(TRAINING / "figures" / f"{VERSION}.json", dev)


if __name__ == "__main__":
    main()
