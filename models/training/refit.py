"""Step `refit`: some heads on the finished encoder; work/network.pt anew.

Training draws a few of the weak negatives and summary articles each epoch and reads half of the articles with their
furniture. Here every article is read once, without it (training ones in bfloat16, 0.001 off), and the heads are fitted until
the held articles get no better. Salience is fitted as a choice among the sentences of an article (softmax over the list),
because a summary needs their order; its logits are then scaled to probabilities. Whose people speak (`speaker`, `outsider`)
is fitted here alone. Every head is the mean of several that differ in their seeds alone: with so few articles one seed
differs from the next as much as one setting from another.
"""

import copy

import numpy as np
import torch
from torch.nn import functional

from batches import Corpus
from calibrate import fit_platt
from common import OWN_CONTEST, WORK, set_up
from network import HEADS, MEMBERS, joined, mlp, trained
from reader import Reader, shared_vectors, side_vectors

EPOCHS, PATIENCE, RATE, DECAY = 40, 6, 1e-3, 0.05
ROWS, ARTICLES = 256, 16
SETS = ("framing", *OWN_CONTEST, "weak_negative", "cnndm")


def examples_of(network, corpus, split):
    """(input rows, labels) an article for each head; of `speaker` the rows of both sides and those of `outsider`."""
    examples = {"relevance": [], "sourced": [], "salience": [], "speaker": []}
    claims = {}
    with torch.inference_mode():
        for a in corpus.of(split, *SETS):
            reading = corpus.reading(a)
            [read] = corpus.reader.read(network, [reading.text], half=split == "train")
            vectors = shared_vectors(reading.text, read)
            rows = {name: joined(HEADS[name][0], vectors) for name in ("relevance", "sourced", "salience")}
            if a["set"] not in ("contest", "cnndm"):
                applies = float(a["contest"] == "us-russia" and a["label"] != "unrelated")
                examples["relevance"].append((rows["relevance"][:1], torch.tensor([applies])))
            labelled = reading.sides >= 0
            if labelled.any():
                examples["sourced"].append((rows["sourced"][labelled], reading.sourced[labelled].float()))
            spoken = reading.speakers >= 0
            if spoken.any():
                key = a["claims_key"]
                if key not in claims:
                    claims[key] = [r["sentence"].mean(dim=0) for r in corpus.reader.read(network, corpus.claims[key])]
                shared, sides = side_vectors(network, reading.text, read, claims[key])
                first, second = (joined(HEADS["speaker"][0], side)[spoken] for side in sides)
                examples["speaker"].append((first, joined(HEADS["outsider"][0], shared)[spoken], second, reading.speakers[spoken]))
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


def moments(rows):
    return rows.mean(dim=0), rows.std(dim=0) + 1e-6


def folded(head, mean, scale):
    """The head that was fitted on standardised rows, for rows as they are: its first layer takes that in."""
    first = next(layer for layer in head if isinstance(layer, torch.nn.Linear))
    with torch.no_grad():
        first.bias -= first.weight @ (mean / scale)
        first.weight /= scale
    return head


def member(name):
    """One of the heads whose mean is the head `name`."""
    inputs, hidden, outputs = HEADS[name]
    return mlp(inputs, [width // MEMBERS for width in hidden], outputs)


def merged(name, heads):
    """The head that gives the mean of the heads: their hidden layers side by side."""
    wide = mlp(*HEADS[name])
    first, last = (n for n, layer in enumerate(wide) if isinstance(layer, torch.nn.Linear))
    with torch.no_grad():
        wide[first].weight.copy_(torch.cat([head[first].weight for head in heads]))
        wide[first].bias.copy_(torch.cat([head[first].bias for head in heads]))
        wide[last].weight.copy_(torch.cat([head[last].weight for head in heads], dim=1) / len(heads))
        wide[last].bias.copy_(torch.stack([head[last].bias for head in heads]).mean(dim=0))
    return wide.eval()


def best_epoch(heads, loss, batches_of, held):
    """Fits heads (a ModuleList) until the loss on the held examples gets no better; (heads of the best epoch, its loss)."""
    optimiser = torch.optim.AdamW(heads.parameters(), lr=RATE, weight_decay=DECAY)
    best, best_heads, waited = np.inf, None, 0
    for _ in range(EPOCHS):
        heads.train()
        for some in batches_of():
            value = loss(heads, some)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
        heads.eval()
        with torch.inference_mode():
            value = loss(heads, held).item()
        if value < best:
            best, best_heads, waited = value, copy.deepcopy(heads), 0
        else:
            waited += 1
        if waited == PATIENCE:
            break
    return best_heads, best


def means_of_members(names, loss, batches_of, held, count):
    """The heads of these names, fitted together MEMBERS times, each the mean of its members."""
    fitted = []
    for _ in range(MEMBERS):
        heads, found = best_epoch(torch.nn.ModuleList([member(name) for name in names]), loss, batches_of, held)
        fitted.append(heads)
        print(f"{names[0]}: held loss {found:.4f}, {count} articles", flush=True)
    return [merged(name, heads) for name, heads in zip(names, zip(*fitted))]


def fit(name, loss, train, held):
    """A head by itself."""
    mean, scale = moments(torch.cat([rows for rows, _ in train]))
    train, held = ([((rows - mean) / scale, labels) for rows, labels in examples] for examples in (train, held))
    [head] = means_of_members([name], lambda heads, some: loss(heads[0], some), lambda: batches(train, loss), held, len(train))
    with torch.inference_mode():
        print(f"{name}: held loss of the mean {loss(head, held):.4f}", flush=True)
    return folded(head, mean, scale)


def fit_speakers(train, held):
    """`speaker` and `outsider` together: a choice between the sides and neither."""
    columns = [torch.cat(parts) for parts in zip(*train)]
    of_side, of_none = moments(torch.cat([columns[0], columns[2]])), moments(columns[1])

    def standard(examples):
        first, none, second, labels = (torch.cat(parts) for parts in zip(*examples))
        return [(part - mean) / scale for part, (mean, scale) in ((first, of_side), (none, of_none), (second, of_side))] + [labels]

    def loss(heads, some):
        first, none, second, labels = some
        logits = torch.cat([heads[0](first), heads[1](none), heads[0](second)], dim=1)
        return functional.cross_entropy(logits, labels)

    rows = standard(train)
    epoch = lambda: ([part[some] for part in rows] for some in torch.randperm(len(rows[0])).split(ROWS))
    speaker, outsider = means_of_members(["speaker", "outsider"], loss, epoch, standard(held), len(train))
    return folded(speaker, *of_side), folded(outsider, *of_none)


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
    network.heads["speaker"], network.heads["outsider"] = fit_speakers(train["speaker"], held["speaker"])
    torch.save(network.state_dict(), WORK / "network.pt")


if __name__ == "__main__":
    main()
