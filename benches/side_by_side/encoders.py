"""The encoder of the bundle in several engines, the same weights and the same batch: medians and ratios.

Every measurement is a process of its own, and the engines take turns, so that what else the machine does falls on all.
`encoders.py` runs them all and prints a table; `encoders.py NAME THREADS` measures one.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "models" / "parallax-minilm"
# What is made of the bundle lies in a folder named after it, so that another bundle is exported anew.
MANIFEST = hashlib.sha256((BUNDLE / "manifest.toml").read_bytes()).hexdigest()
WORK = ROOT / "target" / "side_by_side" / MANIFEST[:12]
WINDOWS, TOKENS, REPEAT, ROUNDS = 32, 128, 7, 3
THREADS = (1, 2)
REFERENCE = "transformers fp32"


def batch():
    return [[1000 + 7 * row + n for n in range(TOKENS)] for row in range(WINDOWS)]


def model():
    """The encoder in transformers, with fused attention, in single precision."""
    import torch
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel
    encoder = BertModel(BertConfig.from_json_file(BUNDLE / "config.json"), add_pooling_layer=False)
    encoder.load_state_dict({name: w.float() for name, w in load_file(BUNDLE / "encoder.safetensors").items()})
    return torch, encoder.eval()


def transformers_engine(threads, half):
    torch, encoder = model()
    torch.set_num_threads(threads)
    ids = torch.tensor(batch())

    def run():
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
            encoder(input_ids=ids, attention_mask=torch.ones_like(ids))
    return run


def onnx_file(quantised):
    """Exported once; quantised as `onnxruntime.quantization.quantize_dynamic` does by default."""
    plain, small = WORK / "encoder.onnx", WORK / "encoder.int8.onnx"
    if not plain.exists():
        torch, encoder = model()
        ids = torch.tensor(batch())
        torch.onnx.export(encoder, (ids, torch.ones_like(ids)), plain, input_names=["ids", "mask"], output_names=["hidden"],
                          dynamic_axes={"ids": {0: "b", 1: "t"}, "mask": {0: "b", 1: "t"}}, opset_version=17)
    if quantised and not small.exists():
        from onnxruntime.quantization import QuantType, quantize_dynamic
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
    return small if quantised else plain


def onnx_engine(threads, quantised):
    import numpy as np
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(onnx_file(quantised)), options, providers=["CPUExecutionProvider"])
    ids = np.array(batch())
    return lambda: session.run(["hidden"], {"ids": ids, "mask": np.ones_like(ids)})


def ctranslate2_engine(threads, compute_type):
    import ctranslate2
    folder = WORK / "ctranslate2"
    if not folder.exists():
        _, encoder = model()
        source = WORK / "checkpoint"
        encoder.save_pretrained(source)
        (source / "tokenizer.json").write_bytes((BUNDLE / "tokenizer.json").read_bytes())
        ctranslate2.converters.TransformersConverter(str(source)).convert(str(folder), force=True)
    encoder = ctranslate2.Encoder(str(folder), compute_type=compute_type, intra_threads=threads, inter_threads=1)
    return lambda: encoder.forward_batch(batch())


ENGINES = {
    "transformers fp32": lambda threads: transformers_engine(threads, half=False),
    "transformers bf16 (autocast)": lambda threads: transformers_engine(threads, half=True),
    "ONNX Runtime fp32": lambda threads: onnx_engine(threads, quantised=False),
    "ONNX Runtime int8": lambda threads: onnx_engine(threads, quantised=True),
    "CTranslate2 int8": lambda threads: ctranslate2_engine(threads, "int8"),
}


def measure(run, repeat=REPEAT):
    run()
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        run()
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


def built(bench):
    """Where cargo puts a benchmark of the project, built anew if need be."""
    messages = subprocess.run(["cargo", "bench", "--locked", "--bench", bench, "--no-run", "--message-format=json"], cwd=ROOT,
                              check=True, stdout=subprocess.PIPE, text=True).stdout
    artifacts = [json.loads(line) for line in messages.splitlines()]
    found = [a["executable"] for a in artifacts if a.get("executable") and a["target"]["name"] == bench]
    return found[-1]


def child(command):
    environment = os.environ | {"TOKENIZERS_PARALLELISM": "false"}
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    return json.loads(out.strip().splitlines()[-1])["ms"]


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 1:
        threads = int(sys.argv[2])
        os.environ["OMP_NUM_THREADS"] = str(threads)
        print(json.dumps({"ms": round(measure(ENGINES[sys.argv[1]](threads)), 1)}))
        return
    program = built("encoder")
    commands = {name: lambda threads, name=name: [sys.executable, "-W", "ignore", __file__, name, str(threads)] for name in ENGINES}
    for precision, flags in (("f32", ["--f32"]), ("int8", [])):
        commands[f"parallax {precision}"] = lambda threads, flags=flags: [
            program, "--threads", str(threads), "--repeat", str(REPEAT), *flags]
    times = {(name, threads): [] for name in commands for threads in THREADS}
    for _ in range(ROUNDS):
        for name, threads in times:
            times[name, threads].append(child(commands[name](threads)))
    print(f"{WINDOWS} windows of {TOKENS} tokens; medians of {ROUNDS} processes; speed as a ratio to {REFERENCE}\n")
    print("| engine | " + " | ".join(f"{t} thread{'s' * (t > 1)}, ms | ratio" for t in THREADS) + " |")
    print("|" + " --- |" * (1 + 2 * len(THREADS)))
    for name in commands:
        cells = []
        for threads in THREADS:
            median = statistics.median(times[name, threads])
            cells += [f"{median:.0f}", f"{statistics.median(times[REFERENCE, threads]) / median:.2f}"]
        print("| " + " | ".join([name, *cells]) + " |")


if __name__ == "__main__":
    main()
