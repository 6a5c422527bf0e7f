"""Step `train`, in two stages, named as argument; figures of each epoch in work/generator/train.jsonl.

`first` teaches the decoder and the last two layers of the encoder to copy runs of the window, then titles for most of an epoch;
first.pt. `second` leaves the encoder as it is, which makes a step several times cheaper, and teaches the decoder titles;
trained.pt, of the epoch with the best loss on titles of the validation outlets.

The loss is the mean of two: the choice among all words of the batch, and the choice among the words that decoding allows (the
window's own and the open words), which is the harder and the one that counts. A stage goes on from its checkpoint, if it has one.
"""

import json
import math
import random
import sys
import time
from dataclasses import dataclass

import torch

from common import SEED, set_up
from generator import GENERATOR_WORK
from generator.batches import IGNORED, Corpus
from generator.encode import attention_mask
from generator.network import FROZEN_LAYERS, LAYERS, PAD, generator


@dataclass(frozen=True)
class Stage:
    """Steps of copying and of titles, the layers whose states are stored, the rates, and the steps over which they fall."""

    copies: int
    titles: int
    stored: int
    rate: float
    encoder_rate: float
    falls: int


# `first` was planned longer; where it ends its rate is still nine tenths.
STAGES = {"first": Stage(500, 400, FROZEN_LAYERS, 1e-3, 3e-4, 3278),
          "second": Stage(0, 1389, LAYERS, 8e-4, 0.0, 1389)}
BATCH = 32
WARM_UP = 150
LAST_RATE = 0.02
DECAY = 0.01
SMOOTHING = 0.1
SAVE_EACH = 100


def optimiser_of(network, stage):
    decoder = [p for p in network.model.decoder.parameters() if p.requires_grad]
    encoder = list(network.model.encoder.layers[FROZEN_LAYERS:].parameters())
    groups = [{"params": decoder, "lr": stage.rate}, {"params": encoder, "lr": stage.encoder_rate}]
    optimiser = torch.optim.AdamW([g for g in groups if g["lr"]], betas=(0.9, 0.98), weight_decay=DECAY)

    def factor(step):
        if step < WARM_UP:
            return (step + 1) / WARM_UP
        return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - WARM_UP) / (stage.falls - WARM_UP))))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, factor)


def found_words(network, batch, stored):
    """The decoder's vectors for the n wanted words [n, 384], and which window each belongs to."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden, away = batch.states, attention_mask(batch.mask)
        for layer in network.model.encoder.layers[stored:]:
            hidden = layer(hidden, away, None)[0]
        found = network.model.decoder(input_ids=batch.written, attention_mask=batch.written != PAD, encoder_hidden_states=hidden,
                                      encoder_attention_mask=batch.mask.long(), use_cache=False).last_hidden_state
    wanted = batch.wanted != IGNORED
    return found.float()[wanted], wanted.nonzero()[:, 0]


def losses(network, batch, stored, smoothing=SMOOTHING):
    """Smoothed cross-entropy among the allowed words and among all of the batch, and the share of first choices that are right.

    The smoothing wants the mean logit, which is the product with the mean word: cheaper than the mean of the logits.
    """
    found, window = found_words(network, batch, stored)
    wanted, words = batch.wanted[batch.wanted != IGNORED], network.model.shared.weight[batch.words]
    with torch.autocast("cpu", torch.bfloat16):
        logits = found @ words.T
    logits = logits.float()
    right = logits.gather(1, wanted[:, None])[:, 0]
    share = batch.allowed / batch.allowed.sum(-1, keepdim=True)
    among = logits + batch.allowed.log()[window]
    kept = batch.allowed[window, wanted] > 0
    aim = (1 - smoothing) * right
    allowed = (among.logsumexp(-1) - aim - smoothing * (found * (share @ words)[window]).sum(-1))[kept].mean()
    every = (logits.logsumexp(-1) - aim - smoothing * found @ words.mean(dim=0)).mean()
    return allowed, every, (among.detach().argmax(-1) == wanted).float().mean()


def validate(network, corpus, stored):
    network.eval()
    with torch.inference_mode():
        found = [[float(v) for v in losses(network, corpus.titles(places), stored, 0.0)]
                 for places in corpus.epoch("validation", BATCH, random.Random(SEED))]
    network.train()
    return dict(zip(("allowed", "every", "right"), (round(sum(column) / len(found), 4) for column in zip(*found))))


def trained_part(network):
    return {name: p.detach() for name, p in network.named_parameters() if p.requires_grad}


class Run:
    """A stage: the network, where its training stands, and how to go on from there."""

    def __init__(self, name):
        self.name, self.stage, self.corpus = name, STAGES[name], Corpus(name)
        self.network, self.step, self.best = generator(), 0, math.inf
        if name == "second":
            self.network.load_state_dict(torch.load(GENERATOR_WORK / "first.pt", weights_only=True), strict=False)
        self.epoch_steps = len(self.corpus.epoch("train", BATCH, random.Random(SEED)))
        self.optimiser, self.schedule = optimiser_of(self.network, self.stage)
        self.path = GENERATOR_WORK / f"{name}.checkpoint.pt"
        if self.path.exists():
            saved = torch.load(self.path, weights_only=False)
            self.network.load_state_dict(saved["network"], strict=False)
            self.optimiser.load_state_dict(saved["optimiser"])
            self.schedule.load_state_dict(saved["schedule"])
            self.step, self.best = saved["step"], saved["best"]
        self.network.train()

    def save(self):
        torch.save({"network": trained_part(self.network), "optimiser": self.optimiser.state_dict(), "schedule": self.schedule.state_dict(),
                    "step": self.step, "best": self.best}, self.path.with_suffix(".new"))
        self.path.with_suffix(".new").replace(self.path)

    def learn(self, batch):
        allowed, every, right = losses(self.network, batch, self.stage.stored)
        self.optimiser.zero_grad()
        ((allowed + every) / 2).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        return allowed.item(), every.item(), right.item()

    def batches(self):
        """From where training stands; each step draws from a seed of its own, each epoch of titles has its order."""
        copying = self.corpus.epoch("train", BATCH, random.Random(SEED))
        while self.step < self.stage.copies:
            yield self.corpus.runs(copying[self.step % len(copying)], random.Random(SEED + self.step))
        order = {}
        while self.step < self.stage.copies + self.stage.titles:
            epoch, place = divmod(self.step - self.stage.copies, self.epoch_steps)
            if epoch not in order:
                order = {epoch: self.corpus.epoch("train", BATCH, random.Random(SEED + 1 + epoch))}
            yield self.corpus.titles(order[epoch][place], torch.Generator().manual_seed(SEED + self.step))

    def end_epoch(self, log):
        figures = validate(self.network, self.corpus, self.stage.stored)
        print(json.dumps({"stage": self.name, "step": self.step} | figures), file=log, flush=True)
        if figures["allowed"] < self.best:
            self.best = figures["allowed"]
            kept = "first.pt" if self.name == "first" else "trained.pt"
            torch.save(trained_part(self.network), GENERATOR_WORK / kept)


def main():
    set_up()
    run = Run(sys.argv[1])
    began, seen = time.time(), []
    with open(GENERATOR_WORK / "train.jsonl", "a", encoding="utf-8") as log:
        for batch in run.batches():
            torch.manual_seed(SEED + run.step)
            seen.append(run.learn(batch))
            titles = run.step - run.stage.copies
            if run.step % 20 == 0:
                print(run.name, run.step, round(time.time() - began), [round(sum(c) / len(seen), 3) for c in zip(*seen)], flush=True)
                seen = []
            if titles == run.stage.titles or (titles > 0 and titles % run.epoch_steps == 0):
                run.end_epoch(log)
            if run.step % SAVE_EACH == 0:
                run.save()


if __name__ == "__main__":
    main()
