"""From sentence scores to an article: the symmetric ordered logit, the abstain threshold and the relevance scale.

For an article with sentence scores s_i (title included) and salience q_i:
  f = [mean s, sum q s / sum q, mean of the first three s],  z = w . f  (no bias)
  P(first) = sigma(z - cut),  P(second) = sigma(-z - cut),  P(balanced) = the rest,  cut > 0
  score = P(first) - P(second),  confidence = the largest of the three
"""

import numpy as np
from scipy.optimize import minimize

from heads import sigmoid

RISK = 0.10
# What the furniture head leaves out on top of the rules is furniture to this share, counted on enough lines.
FURNITURE_PRECISION = 0.9
FURNITURE_LINES = 20
# A small pull towards 0: the three features are nearly the same number.
DECAY = 1e-3


def article_features(scores, salience):
    return np.array([scores.mean(), (salience * scores).sum() / salience.sum(), scores[:3].mean()])


def probabilities(features, weights, cut):
    """Rows [P(first), P(balanced), P(second)]."""
    z = features @ weights
    first, second = sigmoid(z - cut), sigmoid(-z - cut)
    return np.stack([first, 1 - first - second, second], axis=-1)


def fit_ordered(features, gold, balance=True):
    """Maximum likelihood; `gold` is 0 first, 1 balanced, 2 second. Returns (weights, cut).

    With `balance` each class has the same total weight. Without, the rare `balanced` gets a cut so small that it can
    never be the answer (step `evaluate` reports both).
    """
    counts = np.bincount(gold, minlength=3)
    class_weights = (counts.mean() / counts)[gold] if balance else np.ones(len(gold))

    def loss(parameters):
        p = probabilities(features, parameters[:3], np.logaddexp(0, parameters[3]))
        likelihood = class_weights * np.log(np.maximum(p[np.arange(len(gold)), gold], 1e-12))
        return -likelihood.mean() + DECAY * (parameters[:3] ** 2).mean()

    found = minimize(loss, np.array([5.0, 5.0, 5.0, 1.0]), method="BFGS").x
    return found[:3], float(np.logaddexp(0, found[3]))


def risk_and_coverage(p, gold, threshold):
    """Error rate of the answers given at `threshold`, and their share."""
    answered = p.max(axis=1) >= threshold
    wrong = p.argmax(axis=1) != gold
    return (float(wrong[answered].mean()) if answered.any() else 0.0), float(answered.mean())


def abstain_threshold(p, gold):
    """(threshold, reached): the smallest confidence with risk <= 10 % that answers a quarter or more; else 1: no answer."""
    for threshold in np.sort(p.max(axis=1)):
        risk, coverage = risk_and_coverage(p, gold, threshold)
        if coverage < 0.25:
            break
        if risk <= RISK:
            return float(threshold), True
    return 1.0, False


def expected_calibration_error(p, gold, bins=10):
    """Ten equal bins of the confidence: mean gap between confidence and share right, weighted by count."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == gold
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [(place == b).mean() * abs(confidence[place == b].mean() - right[place == b].mean())
            for b in range(bins) if (place == b).any()]
    return float(sum(gaps))


def fit_platt(values, gold):
    """(temperature, offset) of P(applies) = sigma(logit / temperature + offset)."""
    def loss(parameters):
        p = sigmoid(values / np.exp(parameters[0]) + parameters[1])
        return -np.log(np.maximum(np.where(gold, p, 1 - p), 1e-12)).mean()

    found = minimize(loss, np.zeros(2), method="BFGS").x
    return float(np.exp(found[0])), float(found[1])


def drop_threshold(p, ruled, gold):
    """(threshold, reached): the smallest probability of the furniture head at or above which the lines that the rules
    let through are furniture to FURNITURE_PRECISION or more, FURNITURE_LINES or more of them; else 1: none is left out.
    """
    for threshold in np.sort(p[~ruled]):
        dropped = (p >= threshold) & ~ruled
        if dropped.sum() < FURNITURE_LINES:
            break
        if gold[dropped].mean() >= FURNITURE_PRECISION:
            return float(threshold), True
    return 1.0, False
