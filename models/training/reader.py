"""From lists of sentences to the vectors the heads read: tokens, windows, batches, pooling."""

import random

import numpy as np
import torch
from tokenizers import Tokenizer

from encoder import MAX_WINDOW_TOKENS, pack, position, pretrained_folder
from network import means

# Padded tokens of one forward pass.
BATCH_TOKENS = 2048


class Text:
    """A list of sentences as tokens, with the mentions of two sides.

    `mentions`: (sentence, side 0 or 1, first token, end token).
    """

    def __init__(self, tokenizer, sentences, mentions=(), title=False):
        encodings = tokenizer.encode_batch(sentences, add_special_tokens=False)
        self.ids = [e.ids for e in encodings]
        self.apart = False
        self.mentions = []
        for n, side, start, end in mentions:
            tokens = encodings[n].offsets
            # One without tokens of its own stands for its sentence.
            inside = [t for t, (a, b) in enumerate(tokens) if a < end and b > start] or range(len(tokens))
            self.mentions.append((n, side, min(inside, default=0), max(inside, default=-1) + 1))
        body = len(sentences) - int(title)
        self.positions = np.stack([position(max(0, n - int(title)), body, len(ids)) for n, ids in enumerate(self.ids)])

    def windows(self):
        lengths = [len(ids) for ids in self.ids]
        if not self.apart:
            return pack(lengths)
        return [[(n, *piece[1:]) for piece in window] for n, length in enumerate(lengths) for window in pack([length])]

    def _copy(self):
        copy = object.__new__(Text)
        copy.mentions, copy.positions, copy.apart = self.mentions, self.positions, self.apart
        copy.ids = [list(ids) for ids in self.ids]
        return copy

    def renamed(self, names):
        """A copy in which every token of a mention of side k is the token `names[k]`."""
        copy = self._copy()
        for n, side, start, end in self.mentions:
            copy.ids[n][start:end] = [names[side]] * (end - start)
        return copy

    def hidden(self, mask, share, draw):
        """A copy in which a share of the tokens is the token `mask`; mentions of the sides stay."""
        copy = self._copy()
        named = {(n, t) for n, _, start, end in self.mentions for t in range(start, end)}
        for n, ids in enumerate(copy.ids):
            for t in range(len(ids)):
                if draw.random() < share and (n, t) not in named:
                    ids[t] = mask
        return copy


class Reader:
    """Tokenises and batches."""

    def __init__(self):
        self.tokenizer = Tokenizer.from_file(str(pretrained_folder() / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.cls, self.sep, self.mask = (self.tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[MASK]"))
        words = self.tokenizer.get_vocab()
        self.plain_words = sorted(i for word, i in words.items() if word.isalpha() and len(word) > 4)

    def text(self, sentences, mentions=(), title=False):
        return Text(self.tokenizer, sentences, mentions, title)

    def separate(self, sentences, mentions):
        """A text whose sentences share no window."""
        text = Text(self.tokenizer, sentences, mentions)
        text.apart = True
        return text

    def two_names(self, draw: random.Random):
        return draw.sample(self.plain_words, 2)

    def read(self, network, texts, half=False):
        """Per text: {"sentence": [n, 384], "mention": [m, 384]}; `texts` share forward passes."""
        windows = [(t, window) for t, text in enumerate(texts) for window in text.windows()]
        windows.sort(key=lambda entry: -sum(end - start for _, start, end in entry[1]))
        first = np.cumsum([0] + [len(text.ids) for text in texts])
        states, sentence_of, place = [], [], {}
        at = 0
        while windows:
            widest = 2 + sum(end - start for _, start, end in windows[0][1])
            batch, windows = windows[:max(1, BATCH_TOKENS // widest)], windows[max(1, BATCH_TOKENS // widest):]
            ids = torch.zeros(len(batch), widest, dtype=torch.long)
            mask, owner = torch.zeros_like(ids), torch.full_like(ids, -1)
            for row, (t, window) in enumerate(batch):
                column = 1
                for n, start, end in window:
                    size = end - start
                    ids[row, column:column + size] = torch.tensor(texts[t].ids[n][start:end])
                    owner[row, column:column + size] = int(first[t]) + n
                    place.setdefault((t, n), []).append((start, end, at + row * widest + column))
                    column += size
                ids[row, 0], ids[row, column] = self.cls, self.sep
                mask[row, :column + 1] = 1
            states.append(network.token_vectors(ids, mask, half).flatten(0, 1))
            sentence_of.append(owner.flatten())
            at += ids.numel()
        states = torch.cat(states)
        sentences = means(states, torch.cat(sentence_of), int(first[-1]))
        result = []
        for t, text in enumerate(texts):
            vectors = sentences[first[t]:first[t + 1]]
            result.append({"sentence": vectors, "mention": self._mentions(states, text, t, place)})
        return result

    @staticmethod
    def _mentions(states, text, t, place):
        rows, groups = [], []
        for m, (n, _, start, end) in enumerate(text.mentions):
            for first, last, at in place.get((t, n), []):
                low, high = max(start, first), min(end, last)
                rows += range(at + low - first, at + high - first)
                groups += [m] * max(0, high - low)
        if not rows:
            return states.new_zeros(len(text.mentions), states.shape[-1])
        return means(states[torch.tensor(rows)], torch.tensor(groups), len(text.mentions))


def shared_vectors(text, read):
    """The vectors of one list that no side is in, by name, one row a sentence."""
    sentence = read["sentence"]
    return {"sentence": sentence, "article": sentence.mean(dim=0).expand(len(sentence), -1),
            "position": torch.from_numpy(text.positions)}


def side_vectors(network, text, read, claims):
    """The vectors of one list by name, one entry of the list a side: (shared vectors, [side 1, side 2]).

    `claims`: one [384] vector a side, or None.
    """
    sentence, mention = read["sentence"], read["mention"]
    count = len(sentence)
    shared = shared_vectors(text, read)
    where = torch.tensor([n for n, _, _, _ in text.mentions], dtype=torch.long)
    polarity = mention.new_zeros(0, 3)
    if len(where):
        polarity = torch.softmax(network.head("polarity", {"mention": mention, "sentence": sentence[where]}), dim=1)
    sides = []
    for side in (0, 1):
        of_side = torch.tensor([m for m, entry in enumerate(text.mentions) if entry[1] == side], dtype=torch.long)
        at, nowhere = where[of_side], torch.zeros(len(of_side), dtype=torch.long)
        claim = claims[side] if claims is not None else torch.zeros_like(sentence[0])
        sides.append(shared | {
            "side_mention": means(mention[of_side], at, count),
            "side_polarity": means(polarity[of_side], at, count),
            "party": means(mention[of_side], nowhere, 1).expand(count, -1),
            "party_polarity": means(polarity[of_side], nowhere, 1).expand(count, -1),
            "claim": claim.expand(count, -1),
        })
    return shared, sides


def sided_logits(network, side_head, neither_head, shared, sides):
    """Logits of side 1, neither, side 2, one row a row of the vectors."""
    return torch.cat([network.head(side_head, sides[0]), network.head(neither_head, shared),
                      network.head(side_head, sides[1])], dim=1)


def stance_logits(network, shared, sides):
    """Logits of side 1, neither, side 2, of the vectors of one list: one row a sentence, and one for the article."""
    rows = sided_logits(network, "stance", "plain", shared, sides)
    one = [{name: vectors[:1] for name, vectors in side.items()} for side in sides]
    return rows, sided_logits(network, "vantage", "level", one[0], one)[0]


def speaker_logits(network, shared, sides):
    """Logits that people of side 1, of neither, of side 2 speak, one row a sentence."""
    return sided_logits(network, "speaker", "outsider", shared, sides)
