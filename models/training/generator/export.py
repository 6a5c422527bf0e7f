"""Step `export`: the generator as a checkpoint in the Hugging Face layout, read back and compared; EXPORT names the folder.

Half precision. What the encoder of models/parallax-minilm already holds comes out byte for byte, so `new_bytes` (printed) is
what the generator adds where the two are stored together.
"""

import os
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BartForConditionalGeneration, GenerationConfig

from common import BUNDLE, read_json, set_up, write_json
from generator import GENERATOR_WORK, MAX_SOURCE, OPEN_WORDS
from generator.decode import SETTINGS
from generator.evaluate import headlines_of, trained
from generator.network import CLS, PAD, SEP, initial_state

EXPORT = Path(os.environ.get("EXPORT", GENERATOR_WORK / "export"))
# BART stores the tied words under four names; transformers and rust-bert need this one.
TIED = ("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight")
CHECKED = 32


def write_checkpoint(network):
    EXPORT.mkdir(parents=True, exist_ok=True)
    state = {name: w.half().contiguous() for name, w in network.state_dict().items() if name not in TIED}
    save_file(state, EXPORT / "model.safetensors", metadata={"format": "pt"})
    config = network.config.to_dict() | {"architectures": ["BartForConditionalGeneration"], "torch_dtype": "float16", "dropout": 0.0}
    for key in ("_name_or_path", "_attn_implementation_autoset", "id2label", "label2id"):
        config.pop(key, None)
    write_json(EXPORT / "config.json", config)
    GenerationConfig(bos_token_id=CLS, eos_token_id=SEP, pad_token_id=PAD, decoder_start_token_id=CLS, **SETTINGS).save_pretrained(EXPORT)
    shutil.copy(BUNDLE / "tokenizer.json", EXPORT / "tokenizer.json")
    write_json(EXPORT / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "cls_token": "[CLS]",
               "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]", "model_max_length": MAX_SOURCE})
    shutil.copy(OPEN_WORDS, EXPORT / "open_words.json")


def sizes():
    """Bytes of the weights, and of those that no file of the bundle holds in the same bits."""
    old = initial_state()
    exported = load_file(EXPORT / "model.safetensors")
    size = {name: w.numel() * w.element_size() for name, w in exported.items()}
    kept = [n for n, w in exported.items() if torch.equal(w, old[n].half()) and "decoder" not in n]
    # Positions are a sum of two tensors of the bundle.
    return {"parameters": sum(w.numel() for w in exported.values()), "bytes": sum(size.values()),
            "new_bytes": sum(size.values()) - sum(size[n] for n in kept)}


def main():
    set_up()
    network = trained()
    write_checkpoint(network)
    loaded = BartForConditionalGeneration.from_pretrained(EXPORT, torch_dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(EXPORT / "tokenizer.json"))
    pairs = [p for p in read_json(GENERATOR_WORK / "pairs.json") if p["split"] == "held"][:CHECKED]
    ours, theirs = (headlines_of(n, tokenizer, pairs) for n in (network, loaded))
    if ours != theirs:
        raise SystemExit(f"{sum(a != b for a, b in zip(ours, theirs))} of {CHECKED} headlines changed on the way")
    print(sizes())


if __name__ == "__main__":
    main()
