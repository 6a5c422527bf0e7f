"""Input rows of the heads, in the order the manifest names them."""

import numpy as np

from features import unit
from heads import logits, softmax


def sentence_rows(feature, with_position=False):
    """[sentence, article] or [sentence, article, position], one row a sentence of the list, title included."""
    vectors = feature["vectors"]
    parts = [vectors, np.broadcast_to(vectors.mean(axis=0), vectors.shape)]
    return np.hstack(parts + [feature["positions"]] if with_position else parts)


def body(feature, rows):
    """The rows of the body sentences."""
    return rows[1:] if feature["has_title"] else rows


def article_row(feature):
    return feature["vectors"].mean(axis=0)


def side_polarity(feature, polarity_layers):
    """Per sentence: mean (p_pos - p_neg) over the mentions of side 1, minus that of side 2 (0 without mentions)."""
    result = np.zeros(len(feature["vectors"]))
    if not feature["mentions"]:
        return result
    places = np.array([(n, side) for n, side, _ in feature["mentions"]])
    rows = np.stack([np.concatenate([vector, feature["vectors"][n]]) for n, _, vector in feature["mentions"]])
    p = softmax(logits(polarity_layers, rows))
    values = p[:, 2] - p[:, 0]
    for side, sign in ((0, 1.0), (1, -1.0)):
        for n in set(places[places[:, 1] == side, 0]):
            result[n] += sign * values[(places[:, 0] == n) & (places[:, 1] == side)].mean()
    return result


def alignment_rows(feature, claims, polarity):
    """[unit sentence * (c1 - c2), best cosine to a claim of side 1 minus side 2, polarity], one row a sentence."""
    vectors = unit(feature["vectors"])
    means = [unit(side.mean(axis=0)) for side in claims]
    match = [(vectors @ side.T).max(axis=1) for side in claims]
    return np.hstack([vectors * (means[0] - means[1]), (match[0] - match[1])[:, None], polarity[:, None]])
