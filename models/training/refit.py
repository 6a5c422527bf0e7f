"""Step `refit`: three heads once more, on the finished encoder; work/network.pt anew.

Training draws a few of the weak negatives and summary articles each epoch and reads half of the articles with their
furniture. Here every training article is read once, as the server reads it, and the heads are fitted until the held
articles get no better. Salience is fitted as a choice among the sentences of an article (softmax over the list), because
a summary needs their order; its logits are then scaled to probabilities.
"""

import copy

import numpy as np
import torch
from torch.nn import functional

from batches import Corpus
from calibrate import fit_platt
from common import WORK, set_up
from network import HEADS, joined, mlp, trained
from reader import Reader, shared_vectors

EPOCHS, PATIENCE, RATE, DECAY = 40, 6, 1e-3, 0.05
ROWS, ARTICLES = 256, 16
SETS = ("framing", "story", "weak_negative", "cnndm")


def examples_of(network, corpus, split):
    """(input rows, labels) an article for each head."""
    examples = {"relevance": [], "sourced": [], "salience": []}
    with torch.inference_mode():
        for a in corpus.of(split, *SETS):
            reading = corpus.reading(a)
            [read] = corpus.reader.read(network, [reading.text])
            vectors = shared_vectors(reading.text, read)
            rows = {name: joined(HEADS[name][0], vectors) for name in examples}
            if a["set"] != "cnndm":
                applies = float(a["contest"] == "us-russia" and a["label"] != "unrelated")
                examples["relevance"].append((rows["relevance"][:1], torch.tensor([applies])))
            labelled = reading.sides >= 0
            if labelled.any():
                examples["sourced"].append((rows["sourced"][labelled], reading.sourced[labelled].float()))
            if reading.salient is not None and reading.salient.sum() > 0:
                body = int(bool(a["title"]))
                examples["salience"].append((rows["salience"][body:], reading.salient[body:]))
    return examples


def row_loss(head, examples):
    rows, labels = (torch.cat(parts) for parts in zip(*examples))
    return functional.binary_cross_entropy_with_logits(head(rows)[:, 0], labels)


def list_loss(head, examples):
    """Cross-entropy of the choice among the sentences of each article; its labels share the probability."""
    losses = [functional.cross_entropy(head(rows)[:, 0], labels / labels.sum()) for rows, labels in examples]
    return torch.stack(losses).mean()


def batches(examples, loss):
    """Articles in random order; single rows are gathered until a batch is full."""
    order = [examples[n] for n in torch.randperm(len(examples)).tolist()]
    if loss is list_loss:
        return [order[n:n + ARTICLES] for n in range(0, len(order), ARTICLES)]
    rows, labels = (torch.cat(parts) for parts in zip(*order))
    mixed = torch.randperm(len(rows))
    return [[(rows[some], labels[some])] for some in mixed.split(ROWS)]


def fit(name, loss, train, held):
    """The head at its best epoch on the held articles. Inputs are standardised; the first layer takes that in."""
    rows = torch.cat([rows for rows, _ in train])
    mean, scale = rows.mean(dim=0), rows.std(dim=0) + 1e-6
    standard = [[((rows - mean) / scale, labels) for rows, labels in examples] for examples in (train, held)]
    head = mlp(*HEADS[name])
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    best, best_head, waited = np.inf, None, 0
    for _ in range(EPOCHS):
        head.train()
        for some in batches(standard[0], loss):
            value = loss(head, some)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
        head.eval()
        with torch.inference_mode():
            value = loss(head, standard[1]).item()
        if value < best:
            best, best_head, waited = value, copy.deepcopy(head), 0
        else:
            waited += 1
        if waited == PATIENCE:
            break
    print(f"{name}: held loss {best:.4f}, {len(train)} articles", flush=True)
    first = next(layer for layer in best_head if isinstance(layer, torch.nn.Linear))
    with torch.no_grad():
        first.bias -= first.weight @ (mean / scale)
        first.weight /= scale
    return best_head


def scale_to_probabilities(head, held):
    """Folds the scale and offset of a Platt scaling into the last layer."""
    with torch.inference_mode():
        logits = np.concatenate([head(rows)[:, 0].numpy() for rows, _ in held])
    gold = np.concatenate([labels.numpy() for _, labels in held]) > 0
    temperature, offset = fit_platt(logits, gold, decay=0.0)
    with torch.no_grad():
        head[-1].weight /= temperature
        head[-1].bias.div_(temperature).add_(offset)


def main():
    set_up()
    corpus, network = Corpus(Reader()), trained()
    train, held = examples_of(network, corpus, "train"), examples_of(network, corpus, "held")
    for name, loss in (("relevance", row_loss), ("sourced", row_loss), ("salience", list_loss)):
        network.heads[name] = fit(name, loss, train[name], held[name])
    scale_to_probabilities(network.heads["salience"], held["salience"])
    torch.save(network.state_dict(), WORK / "network.pt")


if __name__ == "__main__":
    main()
