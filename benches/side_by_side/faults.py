"""Rows of stress: callers who misbehave, and a machine that does. Each row says what other callers noticed."""

import os
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from encoders import ROOT
from http2 import ATTACKERS, Hoarder
from service import Server, load, parallax

PORT = 50965
SECONDS, CONNECTIONS, RATE, TIMEOUT_MS = 10, 8, 10, 5_000
HOARDERS, HOARDED_CALLS, MESSAGE = 8, 100, 4 << 20
SILENT = 500
LIBFAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def others(program, seconds=SECONDS):
    """Ordinary callers, so many a second, with a deadline."""
    return load(program, PORT, "--vary", "--rate", str(RATE), "--timeout-ms", str(TIMEOUT_MS), "--warm-up", "0", seconds=seconds)


def told(found):
    failed = {name: found[name] for name in ("refused", "expired", "unavailable", "failed") if found[name]}
    return f"{found['answered']} of {RATE * SECONDS} other calls answered, p99 {found['p99_ms']:.0f} ms" + (f", {failed}" if failed else "")


def beside(program, work):
    """Other callers while `work` goes on in a thread; what they found, and what it returned."""
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(work)
        return others(program), result.result()


def attack(attacker, connections, end):
    """So many attackers at once, each with a new connection when the old one is ended: chunks sent, and connections."""
    def work():
        sent, opened = 0, 0
        while time.monotonic() < end:
            try:
                sent += attacker(PORT, end)
                opened += 1
            except OSError:
                time.sleep(0.01)
        return sent, opened
    with ThreadPoolExecutor(connections) as pool:
        found = list(pool.map(lambda _: work(), range(connections)))
    return sum(sent for sent, _ in found), sum(opened for _, opened in found)


def abuse(program):
    with parallax(PORT):
        quiet = others(program)
    rows = [f"quiet: {told(quiet)}"]
    for name, attacker in ATTACKERS.items():
        with parallax(PORT) as server:
            others(program, seconds=3)
            before = server.memory()
            connections = SILENT if name == "half-open" else CONNECTIONS
            end = time.monotonic() + SECONDS
            found, (sent, opened) = beside(program, lambda: attack(attacker, connections, end))
            growth = server.memory() - before
        rows.append(f"{name}: {sent:,} over {opened:,} connections; {told(found)}; peak memory {growth:+.0f} MiB")
    return "; <br> ".join(rows)


def hoarding(program):
    """Messages that are all there but for their last byte."""
    with parallax(PORT) as server:
        others(program, seconds=3)
        before, end = server.memory(), time.monotonic() + SECONDS
        hoarders = [Hoarder(PORT, HOARDED_CALLS, MESSAGE) for _ in range(HOARDERS)]
        with ThreadPoolExecutor(HOARDERS) as pool:
            found, sent = beside(program, lambda: sum(pool.map(lambda hoarder: hoarder.hoard(end), hoarders)))
        growth = server.memory() - before
    return (f"{HOARDERS} connections with {HOARDED_CALLS} calls each, {MESSAGE >> 20} MiB announced by each: {sent / (1 << 20):.0f} MiB taken, "
            f"{sum(hoarder.refused for hoarder in hoarders)} refused, peak memory {growth:+.0f} MiB; {told(found)}")


def cancel_storm(program):
    with parallax(PORT) as server:
        storm = load(program, PORT, "--vary", "--rate", "400", "--leave-after-ms", "5", "--warm-up", "0", seconds=SECONDS)
        after = others(program)
        growth = server.memory()
    return f"400 calls a second, every second caller leaves after 5 ms: {storm['left']} left; afterwards {told(after)}; peak memory {growth:.0f} MiB"


def full_disk(program):
    """What the server logs goes to a device that is always full."""
    command = [str(ROOT / "target" / "release" / "parallax"), "serve", "--listen", f"127.0.0.1:{PORT}"]
    with open("/dev/full", "w", encoding="utf-8") as full:
        process = subprocess.Popen(command, cwd=ROOT, stderr=full, env=os.environ | {"PARALLAX__TELEMETRY__LOG_LEVEL": "debug"})
    try:
        time.sleep(5)
        found = others(program)
    finally:
        process.terminate()
        code = process.wait()
    return f"standard error on /dev/full: {told(found)}; exit code {code}"


def clock_jumps(program):
    """The wall clock goes a day forth and back each second, under callers with deadlines."""
    if not LIBFAKETIME.exists():
        return "skipped: install the Debian package faketime"
    with tempfile.NamedTemporaryFile("w") as clock:
        def set_clock(offset):
            clock.seek(0)
            clock.write(f"{offset}\n")
            clock.flush()
        set_clock("+0d")
        program_file = ROOT / "target" / "release" / "parallax"
        faked = dict(LD_PRELOAD=str(LIBFAKETIME), FAKETIME_TIMESTAMP_FILE=clock.name, FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
        command = [str(program_file), "serve", "--listen", f"127.0.0.1:{PORT}"]
        with Server(command, "serving", PARALLAX__CACHE__MAX_BYTES="0", **faked) as server:
            stop = threading.Event()

            def jump():
                jumps = 0
                while not stop.wait(1):
                    jumps += 1
                    set_clock("+1d" if jumps % 2 else "-1d")
                return jumps
            with ThreadPoolExecutor(1) as pool:
                jumps = pool.submit(jump)
                found = others(program)
                stop.set()
            days = {line[:10] for line in Path(server.log.name).read_text(encoding="utf-8").splitlines() if line[:2] == "20"}
    return f"{jumps.result()} jumps between yesterday and tomorrow, {len(days)} dates in the log: {told(found)}"


ROWS = {"abuse": abuse, "hoarding": hoarding, "cancel-storm": cancel_storm, "full-disk": full_disk, "clock": clock_jumps}
