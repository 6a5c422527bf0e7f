"""Whole analyses through gRPC: Parallax and the plain Python server, the same load in turn. `service.py [FOLDER OF ARTICLES]`.

Closed loop, 32 callers: articles a second. Then Parallax alone, open loop at shares of that: times of the answers from
when they were due, with a plot.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from encoders import ROOT, built

FIXTURES = ROOT / "tests" / "fixtures" / "articles"
IN_FLIGHT, SECONDS, ROUNDS = 32, 15, 3
SHARES = (0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95)
PLOT = ROOT / "docs" / "images" / "latency.png"


class Server:
    """A server process; ends with the block."""

    def __init__(self, command, sign, **settings):
        self.command, self.sign, self.settings = command, sign, settings

    def __enter__(self):
        # A file takes what is logged under load; a pipe that nobody reads would stop the server.
        self.log = tempfile.NamedTemporaryFile()
        self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=self.log, stderr=subprocess.STDOUT,
                                        env=os.environ | self.settings)
        while self.process.poll() is None:
            if self.sign in Path(self.log.name).read_text(encoding="utf-8", errors="replace"):
                return self
            time.sleep(0.1)
        raise SystemExit(f"{self.command} ended before it served")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def memory(self, field="VmHWM"):
        """In MiB: the largest resident set so far, or the present one (VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(field))


def parallax(port, *flags, cache=0, **settings):
    """The same articles come again and again, so that no reply is kept unless asked for."""
    program = ROOT / "target" / "release" / "parallax"
    command = [str(program), "serve", "--listen", f"127.0.0.1:{port}", *flags]
    return Server(command, "serving", PARALLAX__CACHE__MAX_BYTES=str(cache), PARALLAX__TELEMETRY__LOG_FORMAT="json",
                  **settings)


def plain(port):
    return Server([sys.executable, "-W", "ignore", "-u", str(Path(__file__).with_name("plain_server.py")), str(port)], "serving")


def load(program, port, *flags, articles=FIXTURES, seconds=SECONDS):
    command = [program, "--url", f"http://127.0.0.1:{port}", "--articles", str(articles), "--seconds", str(seconds), *flags]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def plot(points):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axis = pyplot.subplots(figsize=(6, 3.6))
    for name in ("p50_ms", "p95_ms", "p99_ms"):
        axis.plot([rate for rate, _ in points], [result[name] for _, result in points], marker="o", label=name[:3])
    axis.set(xlabel="articles a second, open loop", ylabel="ms from when the call was due", ylim=(0, None))
    axis.legend()
    figure.tight_layout()
    figure.savefig(PLOT, dpi=110)


def main():
    articles = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else FIXTURES
    program = built("load")
    servers = {"parallax": lambda: parallax(50961), "plain Python server": lambda: plain(50962)}
    ports = {"parallax": 50961, "plain Python server": 50962}
    results = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, start in servers.items():
            with start() as server:
                found = load(program, ports[name], "--in-flight", str(IN_FLIGHT), articles=articles)
                results[name].append(found | {"memory": server.memory()})
            time.sleep(1)
    median = {name: {key: statistics.median(r[key] for r in found) for key in found[0]} for name, found in results.items()}
    reference = median["plain Python server"]["articles_per_second"]
    print(f"{IN_FLIGHT} in flight, medians of {ROUNDS} runs of {SECONDS} s\n")
    print("| server | articles a second | ratio | p50, ms | p99, ms | peak memory, MiB |\n|" + " --- |" * 6)
    for name, m in median.items():
        print(f"| {name} | {m['articles_per_second']:.1f} | {m['articles_per_second'] / reference:.2f} | {m['p50_ms']:.0f} "
              f"| {m['p99_ms']:.0f} | {m['memory']:.0f} |")
    print("\n| articles a second, open loop | p50, ms | p95, ms | p99, ms | refused |\n|" + " --- |" * 5)
    points = []
    with parallax(50961):
        for share in SHARES:
            rate = share * median["parallax"]["articles_per_second"]
            points.append((rate, load(program, 50961, "--rate", f"{rate:.3f}", articles=articles)))
            r = points[-1][1]
            print(f"| {rate:.1f} | {r['p50_ms']:.0f} | {r['p95_ms']:.0f} | {r['p99_ms']:.0f} | {r['refused']} |")
    plot(points)


if __name__ == "__main__":
    main()
