"""The built program as a function: articles in, replies out."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np

from common import ROOT

PROGRAM = Path(os.environ.get("PROGRAM", ROOT / "target" / "release" / "parallax"))


def request(article_id, title, text, contest=None, **fields):
    """A request as JSON; `contest` is one of `inline`, None is the server's default."""
    body = {"article": {"id": article_id, "title": title, "text": text}, **fields}
    return body | ({"contest": contest} if contest else {})


def inline(name, sides, aliases, claims):
    """A contest of a request; `name` must not be that of a contest the model was trained for."""
    return {"id": name, "sides": [{"id": side, "aliases": names, "claims": said}
                                  for side, names, said in zip(sides, aliases, claims)]}


def answers(requests):
    """One reply a request, in order."""
    run = subprocess.run([PROGRAM, "analyze", "--jsonl"], input="\n".join(map(json.dumps, requests)), text=True,
                         capture_output=True, check=False)
    replies = [json.loads(line) for line in run.stdout.splitlines()]
    failed = [r for r in replies if "error" in r]
    if failed or len(replies) != len(requests):
        raise RuntimeError(f"{len(failed)} requests failed: {failed[:1]} {run.stderr[-500:]}")
    return replies


def body(a):
    """The text of an article in the paragraphs in which it was printed."""
    return "".join(gap + line for gap, line in zip(a["gaps"], a["sentences"]))


def starts_of(a):
    """Where each line of an article begins in its body."""
    ends = np.cumsum([len(gap) + len(line) for gap, line in zip(a["gaps"], a["sentences"])])
    return ends - [len(line) for line in a["sentences"]]


def line_of(a, span):
    """The line of an article in which a span begins."""
    return max(0, int(np.searchsorted(starts_of(a), span.get("startCodePoint", 0), side="right")) - 1)


def lines_in(a, spans):
    """The lines of an article more than half of which lies in the spans, which do not overlap."""
    found = []
    for n, (start, line) in enumerate(zip(starts_of(a), a["sentences"])):
        inside = sum(max(0, min(s["endCodePoint"], start + len(line)) - max(s.get("startCodePoint", 0), start)) for s in spans)
        if 2 * inside > len(line):
            found.append(n)
    return set(found)


def by_line(a, sentences, value):
    """For each line: the mean value of the sentences that begin in it, 0 without any."""
    found = [[] for _ in a["sentences"]]
    for sentence in sentences:
        found[line_of(a, sentence["span"])].append(value(sentence))
    return [sum(values) / len(values) if values else 0.0 for values in found]
