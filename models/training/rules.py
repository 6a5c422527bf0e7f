"""Step `rules` (by hand, after a change of the rules of src/article): which annotated lines they leave out.

Writes splits/furniture_rules.json: the indices of the lines of `framing_us_russia` that the rules take for furniture,
an article at a time, each annotated sentence being a line of its text. It needs the server's program, built.
"""

import json
import subprocess

from common import ROOT, SPLITS, WORK, read_json, write_json

PROGRAM = ROOT / "target" / "release" / "parallax"
# What the head left out, in an answer of the program, is none of the rules' doing.
MODEL = "FURNITURE_REASON_MODEL"


def main():
    used = [a for a in read_json(WORK / "articles.json") if a["set"] == "framing"]
    requests = [{"id": a["id"], "title": a["raw_title"], "text": "\n".join(a["lines"])} for a in used]
    answers = subprocess.run([PROGRAM, "analyze", "--jsonl"], input="\n".join(map(json.dumps, requests)), text=True,
                             capture_output=True, check=True).stdout.splitlines()
    result = {}
    for a, request, answer in zip(used, requests, map(json.loads, answers), strict=True):
        text = request["text"].encode()
        found = [f for f in answer["document"].get("furniture", []) if f["reason"] != MODEL]
        result[a["id"]] = [text[:f["span"].get("startByte", 0)].count(b"\n") for f in found]
    write_json(SPLITS / "furniture_rules.json", result)


if __name__ == "__main__":
    main()
