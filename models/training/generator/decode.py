"""From a window to its headline: beam search among the window's own words and the open words, then case and spaces as in the window.

`Vocabulary.allowed` is what `prefix_allowed_tokens_fn` of transformers and of rust-bert asks for.
"""

import re
from collections import Counter, defaultdict

import torch

from common import read_json
from generator import OPEN_WORDS
from generator.network import CLS, PAD, SEP

BEAMS, MIN_LENGTH, MAX_LENGTH, LENGTH_PENALTY, NO_REPEAT = 4, 7, 36, 1.0, 3
# Quotation marks would present chosen words as somebody's.
QUOTES = set("\"“”„«»`‘’")
# What an apostrophe may be followed by, the first anywhere, the others where the window has them.
ENDINGS = ("s", "t", "re", "ve", "ll", "d", "m")
GLUED_BEFORE, GLUED_BEHIND = set(",;:.%)'?!"), set("$('#@")
SETTINGS = {"num_beams": BEAMS, "min_length": MIN_LENGTH, "max_length": MAX_LENGTH, "length_penalty": LENGTH_PENALTY,
            "no_repeat_ngram_size": NO_REPEAT, "early_stopping": True}


class Vocabulary:
    """The words that the headline of one window may use: whole words, so pieces of two names never join."""

    def __init__(self, tokenizer, source):
        self.pieces = {i for i in set(source) if tokenizer.id_to_token(i).startswith("##")}
        quotes = {i for i in set(source) if tokenizer.id_to_token(i) in QUOTES}
        # Word so far -> tokens that go on with it; None stands for its end.
        self.next = defaultdict(set)
        word = ()
        for token in [*source[1:-1], None]:
            if token not in self.pieces:
                if word:
                    self.next[word].add(None)
                word = ()
            if token is not None and token not in quotes:
                self.next[word].add(token)
                word += (token,)
        for token in read_json(OPEN_WORDS)["ids"]:
            self.next[()].add(token)
            self.next[(token,)].add(None)
        self.apostrophe, *endings = (tokenizer.token_to_id(t) for t in ("'", *ENDINGS))
        pairs = set(zip(source, source[1:]))
        self.endings = {endings[0]} | {e for e in endings if (self.apostrophe, e) in pairs}

    def allowed(self, written):
        """The tokens that may follow; `written` begins with [CLS]. No word follows itself."""
        if written[-1] == self.apostrophe:
            return sorted(self.endings)
        begin = len(written)
        while begin > 1 and written[begin - 1] in self.pieces:
            begin -= 1
        word = tuple(written[begin - 1:]) if written[-1] not in (CLS, SEP, PAD) else ()
        found = self.next.get(word, {None})
        if None in found and word:
            found = (found - {None}) | (self.next[()] - {written[-1]}) | {SEP}
        return sorted(found)


def generate(network, tokenizer, sources, own_words=True, **changed):
    """Token ids of one headline a window, specials left out."""
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(s) for s in sources], batch_first=True, padding_value=PAD)
    vocabularies = [Vocabulary(tokenizer, s) for s in sources]
    choose = (lambda row, written: vocabularies[row].allowed(written.tolist())) if own_words else None
    found = network.generate(input_ids=ids, attention_mask=(ids != PAD).long(), prefix_allowed_tokens_fn=choose, **SETTINGS | changed)
    return [[t for t in row if t not in (CLS, SEP, PAD)] for row in found.tolist()]


def words_of(encoding, tokens):
    """(pieces, start, end) of each word."""
    words = []
    for i, token, (start, end) in zip(encoding.ids, tokens, encoding.offsets):
        if token.startswith("##") and words:
            words[-1] = (words[-1][0] + (i,), words[-1][1], end)
        else:
            words.append(((i,), start, end))
    return words


class Forms:
    """How the window writes its words, and which of them it writes without a space between."""

    def __init__(self, tokenizer, sentences):
        self.alone, self.behind, self.glued = defaultdict(Counter), defaultdict(Counter), Counter()
        for sentence in sentences:
            encoding = tokenizer.encode(sentence, add_special_tokens=False)
            words = words_of(encoding, encoding.tokens)
            for n, (word, start, end) in enumerate(words):
                # A capital at the beginning of a sentence says little.
                self.alone[word][sentence[start:end]] += 1 if n else 0.01
                if n:
                    before, _, stop = words[n - 1]
                    self.behind[before, word][sentence[start:end]] += 1
                    self.glued[before, word] += 1 if stop == start else -1

    def of(self, before, word, plain, common):
        """The form behind `before`, else the most usual one; `plain` for a common word that only begins sentences."""
        found = self.behind[before, word] or self.alone[word]
        if not found or (common and max(found.values()) < 1):
            return plain
        return found.most_common(1)[0][0]


def restored(tokenizer, ids, sentences):
    """The headline with the capitals and the spacing that its words have in the window."""
    open_ids, forms = set(read_json(OPEN_WORDS)["ids"]), Forms(tokenizer, sentences)
    written = []
    for i in ids:
        if tokenizer.id_to_token(i).startswith("##") and written:
            written[-1] += (i,)
        else:
            written.append((i,))
    text, before = "", ()
    for word in written:
        plain = tokenizer.decode(list(word))
        form = plain if text[-1:] == "'" else forms.of(before, word, plain, len(word) == 1 and word[0] in open_ids)
        last = text[-1:]
        close = forms.glued[before, word] > 0 if (before, word) in forms.glued else (
            plain in GLUED_BEFORE or last in GLUED_BEHIND or (last == "-" and text[-2:-1] != " "))
        text += form if close or not text else f" {form}"
        before = word
    return text[:1].upper() + text[1:]


def names_and_numbers(text):
    """What the grounding gate asks for: numbers, and words with a capital behind the first."""
    numbers = set(re.findall(r"\d[\d,.]*\d|\d", text))
    names = {w for w in re.findall(r"[^\W\d_][\w'’]*", text.split(" ", 1)[-1]) if w[0].isupper()}
    return numbers, {w.removesuffix("'s") for w in names}


def grounded(headline, sentences):
    numbers, names = names_and_numbers(headline)
    body = " ".join(sentences)
    known = set(re.findall(r"[^\W\d_][\w']*", body.replace("’", "'").lower()))
    known |= {w.removesuffix("'s") for w in known}
    return numbers <= set(re.findall(r"\d[\d,.]*\d|\d", body)) and {n.lower() for n in names} <= known
