"""Small MLP heads: training with early stopping, out-of-fold outputs, and the plain layers that are shipped."""

import copy

import numpy as np
import torch
from torch import nn

from common import FOLDS, SEED

EPOCHS = 60
PATIENCE = 6
BATCH = 256


def build(inputs, hidden, outputs, dropout):
    sizes = [inputs, *hidden, outputs]
    layers = [nn.Dropout(dropout)]
    for n, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers += [nn.GELU(), nn.Dropout(dropout)] if n else []
        layers.append(nn.Linear(a, b))
    return nn.Sequential(*layers)


def fit(x, y, weights, stop, loss, hidden, outputs, dropout=0.3, decay=1e-2, rate=1e-3):
    """Layers [(weight, bias), ...] of the MLP trained on the rows outside `stop`, at its best epoch on `stop`.

    `loss(logits, targets)` gives one value a row; `weights` weigh the rows, 0 for rows without a label. Inputs are
    standardised by the training rows; the standardisation is folded into the first layer, so the layers read raw
    vectors.
    """
    torch.manual_seed(SEED)
    train = ~stop
    mean, scale = x[train].mean(axis=0), x[train].std(axis=0) + 1e-6
    standard = torch.from_numpy(((x - mean) / scale).astype(np.float32))
    targets, row_weights = torch.from_numpy(y), torch.from_numpy(weights.astype(np.float32))
    rows, held = torch.from_numpy(np.flatnonzero(train)), torch.from_numpy(np.flatnonzero(stop))
    model = build(x.shape[1], hidden, outputs, dropout)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    best, best_model, waited = np.inf, None, 0
    for _ in range(EPOCHS):
        model.train()
        for batch in rows[torch.randperm(len(rows))].split(BATCH):
            optimiser.zero_grad()
            value = (loss(model(standard[batch]), targets[batch]) * row_weights[batch]).mean()
            value.backward()
            optimiser.step()
        model.eval()
        with torch.inference_mode():
            value = (loss(model(standard[held]), targets[held]) * row_weights[held]).mean().item()
        if value < best:
            best, best_model, waited = value, copy.deepcopy(model), 0
        else:
            waited += 1
        if waited == PATIENCE:
            break
    layers = [(m.weight.detach().numpy().copy(), m.bias.detach().numpy().copy())
              for m in best_model if isinstance(m, nn.Linear)]
    weight, bias = layers[0]
    layers[0] = ((weight / scale).astype(np.float32), (bias - (weight / scale) @ mean).astype(np.float32))
    return layers


def logits(layers, x):
    """Output of the shipped layers: exact GELU between them, none after the last."""
    hidden = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
    for n, (weight, bias) in enumerate(layers):
        hidden = nn.functional.gelu(hidden) if n else hidden
        hidden = hidden @ torch.from_numpy(weight).T + torch.from_numpy(bias)
    return hidden.numpy()


def fit_all(x, y, weights, folds, **options):
    """The shipped layers (fold 0 stops the training) and the out-of-fold logits of every row with a fold.

    The logits of fold k come from layers that saw neither fold k nor fold k+1 (the latter stopped their training).
    """
    out = np.zeros((len(x), options["outputs"]), np.float32)
    for fold in range(FOLDS):
        rows = folds != fold
        layers = fit(x[rows], y[rows], weights[rows], folds[rows] == (fold + 1) % FOLDS, **options)
        out[~rows] = logits(layers, x[~rows])
    return fit(x, y, weights, folds == 0, **options), out


def cross_entropy(scores, targets):
    return nn.functional.cross_entropy(scores, targets, reduction="none")


def binary(scores, targets):
    return nn.functional.binary_cross_entropy_with_logits(scores[:, 0], targets, reduction="none")


def softmax(scores):
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))
