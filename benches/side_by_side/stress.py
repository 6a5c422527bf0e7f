"""Rows of stress: overload, callers who leave, the end under load, memory over many calls, and those of
faults.py and telemetry.py. `stress.py [ROW ...]`.

Each row starts a server of its own and prints what was measured as a line of a table. The server says at its end what its
engine has done; what it computed for callers who got no answer is the difference to what the answered ones were told.
"""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import faults
import telemetry
from encoders import built
from service import load, parallax

PORT = 50964
OVERLOAD_SECONDS, TIMEOUT_MS = 60, 5_000
SOAK_CALLS, SOAK_MARK = 20_000, 2_000
CACHE_BYTES = 16 << 20


def totals(server):
    """What the engine had done when the server ended."""
    lines = Path(server.log.name).read_text(encoding="utf-8").splitlines()
    found = next(json.loads(line) for line in lines if "engine totals" in line)
    return {name: int(found[name]) for name in ("read", "cancelled", "expired", "failed", "batches", "tokens")}


def end(server):
    """Tells the server to end; its exit code, and how long it took."""
    began = time.perf_counter()
    server.process.send_signal(signal.SIGTERM)
    return server.process.wait(), time.perf_counter() - began


def idle_tokens():
    """Tokens that a server reads to warm up."""
    with parallax(PORT) as server:
        end(server)
        return totals(server)["tokens"]


def for_nobody(found, done):
    """Share of the tokens whose callers got no answer. The claims of the contest are read once, with the warm-up."""
    return 1 - found["tokens"] / (done["tokens"] - idle_tokens())


def best(program):
    with parallax(PORT):
        return load(program, PORT, "--vary", seconds=20)["articles_per_second"]


def overload(program):
    sustained = best(program)
    with parallax(PORT) as server:
        found = load(program, PORT, "--vary", "--rate", f"{4 * sustained:.2f}", "--timeout-ms", str(TIMEOUT_MS),
                     "--warm-up", "0", seconds=OVERLOAD_SECONDS)
        end(server)
        done = totals(server)
    goodput = found["answered"] / OVERLOAD_SECONDS
    return (f"best {sustained:.1f} articles a second; at {4 * sustained:.0f} for {OVERLOAD_SECONDS} s, deadline {TIMEOUT_MS} ms: {goodput:.1f} "
            f"({goodput / sustained:.0%}), p99 {found['p99_ms']:.0f} ms; {found['refused']} refused with RetryInfo, p99 {found['refused_p99_ms']:.0f} ms; "
            f"{found['expired']} expired; {for_nobody(found, done):.1%} of the tokens computed for nobody; "
            f"{found['failed'] + found['unavailable']} other failures")


def leaving(program):
    sustained = best(program)
    with parallax(PORT) as server:
        found = load(program, PORT, "--vary", "--rate", f"{2 * sustained:.2f}", "--leave-after-ms", "30", "--warm-up", "0", seconds=20)
        end(server)
        done = totals(server)
    return (f"at {2 * sustained:.0f} a second every second caller leaves after 30 ms: {found['left']} left, {done['cancelled']} "
            f"taken out of the queue; {found['answered']} answered; {for_nobody(found, done):.1%} of the tokens computed for nobody")


def terminate(program):
    with parallax(PORT) as server:
        found = []
        caller = threading.Thread(target=lambda: found.append(load(program, PORT, "--vary", "--rate", "40", seconds=6)))
        caller.start()
        time.sleep(5)
        code, seconds = end(server)
        caller.join()
        done = totals(server)
    [found] = found
    # The warm-up of the server and of the caller were read too.
    read = done["read"]
    return (f"SIGTERM at 40 calls a second: exit code {code} after {seconds:.2f} s; {read} articles read, {found['answered']} answered under the clock; "
            f"{found['unavailable']} told UNAVAILABLE; cancelled {done['cancelled']}, failed {done['failed'] + found['failed']}")


def soak(program):
    with parallax(PORT, cache=CACHE_BYTES) as server:
        marks = []
        for calls in (SOAK_MARK, SOAK_CALLS - SOAK_MARK):
            answered = 0
            while answered < calls:
                answered += load(program, PORT, "--vary", seconds=20)["answered"]
            marks.append((answered, server.memory("VmRSS")))
        peak = server.memory()
    (first, before), (second, after) = marks
    return (f"resident set after {first} requests {before:.0f} MiB, after {first + second} {after:.0f} MiB: {after / before:.3f}; "
            f"peak {peak:.0f} MiB")


ROWS = {"overload": overload, "leaving": leaving, "terminate": terminate, "soak": soak} | faults.ROWS | telemetry.ROWS


def main():
    program = built("load")
    for name in sys.argv[1:] or ROWS:
        print(f"| {name} | {ROWS[name](program)} |", flush=True)


if __name__ == "__main__":
    main()
