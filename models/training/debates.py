"""Arguments about a question, made into articles without names: sides are known by their claims alone.

Perspectrum pairs a claim with perspectives that support or undermine it. Of each claim come two lists of claims, one a side,
and sentences that argue for either, with some about other questions.

SNLI has sentences that follow from the caption of a picture, and sentences that cannot be true of it. They are the claims of the
sides; the caption gives the account of the first, another caption of neither.
"""

import random

from common import SEED, read_set

# Claims a side, sentences a side, sentences about something else.
CLAIMS, ARGUMENTS, OTHERS = 3, 5, 3
# Captions taken of SNLI.
CAPTIONS = 800


def captions():
    """As `debates`, one dictionary a caption that has sentences of both kinds."""
    kinds = {}
    for r in read_set("nli_small"):
        if r["set"] == "snli-dev":
            kinds.setdefault(r["premise"].strip(), {}).setdefault(r["label"], []).append(r["hypothesis"].strip())
    draw = random.Random(SEED)
    whole = sorted(caption for caption, found in kinds.items() if {"entailment", "contradiction"} <= found.keys())
    chosen = draw.sample(whole, CAPTIONS)
    for n, caption in enumerate(chosen):
        found = kinds[caption]
        side = draw.choice([0, 2])
        claims = [found["entailment"], found["contradiction"]][::1 if side == 0 else -1]
        other = draw.choice([c for c in whole if c != caption])
        lines = [(caption, side), (other, 1)]
        draw.shuffle(lines)
        yield {"id": f"snli-{n}", "claims": claims, "sentences": [s for s, _ in lines], "sides": [k for _, k in lines]}


def debates():
    """One dictionary a claim: id, claims (two lists), sentences, sides (0 first, 1 neither, 2 second)."""
    supporting, undermining = {}, {}
    for r in read_set("perspectrum"):
        found = supporting if r["stance"] == "SUPPORT" else undermining
        found.setdefault(r["claim"].strip(), set()).add(r["perspective"].strip())
    draw = random.Random(SEED)
    everything = sorted(set().union(*supporting.values(), *undermining.values()))
    for n, claim in enumerate(sorted(supporting.keys() & undermining.keys())):
        sides = [sorted(supporting[claim] - undermining[claim]), sorted(undermining[claim] - supporting[claim])]
        if min(map(len, sides)) < 3:
            continue
        for arguments in sides:
            draw.shuffle(arguments)
        # The claim itself is on the first side; at most half of the arguments are taken for claims.
        counts = [min(CLAIMS, len(arguments) // 2) for arguments in sides]
        claims = [[claim, *sides[0][:counts[0] - 1]], sides[1][:counts[1]]]
        about = [(s, 2 * k) for k, count in enumerate(counts) for s in sides[k][count:count + ARGUMENTS]]
        elsewhere = [s for s in draw.sample(everything, OTHERS) if s not in supporting[claim] | undermining[claim]]
        lines = about + [(s, 1) for s in elsewhere]
        draw.shuffle(lines)
        yield {"id": f"perspectrum-{n}", "claims": claims, "sentences": [s for s, _ in lines], "sides": [k for _, k in lines]}
