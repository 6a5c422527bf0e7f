"""Second half of step `export`: MODEL_CARD.md, its figures taken from work/report.json."""

from common import BUNDLE, WORK, read_json

CARD = """\
# parallax-minilm 0.2.0

A sentence encoder and six small heads that read a news article: which sentences matter (salience), whose account a
sentence carries in the built-in contest `us-russia` (framing), whether that contest is what the article is about
(relevance), how a sentence treats a person or party it names (polarity), which side's claims a sentence is near to
in a contest given at request time (alignment), and whether it is no part of the story (furniture). English only.
`manifest.toml` defines inputs, labels and files, `calibration.toml` the way from sentence scores to the answer for an
article.

The encoder is all-MiniLM-L6-v2 (Apache-2.0, 22.7 M parameters), weights rounded to half precision, otherwise
unchanged: **in this version it is frozen and only the heads are trained.** That is a baseline that runs, not a model to
rely on. On articles its framing loses to word counts, and with sides and claims given at request time it is no better
than chance (below). Licence of the bundle: Apache-2.0.

## Data
| set | for | licence as found |
|---|---|---|
| framing_us_russia: 372 articles and statements, annotated by a language model from a written guide | framing, salience, relevance, furniture, calibration | annotations: this project's; texts with their publishers |
| framing_stories: 180 articles of 45 stories written for this project | the same, and alignment | this project's |
| NewsMTSC (train; dev for figures only) | polarity | MIT-style |
| CNN/DailyMail, 1,000 articles with highlights | salience (greedy ROUGE oracle) | MIT (repository) |
| AllSides articles, 400 without a word of the contest | relevance (weak negatives) | Apache-2.0 (repository) |

No text of these sets is in the repository. Datelines, credits, hashtags, speaker labels and outlet names are taken out
of training articles; dev articles are left as they are. Furniture is left out by its annotation, so the other figures
do not contain errors of the furniture rules; the furniture head reads all lines as printed.

## Splits
Ids in `models/training/splits/`. `framing_us_russia` by outlet: {dev_n} dev articles from 16 outlets never trained on.
One ministry wrote 56 of the 63 articles labelled `russia`, so a split by outlet leaves dev only 5 of them: the F1 of
`russia` hangs on single articles. The ministry's latest quarter (16 articles) is therefore a second list,
`dev_same_issuer`, shown apart: same issuer as in training, later dates. Stories by story (11 of 45), CNN/DailyMail the
last 200. Sizes, class balance and decay were chosen on out-of-fold figures of training articles, never on dev.

## Figures on dev
Baselines measured in the same run on the same articles. TF-IDF: words and word pairs, logistic regression with balanced
classes, trained on the same articles as the head.

### Framing
{framing}

### Contests given at request time (`framing_stories`, dev stories)
score = P(first) - P(second). All scores are small, so `balanced within 0.25` says nothing here.

{contests}

Largest deviation under exchange of the two sides: {swap:.1e} (exact by construction).

### Salience
{salience}

### Target polarity (`newsmtsc_dev`, {polarity_n} mentions; sentences encoded alone)
{polarity}

### Calibration
{calibration}

The ordered logit is fitted with equal weight for the three classes: without, `balanced` can never be the answer.

{class_weights}

### Furniture
Annotated sentences, each a line of its text, the title given; "left out" counts as found. The rules are those of
`src/article` (their verdicts are in `splits/furniture_rules.json`, made by `make rules`); the head alone reads all lines
and decides at 0.5; together, the head reads what the rules let through and decides at `drop_above`.

{furniture}

{furniture_note}

### Window size
Out of fold, macro-F1 of the sentence side / of the three article labels: 128 tokens 0.646 / 0.602, 256 tokens
0.623 / 0.564, 512 tokens 0.640 / 0.592. No clear winner; 512 is kept.

## Limits and known errors
- Frozen features carry topic far better than vantage point. TF-IDF wins on article framing, and by outlet also on
  sentence framing. The floors of the project (0.78 for articles, 0.72 for sentences) are not reached.
- The Russian account is recognised in the manner of one ministry; in news articles it is mostly missed.
- A balanced article is hard to tell from one that leans softly; most of the contest's articles lie below the abstain
  threshold.
- `any`: the sign of the score is at chance and no threshold brings the risk to 10 %, so `abstain_below` is 1: the server
  never answers with a label on a contest given at request time. It shows the score all the same; do not rely on it.
- An article about something else that names both sides (sport, say) can be taken for the contest's.
- The summary is hardly better than LEAD-3 (ROUGE-2 is lower); on stories the key sentences are not found better
  than by LEAD-3.
- The furniture head tells captions and notes from the story far worse than the rules do; it changes no answer.
- Polarity was trained on sentences encoded alone; the server pools mentions from windows with context.
- The article-level dev figures rest on 83 articles and 5 of `russia`; the risk on dev on the 6 articles answered.
- Annotations come from one model family and one guide; agreement between passes is an upper bound of quality.

## Reproduce
```
cd models/training
make all            # env, prepare, features, train, evaluate, export; DATA=<folder> if not ../shared/data
```
About ten minutes on two cores. `tune.py` prints the out-of-fold comparisons; `features.py 128` and `tune.py framing
features_128.pt` those of the window.
"""


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value):
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def per_class(title, figures, labels, names):
    """One row a method: macro-F1, then F1 of each class with its count in the head of the column."""
    first = next(iter(figures.values()))
    head = [title, "macro-F1"] + [f"{label} (n={first[f'n {label}']})" for label in labels]
    rows = [[name, number(figures[key]["macro_f1"])] + [number(figures[key][f"f1 {label}"]) for label in labels]
            for key, name in names.items() if key in figures]
    return table(head, rows)


def framing_tables(report):
    parts = []
    names = {"heads": "this bundle", "tfidf": "TF-IDF + logistic regression", "majority": "majority class"}
    for split, title in (("dev", "outlets never trained on"), ("dev + dev_same_issuer", "with the ministry's latest")):
        figures = report[split]
        parts.append(per_class(f"article, {title}", figures["article"],
                               ["us_nato", "balanced", "russia", "unrelated"], names))
        parts.append(per_class(f"sentence, {title}", figures["sentence"], ["us_nato", "none", "russia"], names))
        parts.append(f"Relevance (applies or not), F1 of `applies`, {title}: {figures['article']['relevance_f1']:.3f}.")
    return "\n\n".join(parts)


def contest_table(report):
    rows = [[kind, f"{f['sign_right']:.2f} of {f['n']}", f"{f['balanced_close']:.2f} of {f['n_balanced']}"]
            for kind, f in report["stories"]["other_contests"].items()]
    return table(["contests", "sign right (A and B)", "balanced within 0.25"], rows)


def salience_tables(report):
    summary, keys = report["summary"], []
    rouge = table([f"three sentences, CNN/DailyMail (n={summary['heads']['n']})", "ROUGE-1", "ROUGE-2", "ROUGE-Lsum"],
                  [[name, *(f"{summary[key][kind]:.2f}" for kind in ("rouge1", "rouge2", "rougeLsum"))]
                   for key, name in (("heads", "this bundle"), ("lead3", "LEAD-3"))])
    for where, figures in (("framing_us_russia dev", report["dev"]), ("framing_stories dev", report["stories"])):
        share = figures["key_sentences"]
        keys.append([f"{where} (n={share['n']})", number(share["heads"]), number(share["lead3"])])
    return rouge + "\n\n" + table(["share of the annotated key sentences in the first three", "this bundle", "LEAD-3"],
                                  keys)


def calibration_table(report):
    rows = []
    for name, figures in (("us-russia", report["dev"]["confidence"]), ("any", report["stories"]["confidence"])):
        fitted = report["calibration"][name]
        rows.append([f"{name} (n={figures['n']})", number(figures["ece"]), number(fitted["abstain_below"]),
                     f"{fitted['oof_risk']:.3f} / {fitted['oof_answered']:.3f}",
                     f"{figures['risk']:.3f} / {figures['answered']:.3f}",
                     "yes" if fitted["reached"] else "no: nothing is answered"])
    return table(["", "ECE, dev", "abstain below", "risk / answered, out of fold", "risk / answered, dev",
                  "risk of 10 % reached"], rows)


def class_weight_table(report):
    figures = report["class_weights"]
    rows = [[name, *(number(figures[f"{name} {where}"][kind]) for where in ("oof", "dev")
                     for kind in ("macro_f1", "ece"))] for name in ("weighted", "unweighted")]
    return table(["us-russia, three labels", "macro-F1, out of fold", "ECE, out of fold", "macro-F1, dev", "ECE, dev"],
                 rows)


def furniture_table(report):
    rows = []
    for split, title in (("dev", "outlets never trained on"), ("dev + dev_same_issuer", "with the ministry's latest")):
        figures = report[split]["furniture"]
        rows += [[f"{title}, {figures['furniture']} of {figures['lines']} lines: {name}",
                  *(number(figures[key][kind]) for kind in ("precision", "recall", "f1"))]
                 for key, name in (("rules", "rules"), ("head", "head"), ("both", "rules and head"))]
    return table(["", "precision", "recall", "F1"], rows)


def furniture_note(report):
    fitted = report["calibration"]["furniture"]
    if fitted["reached"]:
        return f"`drop_above` is {fitted['drop_above']:.3f}, chosen out of fold."
    return ("Out of fold no threshold makes nine in ten of the head's additions right, so `drop_above` is 1 and the\n"
            "head leaves nothing out.")


def main():
    report = read_json(WORK / "report.json")
    (BUNDLE / "MODEL_CARD.md").write_text(CARD.format(
        dev_n=report["dev"]["article"]["heads"]["n"], framing=framing_tables(report), contests=contest_table(report),
        swap=report["stories"]["side_swap"], salience=salience_tables(report),
        polarity_n=report["polarity"]["heads"]["n"],
        polarity=per_class("", report["polarity"], ["negative", "neutral", "positive"],
                           {"heads": "this bundle", "majority": "majority class"}),
        furniture=furniture_table(report), furniture_note=furniture_note(report),
        calibration=calibration_table(report), class_weights=class_weight_table(report)), encoding="utf-8")


if __name__ == "__main__":
    main()
