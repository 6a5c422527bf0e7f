"""The stories of `stories/*.txt`, written for this project: a readable form of the records of `framing_stories`.

    === story id | contest id | topic
    side id | alias; alias          (twice, each followed by its claims)
    claim A full sentence.
    --- version | genre | score | mode | title
    code<TAB>sentence               (a star after the code: a key sentence; an empty line in front: a new paragraph)

Codes: framing (A strongly, a mildly the account of side 1, n neither, b, B side 2, x furniture), voice (a author, 1, 2, o),
`!` where a claim is reported only to be rejected.

`contests/*.txt` annotate real articles of AllSides and FA-KES in the same way, without their texts:

    === R-contest id | contest id | topic
    side …                          (as above)
    --- article id | genre | score | mode
    code code code* …
"""

import re

from common import TRAINING, cut, read_set, text_of_lines


def blocks(text, mark):
    """The text in front of the first line that starts with the mark, then one block for each such line."""
    return re.split(rf"(?m)^{re.escape(mark)} ", text)


def fields(line):
    return [field.strip() for field in line.split("|")]


def parse_contest(head):
    lines = head.strip().split("\n")
    story, contest_id, topic = fields(lines[0])
    sides, claims = [], {}
    for line in lines[1:]:
        kind, _, rest = line.partition(" ")
        if kind == "side":
            name, aliases = fields(rest)
            sides.append({"id": name, "aliases": [a.strip() for a in aliases.split(";") if a.strip()]})
            claims[name] = []
        elif kind == "claim":
            claims[sides[-1]["id"]].append(rest.strip())
    return story, {"id": contest_id, "topic": topic, "sides": sides, "claims": claims}


def codes_and_key(starred):
    return {"codes": " ".join(code.rstrip("*") for code in starred),
            "key": [n for n, code in enumerate(starred) if code.endswith("*")]}


def parse_article(story, contest, block):
    head, *lines = block.strip().split("\n")
    version, genre, score, mode, title = fields(head)
    coded = [(lines[n - 1].strip() == "", *line.split("\t", 1)) for n, line in enumerate(lines) if line.strip()]
    sentences = [sentence for _, _, sentence in coded]
    return {"id": f"{story}-{version}", "story": story, "contest": contest, "version": version, "genre": genre,
            "title": title, "score": float(score), "mode": mode, "sents": sentences,
            "text": text_of_lines(sentences, {n for n, (first, _, _) in enumerate(coded) if first}),
            **codes_and_key([code for _, code, _ in coded])}


def parse_annotation(contest, block, texts):
    """A real article; its mode is `unrelated` when it is not about the contest."""
    head, codes = block.strip().split("\n")
    article_id, genre, score, mode = fields(head)
    record = texts[article_id]
    return {"id": f"{contest['id']} {article_id}", "article": article_id, "contest": contest, "version": mode, "genre": genre,
            "title": record["title"], "score": float(score), "text": record["text"], "sents": cut(record["text"]),
            **codes_and_key(codes.split())}


def read_contests():
    texts = {r["id"]: r for name in ("allsides", "fakes_syria") for r in read_set(name)}
    records = []
    for path in sorted((TRAINING / "contests").glob("*.txt")):
        head, *articles = blocks(path.read_text(encoding="utf-8").removeprefix("=== "), "---")
        _, contest = parse_contest(head)
        records += [parse_annotation(contest, article, texts) for article in articles]
    return records


def read_stories():
    for path in sorted((TRAINING / "stories").glob("*.txt")):
        for block in blocks(path.read_text(encoding="utf-8"), "===")[1:]:
            head, *articles = blocks(block, "---")
            story, contest = parse_contest(head)
            yield from (parse_article(story, contest, article) for article in articles)
