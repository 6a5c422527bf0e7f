"""Step `encode`: the states of every window behind the layers that stay as they are, in half precision, in work/generator.

Before `first` those are the four lowest layers of the encoder, before `second` all of it as `first` left it. Training reads the
states again in every epoch instead of computing them; states.json says where each window begins.
"""

import sys

import numpy as np
import torch

from common import DIM, read_json, set_up, write_json
from generator import GENERATOR_WORK
from generator.network import FROZEN_LAYERS, PAD, generator

BATCH = 32


def attention_mask(mask):
    """What the layers of BART's encoder add to their attention: [windows, 1, tokens, tokens]."""
    away = (1.0 - mask.float()) * torch.finfo(torch.float32).min
    return away[:, None, None, :].expand(-1, 1, mask.shape[1], -1)


def embedded(network, ids):
    encoder = network.model.encoder
    return encoder.layernorm_embedding(encoder.embed_tokens(ids) + encoder.embed_positions(ids))


def padded(rows, value=0.0):
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


class States:
    """The stored states of all windows, those of one behind those of another."""

    def __init__(self, stage, mode="r"):
        self.first = read_json(GENERATOR_WORK / "states.json")
        self.rows = np.memmap(GENERATOR_WORK / f"{stage}.states", np.float16, mode, shape=(self.first[-1], DIM))

    def of(self, place):
        return torch.from_numpy(self.rows[self.first[place]:self.first[place + 1]].astype(np.float32))


def main():
    set_up()
    stage = sys.argv[1]
    network = generator().eval()
    layers = network.model.encoder.layers
    pairs = read_json(GENERATOR_WORK / "pairs.json")
    lengths = [len(p["source"]) for p in pairs]
    if stage == "first":
        write_json(GENERATOR_WORK / "states.json", np.concatenate([[0], np.cumsum(lengths)]).tolist())
    states = States(stage, "w+")
    if stage == "second":
        before = States("first")
        network.load_state_dict(torch.load(GENERATOR_WORK / "first.pt", weights_only=True), strict=False)
    chosen = layers[:FROZEN_LAYERS] if stage == "first" else layers[FROZEN_LAYERS:]
    by_length = sorted((n for n, p in enumerate(pairs) if p["split"] != "held"), key=lengths.__getitem__)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for begin in range(0, len(by_length), BATCH):
            batch = by_length[begin:begin + BATCH]
            ids = padded([torch.tensor(pairs[i]["source"]) for i in batch], PAD)
            hidden = embedded(network, ids) if stage == "first" else padded([before.of(i) for i in batch])
            for layer in chosen:
                hidden = layer(hidden, attention_mask(ids != PAD), None)[0]
            for i, rows in zip(batch, hidden):
                states.rows[states.first[i]:states.first[i + 1]] = rows[:lengths[i]].half().numpy()
            if begin % (BATCH * 50) == 0:
                print(begin, len(by_length), flush=True)


if __name__ == "__main__":
    main()
