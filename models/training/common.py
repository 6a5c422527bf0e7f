"""Paths, seeds and file formats shared by the training scripts."""

import functools
import json
import lzma
import os
import random
import re
from pathlib import Path

import numpy as np
import torch

TRAINING = Path(__file__).resolve().parent
ROOT = TRAINING.parent.parent
DATA = (ROOT / os.environ.get("DATA", "../shared/data")).resolve()
WORK = TRAINING / "work"
SPLITS = TRAINING / "splits"
BUNDLE = ROOT / "models" / "parallax-minilm"
PARITY = ROOT / "tests" / "fixtures" / "encoder_parity.json"

SEED = 20
DIM = 384
# The side of each sentence code, first strongly to second strongly: 0 first, 1 neither, 2 second.
SIDE_OF_CODE = np.array([0, 0, 1, 2, 2])
ARTICLE_LABELS = ["us_nato", "balanced", "russia", "unrelated"]
# Articles that bring a contest of their own.
OWN_CONTEST = ("story", "contest")
SENTENCE_END = re.compile(
    r"(?<!\b[A-Z]\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bGov\.)(?<!\bSen\.)(?<!\bRep\.)"
    r"(?<=[.!?])[\"”']?\s+(?=[\"“'A-Z0-9(])"
)


def cut(text):
    """The sentences of a text, as annotations number them."""
    return [s.strip() for line in text.split("\n") for s in SENTENCE_END.split(line) if s.strip()]


def text_of_lines(lines, starts):
    """The text of an article's lines; `starts` has the numbers of those that begin a paragraph."""
    return "".join(("\n" if n in starts else " ") * (n > 0) + line for n, line in enumerate(lines))


def set_up():
    """Same seeds, two threads and no denormal arithmetic (many times slower) in every script."""
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    WORK.mkdir(exist_ok=True)


@functools.cache
def read_set(name):
    """The records of one data set, read once; they are not to be changed."""
    with lzma.open(DATA / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_json(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(path, value):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
