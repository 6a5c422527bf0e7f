"""Figures on the articles held out of training, after each epoch."""

import re

import numpy as np
import torch
from sklearn.metrics import f1_score

from common import OWN_CONTEST
from reader import side_vectors, speaker_logits, stance_logits

QUOTED = re.compile("[\"“”]")


def outputs(network, reader, corpus, articles):
    """What the network says about articles, by id: numbers a sentence of the list (title first) and of the article."""
    result, claims = {}, {}
    with torch.inference_mode():
        for a in articles:
            reading = corpus.reading(a)
            key = a["claims_key"]
            if key and key not in claims:
                claims[key] = [r["sentence"].mean(dim=0) for r in reader.read(network, corpus.claims[key])]
            [read] = reader.read(network, [reading.text])
            rows, sides = side_vectors(network, reading.text, read, claims.get(key))
            stance, article = stance_logits(network, rows, sides)
            result[a["id"]] = {
                "stance": torch.softmax(stance, dim=1).numpy(),
                "article": torch.softmax(article, dim=0).numpy(),
                "speaker": torch.softmax(speaker_logits(network, rows, sides), dim=1).numpy(),
                "salience": torch.sigmoid(network.head("salience", rows))[:, 0].numpy(),
                "sourced": torch.sigmoid(network.head("sourced", rows))[:, 0].numpy(),
                "relevance": float(network.head("relevance", {"article": rows["article"][:1]})[0, 0]),
                "sides": reading.sides.numpy(), "salient": reading.salient, "title": int(bool(a["title"])),
                "gold_sourced": reading.sourced.numpy(), "gold_speaker": reading.speakers.numpy(),
                "quoted": np.array([False] * int(bool(a["title"])) + [QUOTED.search(a["sentences"][n]) is not None
                                                                      for n, f in enumerate(a["furniture"]) if not f]),
            }
    return result


def polarity_figure(network, reader, corpus, records):
    found, gold = [], []
    with torch.inference_mode():
        for first in range(0, len(records), 64):
            some = records[first:first + 64]
            text = corpus.polarity_text(some)
            [read] = reader.read(network, [text])
            places = [n for n, _, _, _ in text.mentions]
            logits = network.head("polarity", {"mention": read["mention"], "sentence": read["sentence"][places]})
            found += logits.argmax(dim=1).tolist()
            gold += [some[n]["label"] for n in places]
    return f1_score(gold, found, average="macro")


def key_share(articles, out):
    """Share of the annotated sentences among our best three."""
    shares = []
    for a in articles:
        o = out[a["id"]]
        if o["salient"] is not None:
            best = np.argsort(-o["salience"][o["title"]:], kind="stable")[:3]
            shares.append(o["salient"].numpy()[o["title"]:][best].sum() / o["salient"].numpy().sum())
    return float(np.mean(shares))


def labelled(articles, out, name, gold):
    """Outputs and labels of all labelled sentences."""
    outputs_of = [out[a["id"]] for a in articles]
    kept = [(o, o["sides"] >= 0) for o in outputs_of]
    return np.concatenate([o[name][k] for o, k in kept]), np.concatenate([o[gold][k] for o, k in kept])


def held_figures(network, reader, corpus, split="held"):
    articles, debates = corpus.of(split, "framing", *OWN_CONTEST), corpus.of(split, "debate")
    out = outputs(network, reader, corpus, articles + debates)
    stance, gold = labelled(debates, out, "stance", "sides")
    figures = {"debate sentence": f1_score(gold, stance.argmax(axis=1), average="macro")}
    for name, kept in (("real", lambda a: a["set"] == "framing"),
                       ("other", lambda a: a["set"] == "story" and a["contest"] != "us-russia"),
                       ("contest", lambda a: a["set"] == "contest")):
        some = [a for a in articles if kept(a)]
        stance, gold = labelled(some, out, "stance", "sides")
        figures[f"{name} sentence"] = f1_score(gold, stance.argmax(axis=1), average="macro")
        applies = [a for a in some if a["side"] is not None]
        found = [int(out[a["id"]]["article"].argmax()) for a in applies]
        figures[f"{name} article"] = f1_score([a["side"] for a in applies], found, average="macro")
        mean = {a["id"]: float((out[a["id"]]["stance"][:, 0] - out[a["id"]]["stance"][:, 2]).mean()) for a in applies}
        decided = [a for a in applies if a["side"] != 1]
        figures[f"{name} sign"] = np.mean([mean[a["id"]] * (1 - a["side"]) > 0 for a in decided])
        figures[f"{name} correlation"] = np.corrcoef([mean[a["id"]] for a in applies], [a["score"] for a in applies])[0, 1]
        figures[f"{name} key"] = key_share(some, out)
    real = [a for a in articles if a["set"] == "framing"]
    figures["relevance"] = f1_score([a["side"] is not None for a in real], [out[a["id"]]["relevance"] > 0 for a in real])
    found, gold = labelled(real, out, "sourced", "gold_sourced")
    figures["sourced"] = f1_score(gold, found > 0.5)
    figures["polarity"] = polarity_figure(network, reader, corpus, corpus.polarity_held)
    figures = {name: round(float(value), 4) for name, value in figures.items()}
    chosen = ("real sentence", "contest sentence", "other sentence", "real article", "contest article", "other article",
              "real key", "polarity")
    return figures | {"sum": round(sum(figures[name] for name in chosen), 4)}
