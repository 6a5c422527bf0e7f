"""Three replicas as one service: throughput, spread, a replica killed, all of them rolled. `scale.py [--seconds N] [--cores N]
[--articles FOLDER] [--plot FILE] [--ways WAY...]`; as root (control groups), with haproxy.

Each replica has a budget of its own, by default half a core: three, a proxy and the callers then fit on two cores. Two ways
to reach them: HAProxy, and a client that balances by itself (round_robin). Callers retry as docs/clients.md says; a call that
fails in spite of that is counted.
"""

import argparse
import asyncio
import contextlib
import time
from pathlib import Path

from load import drive, requests
from replicas import PROGRAM, ROOT, Proxy, Replica

REPLICAS, CALLERS = 3, 24
WAYS = ("haproxy", "round_robin")
# Of a run with events: when the first happens, and how long what is killed stays away.
FIRST_EVENT, AWAY_SECONDS = 5, 3


@contextlib.contextmanager
def running(count, cores):
    replicas = []
    try:
        for number in range(count):
            replicas.append(Replica(number, cores))
            replicas[-1].start()
        yield replicas
    finally:
        for replica in replicas:
            replica.remove()


@contextlib.contextmanager
def reached_by(way, replicas):
    """The target of the client."""
    if way == "round_robin":
        yield "ipv4:" + ",".join(f"127.0.0.1:{replica.port}" for replica in replicas)
        return
    with Proxy(replicas) as proxy:
        yield f"ipv4:127.0.0.1:{proxy.port}"


def under_load(options, way, count=REPLICAS, events=None, seconds=None):
    """Drives a load; what callers saw, what each replica that was never replaced had read, and the most memory of one."""
    articles = requests(options.articles)
    with running(count, options.cores) as replicas, reached_by(way, replicas) as target:
        seconds = seconds or options.seconds
        happening = events(replicas) if events else ()
        outcome = asyncio.run(drive(target, articles, CALLERS, seconds, happening, balanced=way == "haproxy"))
        peak = max(replica.peak_memory() for replica in replicas)
        codes = [replica.end() for replica in replicas]
        read = [replica.articles_read() for replica in replicas]
    assert codes == [0] * count, f"exit codes {codes}"
    return outcome, read, peak


def report(name, outcome, extra):
    failures = f"FAILED {dict(outcome.failed)}" if outcome.failed else "none failed"
    print(f"| {name} | {len(outcome.answered)} | {outcome.quantile(0.5) * 1000:.0f} | {outcome.quantile(0.99) * 1000:.0f} "
          f"| {failures} | {extra} |", flush=True)


def throughput(options, way, single):
    outcome, read, peak = under_load(options, way)
    rate = outcome.rate(0, options.seconds)
    spread = (max(read) - min(read)) / (sum(read) / len(read))
    report(f"{way}, {REPLICAS} replicas", outcome,
           f"{rate:.1f} a second, {rate / single:.2f} × one; read {' '.join(map(str, read))}, spread {spread:.0%}, "
           f"at most {peak:.0f} MiB")


def recovered(outcome, before, since, seconds):
    """Seconds until the calls of one second reach nine tenths of what they were before."""
    moment = since
    while moment + 1 <= seconds:
        if outcome.rate(moment, moment + 1) >= 0.9 * before:
            return moment - since
        moment += 0.25
    return None


def killed(options, way):
    seconds = options.seconds + FIRST_EVENT + AWAY_SECONDS
    back = FIRST_EVENT + AWAY_SECONDS

    def events(replicas):
        return [(FIRST_EVENT, replicas[0].kill), (back, replicas[0].start)]

    outcome, *_ = under_load(options, way, events=events, seconds=seconds)
    before, during = outcome.rate(1, FIRST_EVENT), outcome.rate(FIRST_EVENT, back)
    after = recovered(outcome, before, back, seconds)
    report(f"{way}, one killed", outcome, f"{before:.1f} a second before, {during:.1f} while it is away, "
           + (f"back {after:.1f} s after its start" if after is not None else "NOT BACK"))
    return outcome, seconds, (FIRST_EVENT, back)


def rolled(options, way):
    seconds = options.seconds + FIRST_EVENT
    moments = {}

    def events(replicas):
        def roll():
            for replica in replicas:
                code = replica.end()
                assert code == 0, f"exit code {code}"
                replica.start()
                # As a roll-out does (minReadySeconds): the next goes when callers have found this one.
                time.sleep(2)
            moments["done"] = True

        return [(FIRST_EVENT, roll)]

    outcome, *_ = under_load(options, way, events=events, seconds=seconds)
    assert moments, "the roll was not finished"
    before = outcome.rate(1, FIRST_EVENT)
    report(f"{way}, all rolled", outcome, f"{before:.1f} a second before, {outcome.rate(FIRST_EVENT, seconds):.1f} from then on")
    return outcome, seconds, (FIRST_EVENT,)


def plot(file, runs):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(runs), sharex=True, sharey=True, figsize=(7, 1.8 * len(runs)))
    for axis, (name, (outcome, seconds, moments)) in zip(axes, runs.items()):
        axis.step(range(int(seconds)), [outcome.rate(second, second + 1) for second in range(int(seconds))], where="post")
        for moment in moments:
            axis.axvline(moment, linestyle=":", color="grey")
        axis.set_title(name, fontsize="small", loc="left")
    axes[0].set_ylim(0, axes[0].get_ylim()[1])
    axes[-1].set_xlabel("seconds")
    figure.supylabel("articles answered in the second")
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--cores", type=float, default=0.5)
    parser.add_argument("--articles", type=Path, default=ROOT / "tests" / "fixtures" / "articles")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    options = parser.parse_args()
    if not PROGRAM.exists():
        raise SystemExit(f"{PROGRAM} is missing: make build")
    print(f"{CALLERS} callers in a closed loop, {options.cores} cores a replica, runs of {options.seconds} s\n")
    print("| run | answered | p50, ms | p99, ms | calls | measured |\n|" + " --- |" * 6)
    outcome, _, peak = under_load(options, "round_robin", count=1)
    single = outcome.rate(0, options.seconds)
    report("one replica", outcome, f"{single:.1f} a second, at most {peak:.0f} MiB")
    runs = {}
    for way in options.ways:
        throughput(options, way, single)
        runs[f"{way}: one replica killed, and started again"] = killed(options, way)
        runs[f"{way}: all replicas rolled"] = rolled(options, way)
    if options.plot:
        plot(options.plot, runs)


if __name__ == "__main__":
    main()
