"""The network: one encoder, pooled vectors, small heads. What is shipped computes the same (see `export.py`).

Vectors of 384 numbers:

* sentence      mean of the last hidden states over the tokens of the sentence
* article       mean of the sentence vectors of the list, title included
* mention       mean over the tokens of one mention
* side_mention  mean of the mention vectors of a side in the sentence, 0 without any
* party         mean of all mention vectors of a side in the list, 0 without any
* claim         mean of the vectors of a side's claims, each encoded alone; 0 without any

of 3 numbers:

* side_polarity   mean of the polarity head's probabilities over a side's mentions in the sentence, 0 without any
* party_polarity  the same over all mentions of the side in the list

`stance`, `vantage` and `speaker` read one side at a time and give one number, `plain`, `level` and `outsider` read no side; the
logits of a sentence are [stance(side 1), plain, stance(side 2)], of whose people speak in it [speaker(side 1), outsider,
speaker(side 2)], those of the article [vantage(side 1), level, vantage(side 2)]. An exchange of the sides therefore exchanges the outer logits exactly, whatever was trained.
"""

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertModel

from common import BUNDLE, DIM, WORK
from encoder import pretrained_folder, rounded_weights

# What is read of a sentence and one side.
SIDE_INPUTS = ["sentence", "party", "side_mention", "claim", "sentence*party", "sentence*claim", "side_polarity",
               "party_polarity"]
# What `refit` fits is the mean of this many heads, fitted apart; side by side they are one head with a wider hidden layer.
MEMBERS = 6
# Inputs of each head, joined in this order; `a*b` is the elementwise product.
HEADS = {
    "salience": (["sentence", "article", "position"], [64 * MEMBERS], 1),
    "relevance": (["article"], [32 * MEMBERS], 1),
    "polarity": (["mention", "sentence"], [64], 3),
    "furniture": (["sentence", "article", "position"], [64], 1),
    "sourced": (["sentence", "article"], [32 * MEMBERS], 1),
    "stance": (SIDE_INPUTS, [64], 1),
    "plain": (["sentence", "article"], [32], 1),
    "vantage": (["article", "party", "claim", "article*party", "article*claim", "party_polarity"], [32], 1),
    "level": (["article"], [32], 1),
    "speaker": (SIDE_INPUTS, [64 * MEMBERS], 1),
    "outsider": (["sentence", "article"], [32 * MEMBERS], 1),
}
SHORT = ("position", "side_polarity", "party_polarity")
DROPOUT = 0.2


def width(inputs):
    return sum(3 if name in SHORT else DIM for name in inputs)


def joined(inputs, vectors):
    """The rows a head reads, from vectors by name."""
    parts = []
    for name in inputs:
        factors = [vectors[factor] for factor in name.split("*")]
        parts.append(factors[0] * factors[1] if len(factors) == 2 else factors[0])
    return torch.cat(parts, dim=-1)


def mlp(inputs, hidden, outputs):
    sizes = [width(inputs), *hidden, outputs]
    layers = [nn.Dropout(DROPOUT)]
    for n, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers += [nn.GELU(), nn.Dropout(DROPOUT)] if n else []
        layers.append(nn.Linear(a, b))
    return nn.Sequential(*layers)


class Network(nn.Module):
    """Encoder and heads."""

    def __init__(self):
        super().__init__()
        self.encoder = BertModel(BertConfig.from_pretrained(pretrained_folder()), add_pooling_layer=False)
        weights = {name: w.float() for name, w in rounded_weights().items() if not name.startswith("pooler")}
        self.encoder.load_state_dict(weights)
        # 22,000 of the 30,000 words never occur in training: moving the others alone would tear them apart.
        for parameter in self.encoder.embeddings.parameters():
            parameter.requires_grad = False
        self.heads = nn.ModuleDict({name: mlp(*shape) for name, shape in HEADS.items()})

    def head(self, name, vectors):
        return self.heads[name](joined(HEADS[name][0], vectors))

    def token_vectors(self, ids, mask, half):
        """Last hidden states; `half` computes the matrix products in bfloat16 (training only)."""
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return hidden.float()


def means(vectors, groups, count):
    """Row g: mean of the rows of `vectors` whose group is g, 0 without any; group -1 belongs nowhere."""
    kept = groups >= 0
    sums = vectors.new_zeros(count, vectors.shape[-1]).index_add(0, groups[kept], vectors[kept])
    counts = torch.zeros(count).index_add(0, groups[kept], torch.ones(int(kept.sum())))
    return sums / counts.clamp(min=1)[:, None]


def shipped(state):
    """The weights as the bundle holds them, rounded to half precision."""
    return {name: w.half().float() if w.is_floating_point() else w for name, w in state.items()}


def from_state(state):
    """The network with these weights."""
    network = Network()
    network.load_state_dict(state)
    return network.eval()


def trained():
    """The network as training left it, its weights rounded as they are shipped."""
    return from_state(shipped(torch.load(WORK / "network.pt", weights_only=True)))


def from_bundle():
    """The network that is shipped, read back from the bundle; heads that it does not have, or of another width, are new."""
    network = Network()
    state = {name: w for name, w in network.state_dict().items() if name.startswith("heads.")}
    state |= {f"encoder.{name}": w.float() for name, w in load_file(BUNDLE / "encoder.safetensors").items()}
    heads = load_file(BUNDLE / "heads.safetensors")
    for name, head in network.heads.items():
        places = [n for n, layer in enumerate(head) if isinstance(layer, nn.Linear)]
        first = heads.get(f"{name}.layers.0.weight")
        if first is None or first.shape != head[places[0]].weight.shape:
            continue
        for k, place in enumerate(places):
            for kind in ("weight", "bias"):
                state[f"heads.{name}.{place}.{kind}"] = heads[f"{name}.layers.{k}.{kind}"].float()
    network.load_state_dict(state)
    return network.eval()
