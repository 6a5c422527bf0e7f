"""Step `train`: encoder and heads together, end to end; work/network.pt, figures of each epoch in work/train.jsonl.

Every step reads a few articles and a few sentences of the polarity set. What is measured and kept is the running average of
the weights, at the epoch with the best sum of the held-out figures. It goes on from work/checkpoint.pt when there is one. With
CONTINUE=1 it starts from the shipped bundle's weights instead of the pretrained encoder's, at lower rates; with CONTINUE=FILE
from those of an earlier run.
"""

import hashlib
import json
import os
import random
import time

import numpy as np
import torch
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from batches import Corpus
from common import OWN_CONTEST, SEED, TRAINING, WORK, set_up
from measures import held_figures
from network import Network, from_bundle, from_state
from reader import Reader, shared_vectors, side_vectors, stance_logits

CONTINUE = os.environ.get("CONTINUE") or None
EPOCHS = int(os.environ.get("EPOCHS", 4 if CONTINUE else 6))
ARTICLES = 4
POLARITY_SENTENCES = 12
ENCODER_RATE, HEAD_RATE = (8e-5, 5e-4) if CONTINUE else (1e-4, 1e-3)
DECAY = 0.01
# Each layer below the last learns by this factor slower.
LAYER_DECAY = 0.9
WARM_UP = 0.06
# The rates fall to this share of themselves; the average of the last steps, about 1 / (1 - AVERAGE) of them, is what rests.
LAST_RATE = 0.2
AVERAGE = 0.998
WEIGHTS = {"sentence": 1.0, "article": 0.5, "relevance": 0.3, "salience": 0.5, "furniture": 0.3,
           "sourced": 0.2, "polarity": 1.0}


def optimiser_of(network, steps):
    layers = list(network.encoder.encoder.layer)
    groups = [{"params": list(network.heads.parameters()), "lr": HEAD_RATE}]
    for depth, layer in enumerate(reversed(layers)):
        groups.append({"params": list(layer.parameters()), "lr": ENCODER_RATE * LAYER_DECAY ** depth})
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    warm = max(1, int(WARM_UP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, LAST_RATE + (1 - LAST_RATE) * (steps - step) / max(1, steps - warm)))
    return optimiser, schedule


def binary(logits, targets):
    """One value a row."""
    return functional.binary_cross_entropy_with_logits(logits, targets.float(), reduction="none")


def article_losses(network, readings, read, claims, corpus, losses):
    """Adds the losses of some articles to `losses`, as (name, values, weights)."""
    for reading, vectors in zip(readings, read):
        a, text = reading.article, reading.text
        rows = shared_vectors(text, vectors)
        labelled = reading.sides >= 0
        if labelled.any():
            logits, article = stance_logits(network, *side_vectors(network, text, vectors, claims.get(a["claims_key"])))
            sides = reading.sides[labelled]
            losses["sentence"].append((functional.cross_entropy(logits[labelled], reading.targets[labelled], reduction="none"),
                                       corpus.sentence_weight[sides]))
            # An article about something else gives neither side's account.
            side = 1 if a["side"] is None and a["set"] in OWN_CONTEST else a["side"]
            if side is not None:
                side = torch.tensor(side)
                losses["article"].append((functional.cross_entropy(article[None], side[None], reduction="none"),
                                          corpus.article_weight[side][None]))
            if a["set"] != "debate":
                sourced = network.head("sourced", rows)[labelled, 0]
                losses["sourced"].append((binary(sourced, reading.sourced[labelled]), None))
        # Articles of other contests may touch this one; nobody said whether they do.
        if a["set"] not in ("contest", "cnndm", "debate") and not reading.renamed:
            logit = network.head("relevance", {"article": rows["article"][:1]})[:, 0]
            applies = torch.tensor([float(a["contest"] == "us-russia" and a["label"] != "unrelated")])
            losses["relevance"].append((binary(logit, applies), None))
        if reading.salient is not None:
            story = reading.furniture == 0
            logits = network.head("salience", rows)[:, 0]
            weight = 1.0 if a["set"] == "cnndm" else 2.0
            losses["salience"].append((binary(logits[story], reading.salient[story]),
                                       torch.full((int(story.sum()),), weight)))
        if a["set"] == "framing":
            body = reading.furniture >= 0
            losses["furniture"].append((binary(network.head("furniture", rows)[body, 0], reading.furniture[body]), None))


def weighted_mean(parts):
    values = torch.cat([v for v, _ in parts])
    weights = torch.cat([torch.ones_like(v) if w is None else w for v, w in parts])
    return (values * weights).sum() / weights.sum()


def step_loss(network, reader, corpus, articles, sentences, draw):
    """Loss of one step, and its parts."""
    readings = [corpus.reading(a, draw) for a in articles]
    keys = sorted({a["claims_key"] for a in articles if a["claims_key"]})
    claim_texts = [corpus.claims[key] for key in keys]
    polarity = corpus.polarity_text(sentences)
    read = reader.read(network, [r.text for r in readings] + [polarity] + [t for sides in claim_texts for t in sides],
                       half=True)
    claims = {key: [read[len(readings) + 1 + 2 * n + side]["sentence"].mean(dim=0) for side in (0, 1)]
              for n, key in enumerate(keys)}
    losses = {name: [] for name in WEIGHTS}
    article_losses(network, readings, read, claims, corpus, losses)
    found = read[len(readings)]
    places = torch.tensor([n for n, _, _, _ in polarity.mentions])
    logits = network.head("polarity", {"mention": found["mention"], "sentence": found["sentence"][places]})
    labels = torch.tensor([sentences[n]["label"] for n in places.tolist()])
    losses["polarity"].append((functional.cross_entropy(logits, labels, reduction="none"),
                               corpus.polarity_weight[labels]))
    parts = {name: weighted_mean(values) for name, values in losses.items() if values}
    return sum(WEIGHTS[name] * value for name, value in parts.items()), parts


def run_of(network):
    """What a checkpoint belongs to: the articles, the first weights, the settings of this file and how articles are read."""
    run = hashlib.sha256((WORK / "articles.json").read_bytes())
    for weights in network.state_dict().values():
        run.update(weights.numpy().tobytes())
    settings = [DECAY, WARM_UP, LAST_RATE, AVERAGE, EPOCHS, ARTICLES, POLARITY_SENTENCES, ENCODER_RATE, HEAD_RATE, LAYER_DECAY,
                WEIGHTS, (TRAINING / "batches.py").read_text(encoding="utf-8"), [name for name, _ in network.named_parameters()]]
    run.update(json.dumps(settings).encode())
    return run.hexdigest()


def first_network():
    """What training starts from."""
    if CONTINUE is None:
        return Network()
    return from_bundle() if CONTINUE == "1" else from_state(torch.load(CONTINUE, weights_only=True))


def main():
    set_up()
    reader = Reader()
    corpus = Corpus(reader)
    network = first_network()
    steps_each = corpus.steps(ARTICLES)
    optimiser, schedule = optimiser_of(network, EPOCHS * steps_each)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
    best, first = -np.inf, 0
    checkpoint = WORK / "checkpoint.pt"
    run = run_of(network)
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=False)
        if saved["run"] != run:
            raise SystemExit(f"{checkpoint} belongs to other articles or settings: remove it to start anew")
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        best, first = saved["best"], saved["epoch"]
    log = open(WORK / "train.jsonl", "a", encoding="utf-8")
    for epoch in range(first, EPOCHS):
        draw = random.Random(SEED + epoch)
        torch.manual_seed(SEED + epoch)
        network.train()
        began, seen = time.time(), []
        for step, (articles, sentences) in enumerate(corpus.epoch(draw, ARTICLES, POLARITY_SENTENCES)):
            loss, parts = step_loss(network, reader, corpus, articles, sentences, draw)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            average.update_parameters(network)
            seen.append({name: value.item() for name, value in parts.items()})
            if step % 40 == 39:
                recent = seen[-40:]
                means = {n: round(float(np.mean([p[n] for p in recent if n in p])), 3) for n in WEIGHTS}
                print(epoch, step + 1, steps_each, round(time.time() - began), means, flush=True)
        average.eval()
        figures = held_figures(average.module, reader, corpus)
        entry = {"epoch": epoch, "seconds": round(time.time() - began)} | figures
        print(json.dumps(entry), file=log, flush=True)
        print(entry, flush=True)
        if figures["sum"] > best:
            best = figures["sum"]
            torch.save(average.module.state_dict(), WORK / "network.pt")
        torch.save({"network": network.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(),
                    "schedule": schedule.state_dict(), "best": best, "epoch": epoch + 1, "run": run}, checkpoint)


if __name__ == "__main__":
    main()
