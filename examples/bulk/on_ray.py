"""Analyses a folder of Parquet files on Ray, a task for each file. `on_ray.py TARGET INPUT OUTPUT`

Files that are in OUTPUT already are left out: run it again until nothing is left. Without --address Ray runs on this machine
alone. On a cluster INPUT and OUTPUT lie where every node sees them, and TARGET is one that every node reaches.
"""

import argparse
import os
from pathlib import Path

# The stubs and this folder, for the workers too.
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).resolve().parent), os.environ.get("PYTHONPATH", "")])
import ray


# Waiting for a server takes no processor. A worker that dies is replaced, and does its file again.
@ray.remote(num_cpus=0.1, max_retries=3)
def analyze(source, result, target, in_flight):
    import partition

    return partition.analyze(source, result, target, in_flight)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", help="host:port, or dns:///NAME:PORT for every replica")
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--address", help="of a Ray cluster")
    parser.add_argument("--files", type=int, default=4, help="files at once")
    parser.add_argument("--in-flight", type=int, default=8, help="articles of a file at once")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    files = sorted(options.input.glob("*.parquet"))
    todo = [file for file in files if not (options.output / file.name).exists()]
    print(f"{len(files)} files, {len(files) - len(todo)} done already")
    ray.init(address=options.address, log_to_driver=False)
    running, broken = {}, 0
    while todo or running:
        while todo and len(running) < options.files:
            file = todo.pop(0)
            result = options.output / file.name
            task = analyze.remote(str(file.resolve()), str(result.resolve()), options.target, options.in_flight)
            running[task] = file.name
        ready, _ = ray.wait(list(running))
        name = running.pop(ready[0])
        try:
            count, failed = ray.get(ready[0])
            print(f"{name}: {count} articles, {failed} failed")
        except ray.exceptions.RayError as error:
            broken += 1
            print(f"{name}: not done: {str(error).strip().splitlines()[-1]}")
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
