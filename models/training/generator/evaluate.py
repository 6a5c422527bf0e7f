"""Step `evaluate`: headlines of the held outlets against LEAD-1, in work/generator/held.json; the examples go to held.txt."""

import os
import statistics

import torch
from rouge_score.rouge_scorer import RougeScorer
from tokenizers import Tokenizer

from common import BUNDLE, read_json, set_up, write_json
from generator import GENERATOR_WORK
from generator.decode import generate, grounded, restored
from generator.network import generator

BATCH = 16
SPLIT = os.environ.get("SPLIT", "held")
MOST = int(os.environ.get("MOST", 10_000))
KINDS = ["rouge1", "rouge2", "rougeL"]


def trained():
    """The generator as training left it, its weights rounded as they are exported."""
    network = generator()
    network.load_state_dict(torch.load(GENERATOR_WORK / "trained.pt", weights_only=True), strict=False)
    return network.half().float().eval()


def figures(scorer, texts, pairs):
    scores = [scorer.score(p["title"], text) for p, text in zip(pairs, texts)]
    return {kind: round(100 * statistics.mean(s[kind].fmeasure for s in scores), 2) for kind in KINDS} | {
        "grounded": round(statistics.mean(grounded(t, p["sentences"]) for p, t in zip(pairs, texts)), 4),
        "words": round(statistics.mean(len(t.split()) for t in texts), 1)}


def headlines_of(network, tokenizer, pairs, **settings):
    texts = []
    with torch.inference_mode():
        for n in range(0, len(pairs), BATCH):
            batch = pairs[n:n + BATCH]
            for p, ids in zip(batch, generate(network, tokenizer, [p["source"] for p in batch], **settings)):
                texts.append(restored(tokenizer, ids, p["sentences"]))
    return texts


def main():
    set_up()
    tokenizer = Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))
    pairs = [p for p in read_json(GENERATOR_WORK / "pairs.json") if p["split"] == SPLIT][:MOST]
    network, scorer = trained(), RougeScorer(KINDS, use_stemmer=True)
    ours = headlines_of(network, tokenizer, pairs)
    leads = [p["sentences"][0] for p in pairs]
    cut = round(statistics.mean(len(t.split()) for t in ours))
    rows = {"generator": ours, "generator, every word allowed": headlines_of(network, tokenizer, pairs, own_words=False),
            "LEAD-1": leads, f"first {cut} words of LEAD-1": [" ".join(t.split()[:cut]) for t in leads]}
    found = {name: figures(scorer, texts, pairs) for name, texts in rows.items()} | {"articles": len(pairs)}
    write_json(GENERATOR_WORK / f"{SPLIT}.json", found)
    with open(GENERATOR_WORK / f"{SPLIT}.txt", "w", encoding="utf-8") as out:
        for p, text, free in zip(pairs, ours, rows["generator, every word allowed"]):
            print(f"lead   {p['sentences'][0]}\ntitle  {p['title']}\nours   {text}\nfree   {free}\n", file=out)
    print(found)


if __name__ == "__main__":
    main()
