"""A summary by a random checkpoint of DistilBART-6-6's shape in several engines: medians and ratios.

Every measurement is a process of its own, and the engines take turns, so that what else the machine does falls on all.
`generation.py` runs them all and prints a table; `generation.py NAME THREADS BEAMS` measures one.
"""

import json
import os
import shutil
import statistics
import sys

from encoders import ROOT, built, child, measure

WORK = ROOT / "target" / "side_by_side" / "distilbart"
SOURCE, TOKENS, REPEAT, ROUNDS = 512, 60, 2, 3
THREADS, BEAMS = (1, 2), (1, 4)
REFERENCE = "transformers fp32"


def checkpoint():
    """Made once. Its tokenizer is that of a fixture with more words: which tokens a source has makes no difference."""
    if (WORK / "model.safetensors").exists():
        return
    import torch
    from transformers import BartConfig, BartForConditionalGeneration
    torch.manual_seed(1)
    config = BartConfig(vocab_size=50264, d_model=1024, encoder_layers=6, decoder_layers=6, encoder_attention_heads=16,
                        decoder_attention_heads=16, encoder_ffn_dim=4096, decoder_ffn_dim=4096, max_position_embeddings=1024,
                        forced_bos_token_id=0, forced_eos_token_id=2,
                        # CTranslate2 asks for these of older checkpoints.
                        normalize_before=False, normalize_embedding=True)
    WORK.mkdir(parents=True, exist_ok=True)
    small = ROOT / "tests" / "fixtures" / "checkpoints" / "bart"
    words = json.loads((small / "vocab.json").read_text())
    words |= {f"<word {n}>": n for n in range(len(words), config.vocab_size)}
    (WORK / "vocab.json").write_text(json.dumps(words))
    shutil.copy(small / "merges.txt", WORK / "merges.txt")
    BartForConditionalGeneration(config).save_pretrained(WORK, safe_serialization=True)


def source():
    return [0] + [5 + n % 300 for n in range(SOURCE - 2)] + [2]


def transformers_engine(threads, beams):
    import torch
    from transformers import BartForConditionalGeneration
    torch.set_num_threads(threads)
    model = BartForConditionalGeneration.from_pretrained(WORK).eval()
    ids = torch.tensor([source()])

    def run():
        with torch.inference_mode():
            model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), num_beams=beams, do_sample=False,
                           min_new_tokens=TOKENS, max_new_tokens=TOKENS)
    return run


def ctranslate2_engine(threads, beams, compute_type):
    import ctranslate2
    folder = WORK / "ctranslate2"
    if not folder.exists():
        converter = ctranslate2.converters.TransformersConverter(str(WORK))
        converter.convert(str(folder), force=True)
    translator = ctranslate2.Translator(str(folder), compute_type=compute_type, intra_threads=threads, inter_threads=1)
    words = json.loads((folder / "shared_vocabulary.json").read_text())
    tokens = [words[i] for i in source()]
    return lambda: translator.translate_batch([tokens], beam_size=beams, min_decoding_length=TOKENS, max_decoding_length=TOKENS,
                                              max_input_length=0)


ENGINES = {
    REFERENCE: transformers_engine,
    "CTranslate2 fp32": lambda threads, beams: ctranslate2_engine(threads, beams, "float32"),
    "CTranslate2 int8": lambda threads, beams: ctranslate2_engine(threads, beams, "int8"),
}


def main():
    checkpoint()
    if len(sys.argv) > 1:
        name, threads, beams = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        os.environ["OMP_NUM_THREADS"] = str(threads)
        print(json.dumps({"ms": round(measure(ENGINES[name](threads, beams), REPEAT), 1)}))
        return
    program = built("generation")
    commands = {name: lambda threads, beams, name=name: [sys.executable, "-W", "ignore", __file__, name, str(threads), str(beams)]
                for name in ENGINES}
    for numbers in ("f32", "bf16", "int8"):
        commands[f"parallax {numbers}"] = lambda threads, beams, numbers=numbers: [
            program, "--folder", str(WORK), "--threads", str(threads), "--beams", str(beams), "--source", str(SOURCE),
            "--tokens", str(TOKENS), "--repeat", str(REPEAT), "--numbers", numbers]
    times = {(name, threads, beams): [] for name in commands for threads in THREADS for beams in BEAMS}
    for _ in range(ROUNDS):
        for name, threads, beams in times:
            times[name, threads, beams].append(child(commands[name](threads, beams)))
    print(f"{SOURCE} tokens in, {TOKENS} out; medians of {ROUNDS} processes in ms; speed as a ratio to {REFERENCE}\n")
    cases = [(threads, beams) for beams in BEAMS for threads in THREADS]
    heads = [f"{'greedy' if b == 1 else f'beam {b}'}, {t} thread{'s' * (t > 1)} | ratio" for t, b in cases]
    print("| engine | " + " | ".join(heads) + " |")
    print("|" + " --- |" * (1 + 2 * len(cases)))
    for name in commands:
        cells = []
        for case in cases:
            median = statistics.median(times[name, *case])
            cells += [f"{median:.0f}", f"{statistics.median(times[REFERENCE, *case]) / median:.2f}"]
        print("| " + " | ".join([name, *cells]) + " |")


if __name__ == "__main__":
    main()
