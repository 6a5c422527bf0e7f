"""Batches of windows with what is to be written: a title, or in the first steps a run of the window's own words.

Copying a run from any place of the window teaches the decoder's fresh cross-attention to follow the text, which a headline model
must do most of the time and learns slowly from headlines alone.
"""

import random

import torch

from common import read_json
from generator import GENERATOR_WORK, OPEN_WORDS
from generator.encode import States, padded
from generator.network import CLS, PAD, SEP

MASK = 103
# Of the words the decoder has already written, hidden from it in training: it must look at the window.
HIDDEN_SHARE = 0.1
RUN_TOKENS = range(20, 41)
# The first words of a run only say where it is.
RUN_GIVEN = 2
IGNORED = -1


class Batch:
    """states [b, s, 384], mask [b, s]; written, wanted [b, t] (places in `words`, IGNORED at padding); words [u]: the tokens that the
    batch chooses among; allowed [b, u]: 1 for those that decoding would allow for each
    window, else 0.
    """

    def __init__(self, states, sources, targets, open_ids, given=0, draw=None):
        self.mask = padded([torch.ones(len(s)) for s in sources]) > 0
        self.states = padded(states)
        words = sorted({*open_ids, SEP}.union(*sources, *targets) - {CLS})
        place = {word: n for n, word in enumerate(words)}
        self.words = torch.tensor(words)
        self.allowed = torch.zeros(len(sources), len(words))
        self.allowed[:, [place[w] for w in (*open_ids, SEP)]] = 1
        for row, source in enumerate(sources):
            self.allowed[row, [place[w] for w in source[1:]]] = 1
        self.written = padded([torch.tensor(t[:-1]) for t in targets], PAD)
        self.wanted = padded([torch.tensor([place[w] for w in t[1:]]) for t in targets], IGNORED)
        self.wanted[:, :given] = IGNORED
        if draw:
            hide = torch.rand(self.written.shape, generator=draw) < HIDDEN_SHARE
            hide[:, :1 + given] = False
            self.written[hide] = MASK


class Corpus:
    """The pairs and the stored states of their windows."""

    def __init__(self, stage):
        self.pairs = read_json(GENERATOR_WORK / "pairs.json")
        self.states = States(stage)
        self.open_ids = read_json(OPEN_WORDS)["ids"]

    def places(self, split):
        return [n for n, pair in enumerate(self.pairs) if pair["split"] == split]

    def epoch(self, split, size, draw):
        """Lists of places, similar lengths together, in random order."""
        places = self.places(split)
        draw.shuffle(places)
        pools = [sorted(places[n:n + 20 * size], key=lambda i: len(self.pairs[i]["source"])) for n in range(0, len(places), 20 * size)]
        batches = [pool[n:n + size] for pool in pools for n in range(0, len(pool), size)]
        draw.shuffle(batches)
        return batches

    def titles(self, places, draw=None):
        pairs = [self.pairs[n] for n in places]
        sources, targets = [p["source"] for p in pairs], [p["target"] for p in pairs]
        return Batch([self.states.of(n) for n in places], sources, targets, self.open_ids, draw=draw)

    def runs(self, places, draw: random.Random):
        """Runs of the windows' own words instead of titles."""
        sources = [self.pairs[n]["source"] for n in places]
        targets = []
        for source in sources:
            begin = draw.choice([1, draw.randrange(1, max(2, len(source) - RUN_TOKENS[-1]))])
            length = draw.choice(RUN_TOKENS)
            targets.append([CLS, *source[begin:min(begin + length, len(source) - 1)]])
        return Batch([self.states.of(n) for n in places], sources, targets, self.open_ids, given=RUN_GIVEN)
