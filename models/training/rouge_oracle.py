"""Greedy oracle: the sentences that together come closest to the human highlights (ROUGE-1 + ROUGE-2 F1)."""

import re
from collections import Counter


def grams(text, size):
    words = re.findall(r"[a-z0-9]+", text.lower())
    return Counter(zip(*(words[n:] for n in range(size))))


def f1(found, wanted):
    shared = sum((found & wanted).values())
    return 2 * shared / max(1, sum(found.values()) + sum(wanted.values()))


def oracle_sentences(sentences, highlights, most=3):
    """Indices of at most `most` sentences; stops when no sentence improves the sum."""
    wanted = [grams(highlights, 1), grams(highlights, 2)]
    pieces = [[grams(s, 1), grams(s, 2)] for s in sentences]
    chosen, held, best = [], [Counter(), Counter()], 0.0
    while len(chosen) < most:
        gains = [(sum(f1(h + p, w) for h, p, w in zip(held, piece, wanted)), n)
                 for n, piece in enumerate(pieces) if n not in chosen]
        if not gains or max(gains)[0] <= best:
            break
        best, winner = max(gains)
        held = [h + p for h, p in zip(held, pieces[winner])]
        chosen.append(winner)
    return sorted(chosen)
