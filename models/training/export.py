"""Step `export`: writes the bundle and the parity fixture that the server's tests compare with."""

import hashlib
import json

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from common import BUNDLE, PARITY, WORK, read_json, set_up, write_json
from encoder import MAX_WINDOW_TOKENS, pack, pretrained_folder
from network import HEADS, trained
from reader import Reader, side_vectors, speaker_logits, stance_logits

VERSION = "0.5.1"
CALIBRATION_VERSION = "2026-11-22.4"
# The furniture head adds to the rules what it is sure of only from here on: never (see LOG.md).
DROP_ABOVE = 1.0
FILES = {"config": "config.json", "tokenizer": "tokenizer.json", "encoder": "encoder.safetensors",
         "heads": "heads.safetensors", "calibration": "calibration.toml"}
LABELS = {"salience": ["salient"], "relevance": ["applies"],
          "polarity": ["negative", "neutral", "positive"], "furniture": ["furniture"], "stance": ["side"],
          "plain": ["neither"], "vantage": ["side"], "level": ["neither"], "sourced": ["sourced"], "speaker": ["side"],
          "outsider": ["neither"]}
UNMEASURED = {name: {"n": 0, "ece": 0.0, "risk": 0.0, "answered": 0.0} for name in ("us-russia", "any")}
TRAINED_FOR = """contest = "us-russia"
sides = ["us_nato", "russia"]
"""

MANIFEST = """\
# The embedded bundle. Made by models/training (step `export`); do not edit by hand.
#
# Input of the encoder: the sentences of an article = title (if given) + body sentences, furniture left out; each is
# tokenised alone without special tokens; windows are packed greedily from whole consecutive sentences,
# [CLS] s_i s_(i+1) ... [SEP], within max_window_tokens (specials counted); a longer sentence closes the open window and
# is cut into pieces of max_window_tokens - 2, each a window of its own.
# Head inputs, joined in the order named, `a*b` multiplied element by element. Of 384 numbers:
#   sentence      mean of the last hidden states over the tokens of the sentence; zero vector if it has none
#   article       unweighted mean of all sentence vectors, title included
#   mention       mean over the tokens of its sentence that overlap the mention
#   side_mention  mean of the vectors of a side's mentions in the sentence; zero without any
#   party         mean of the vectors of all mentions of the side; zero without any
#   claim         mean of the vectors of the side's claims, each encoded alone as one window; zero without any
# of 3 numbers:
#   position        1/(1+i), i/max(1,n-1), min(tokens,64)/64; i = index among the n body sentences, title i = 0
#   side_polarity   mean probabilities of the polarity head over the side's mentions in the sentence; zero without any
#   party_polarity  the same over all mentions of the side
# Heads: <head>.layers.<k>.weight [out, in] and .bias [out], exact (erf) GELU between layers, logits at the end. The logits
# of a sentence for the sides of any contest are [stance(side 1), plain, stance(side 2)], of whose people speak in it
# [speaker(side 1), outsider, speaker(side 2)], those of the article [vantage(side 1), level, vantage(side 2)].
format = 1
id = "parallax-minilm"
version = "{version}"
summary = "MiniLM-L6 encoder, fine-tuned end to end with heads for salience, framing, stance between any two sides, relevance, target polarity, furniture and whose people speak."
licence = "Apache-2.0"
architecture = "bert"
languages = ["en"]

[limits]
max_window_tokens = {window}

[files]
{files}

{heads}"""

CALIBRATION_HEAD = """\
# Article level. With sentence scores s_i = P(first) - P(second), title included, r_i = sigma(sourced logit), and the
# judgement a of the article as a whole:
#   author_mean = sum (1 - r_i) s_i / sum (1 - r_i); lead_mean = mean of the first three s_i; article = a
#   z = weights . features; P(first) = sigma(z - cut); P(second) = sigma(-z - cut); P(balanced) = the rest
#   score = P(first) - P(second); confidence = the largest of the three
# Everything is fitted on articles held out of training (outlets and stories of their own); ece (of the confidence, ten
# bins), risk (error rate of the answers given at abstain_below) and answered (their share) are measured on dev through
# the program, on the articles that the contest applies to (MODEL_CARD.md).
version = "{version}"
"""


def calibration_toml(fitted, dev):
    parts = [CALIBRATION_HEAD.format(version=CALIBRATION_VERSION)]
    for name in ("us-russia", "any"):
        f, figures = fitted[name], dev[name]
        weights = f["weights"]
        found = f"held, out of fold: risk {f['risk']:.3f} with {f['answered']:.3f} answered, {f['articles']} articles"
        if not f["reached"]:
            found += "; 10 % is out of reach, so nothing is answered"
        parts.append(f"""
[framing.{name}]
weights = {{ {", ".join(f"{key} = {value:.6f}" for key, value in weights.items())} }}
cut = {f["cut"]:.6f}
# {found}
abstain_below = {f["abstain_below"]:.6f}
# dev, {figures["n"]} articles
ece = {figures["ece"]:.3f}
risk = {figures["risk"]:.3f}
answered = {figures["answered"]:.3f}
""")
    scale = fitted["relevance"]
    parts.append(f"""
[relevance.us-russia]
# P(applies) = sigma(logit / temperature + offset)
temperature = {scale["temperature"]:.6f}
offset = {scale["offset"]:.6f}
applies_above = 0.5

[furniture]
# A sentence is left out at sigma(furniture logit) >= drop_above; the title never is.
drop_above = {DROP_ABOVE:.6f}

[voice]
# A sentence without visible attribution passes somebody's words on at sigma(sourced logit) >= sourced_above.
sourced_above = {fitted["sourced"]["above"]:.6f}
# Quoted words whose speaker is not named are a side's at this probability or more that its people speak.
side_above = {fitted["speaker"]["above"]:.6f}
""")
    return "".join(parts)


def head_tables():
    parts = []
    for name, (inputs, _, _) in HEADS.items():
        bound = TRAINED_FOR if name == "relevance" else ""
        parts.append(f"[heads.{name}]\ninputs = {json.dumps(inputs)}\nlabels = {json.dumps(LABELS[name])}\n{bound}")
    return "\n".join(parts)


def head_tensors(network):
    tensors = {}
    for name, head in network.heads.items():
        layers = [m for m in head if isinstance(m, torch.nn.Linear)]
        for k, layer in enumerate(layers):
            tensors[f"{name}.layers.{k}.weight"] = layer.weight.detach().half().contiguous()
            tensors[f"{name}.layers.{k}.bias"] = layer.bias.detach().half()
    return tensors


def write_bundle(network, fitted, dev):
    config = read_json(pretrained_folder() / "config.json")
    config = {key: value for key, value in config.items() if key not in ("_name_or_path", "transformers_version")}
    write_json(BUNDLE / FILES["config"], config)
    tokenizer = Tokenizer.from_file(str(pretrained_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(BUNDLE / FILES["tokenizer"]), pretty=False)
    encoder = {name: w.half().contiguous() for name, w in network.encoder.state_dict().items()}
    save_file(encoder, BUNDLE / FILES["encoder"])
    save_file(head_tensors(network), BUNDLE / FILES["heads"])
    (BUNDLE / FILES["calibration"]).write_text(calibration_toml(fitted, dev), encoding="utf-8")
    lines = []
    for name, path in FILES.items():
        content = (BUNDLE / path).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f'{name} = {{ path = "{path}", sha256 = "{digest}", bytes = {len(content)} }}')
    (BUNDLE / "manifest.toml").write_text(MANIFEST.format(
        version=VERSION, window=MAX_WINDOW_TOKENS, files="\n".join(lines), heads=head_tables()), encoding="utf-8")


ARTICLE = {
    "title": "Alliance and Moscow end a second day of talks without a text",
    "sentences": [
        "Negotiators from NATO and Russia left the table in Vienna on Thursday without agreeing on a single paragraph.",
        "Helena Marquist, who led the Western delegation, said Russia had massed troops to bully a neighbour and then "
        "asked to be paid for moving them.",
        "“Nobody outside an alliance gets to choose its members,” she told reporters.",
        "Her counterpart Arkady Velin replied that NATO had broken promise after promise on the way to Russia's border.",
        "He said Moscow wanted guarantees on paper, because words had been worth nothing.",
        "The two sides will meet again on 3 March; the café across the street has already been booked for the press.",
        "Kyiv, which had no seat in the room, thanked Washington for what it called firm and generous support.",
    ],
}
NOTE = ("Lists run over the title (if any) and the sentences. A mention names its sentence in that list and its bytes in "
        "that sentence, half-open. `vectors` holds the first 8 of 384 numbers; `windows` counts tokens with both specials.")
# (sentence, side, name)
MENTIONS = [(0, 0, "Alliance"), (1, 0, "NATO"), (1, 1, "Russia"), (2, 1, "Russia"), (4, 0, "NATO"), (7, 0, "Washington")]
LONG_ARTICLE = {
    "title": None,
    "sentences": [
        "The envoy read the statement aloud.",
        "It said " + "that the pipeline would stay closed until the sanctions were lifted, and " * 45
        + "that nothing more would follow.",
        "Then he left.",
    ],
}


CLAIMS = [["No alliance lets an outside power choose its members."], ["The alliance broke its promises.",
                                                                        "Moscow needs guarantees on paper."]]


def expected(reader, network, article, mentions, claims):
    """What the server must find for the article; `sentence` counts in the list with the title, ranges are bytes."""
    listed = ([article["title"]] if article["title"] else []) + article["sentences"]
    places = [(n, side, listed[n].index(name), listed[n].index(name) + len(name)) for n, side, name in mentions]
    text = reader.text(listed, places, bool(article["title"]))
    [read, *of_claims] = reader.read(network, [text] + [reader.separate(side, []) for side in claims])
    claim_vectors = [read_side["sentence"].mean(dim=0) for read_side in of_claims] or None
    shared, sides = side_vectors(network, text, read, claim_vectors)
    stance, article_stance = stance_logits(network, shared, sides)
    where = [n for n, _, _, _ in text.mentions]
    polarity = network.head("polarity", {"mention": read["mention"], "sentence": read["sentence"][where]}) if where else []
    found = []
    # Every place has tokens, so the mentions of the text are these, in this order.
    for (n, side, start, end), logits in zip(places, polarity, strict=True):
        start_byte = len(listed[n][:start].encode())
        found.append({"sentence": n, "side": side, "start": start_byte,
                      "end": start_byte + len(listed[n][start:end].encode()), "polarity_logits": logits.tolist()})
    lengths = [len(ids) for ids in text.ids]
    return article | {"claims": claims, "expected": {
        "tokens": lengths,
        "windows": [2 + sum(end - start for _, start, end in window) for window in pack(lengths)],
        "vectors": read["sentence"][:, :8].tolist(),
        "salience_logits": network.head("salience", shared)[:, 0].tolist(),
        "sourced_logits": network.head("sourced", shared)[:, 0].tolist(),
        "furniture_logits": network.head("furniture", shared)[:, 0].tolist(),
        "stance_logits": stance.tolist(),
        "article_stance_logits": article_stance.tolist(),
        "speaker_logits": speaker_logits(network, shared, sides).tolist(),
        "relevance_logit": float(network.head("relevance", shared)[0, 0]),
        "mentions": found,
    }}


def main():
    set_up()
    network, reader = trained(), Reader()
    dev = read_json(WORK / "dev.json") if (WORK / "dev.json").exists() else UNMEASURED
    write_bundle(network, read_json(WORK / "calibration.json"), dev)
    with torch.inference_mode():
        articles = [expected(reader, network, ARTICLE, MENTIONS, CLAIMS),
                    expected(reader, network, LONG_ARTICLE, [], [])]
    write_json(PARITY, {"bundle": f"parallax-minilm {VERSION}", "tolerance": 1e-3, "note": NOTE, "articles": articles})


if __name__ == "__main__":
    main()
