"""Step `probes`: what the built program answers to tests/fixtures/probes; work/probes.json.

A probe is a text of our own, NAME.EXPECTED.txt, that tries to lead the stance astray.
"""

from common import ROOT, WORK, write_json
from evaluate import most_probable, probabilities_of
from program import answers, request


def main():
    found = []
    paths = sorted((ROOT / "tests" / "fixtures" / "probes").glob("*.txt"))
    replies = answers([request(path.stem, "", path.read_text(encoding="utf-8")) for path in paths])
    for path, reply in zip(paths, replies):
        name, expected = path.stem.split(".")
        p = probabilities_of(reply)
        found.append({"probe": name.replace("_", " "), "expected": expected, "found": most_probable(reply),
                      "decided": reply["stance"]["status"] == "STANCE_STATUS_DECIDED",
                      "score": None if p is None else p[0] - p[2]})
    write_json(WORK / "probes.json", found)


if __name__ == "__main__":
    main()
