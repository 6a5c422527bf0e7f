"""What length costs, how long the start takes, how much memory it all needs: the program alone."""

import json
import os
import resource
import statistics
import subprocess
import time

from service import ROOT, parallax

PROGRAM = ROOT / "target" / "release" / "parallax"
WORDS, ROUNDS = (500, 20_000), 5


def text_of(words):
    """Lines of a fixture over and over, numbered: a line that was printed before is furniture."""
    lines = [line for line in (ROOT / "tests/fixtures/articles/us_nato.txt").read_text().split("\n") if line.strip()]
    text, count, number = [], 0, 0
    while count < words:
        text.append(f"{lines[number % len(lines)]} This is paragraph {number}.")
        count += len(text[-1].split())
        number += 1
    return "\n".join(text)


def tokens_per_second(words):
    """One process, one article after the other; the first is left out."""
    rates = []
    without_cache = os.environ | {"PARALLAX__CACHE__MAX_BYTES": "0"}
    article = json.dumps({"id": "a", "title": "", "text": text_of(words)})
    with subprocess.Popen([PROGRAM, "analyze", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          bufsize=1, env=without_cache) as process:
        for _ in range(ROUNDS + 1):
            # The next goes in when this one is out: they would share the model.
            process.stdin.write(article + "\n")
            reply = json.loads(process.stdout.readline())
            rates.append(reply["coverage"]["tokens"] / float(reply["timing"]["inference"].rstrip("s")))
        process.stdin.close()
    return statistics.median(rates[1:]), reply["coverage"]["tokens"]


def start():
    began = time.perf_counter()
    with parallax(50963):
        return time.perf_counter() - began


def main():
    print("| words | tokens | tokens a second in the model |\n| --- | --- | --- |")
    for words in WORDS:
        rate, tokens = tokens_per_second(words)
        print(f"| {words} | {tokens} | {rate:.0f} |")
    print(f"\nstart to serving: {statistics.median(start() for _ in range(ROUNDS)):.2f} s (a tenth of a second is how often it is asked)")
    print(f"peak memory of all these: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
