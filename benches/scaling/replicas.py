"""Replicas of the server, each with a CPU budget of its own, and a proxy before them."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "release" / "parallax"
CGROUPS = Path("/sys/fs/cgroup")
PERIOD_US = 100_000
START_SECONDS = 60
# Ten times as long as the proxy takes to see that a replica is not ready.
GRACE_MS = 2_000


# Below those that outgoing connections take: while a replica is away, one of them could get its port, even that of a caller
# who tries to reach it.
PORTS = iter(range(21000, 32768))


def free_port():
    for port in PORTS:
        with contextlib.suppress(OSError), socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            return port
    raise SystemExit("no port is free")


def await_port(port, process):
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on port {port}")


class Budget:
    """A control group with a quota of cores; its processes get no more, like a container with a limit."""

    def __init__(self, name, cores):
        unified = (CGROUPS / "cgroup.controllers").exists()
        self.folder = (CGROUPS if unified else CGROUPS / "cpu") / name
        self.folder.mkdir()
        quota = int(cores * PERIOD_US)
        if unified:
            (self.folder / "cpu.max").write_text(f"{quota} {PERIOD_US}")
        else:
            (self.folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (self.folder / "cpu.cfs_quota_us").write_text(str(quota))

    def take(self, process):
        (self.folder / "cgroup.procs").write_text(str(process.pid))

    def remove(self):
        self.folder.rmdir()


class Replica:
    """One server on a port that it keeps over restarts."""

    def __init__(self, number, cores):
        self.port, self.admin_port = free_port(), free_port()
        self.budget = Budget(f"parallax-scaling-{os.getpid()}-{number}", cores)
        self.process = None

    def start(self):
        self.log = tempfile.NamedTemporaryFile()
        # No cache: the same articles come again and again.
        settings = {
            "PARALLAX__CACHE__MAX_BYTES": "0",
            "PARALLAX__TELEMETRY__LOG_FORMAT": "json",
            "PARALLAX__ADMIN__LISTEN": f"127.0.0.1:{self.admin_port}",
            "PARALLAX__SERVER__SHUTDOWN_GRACE_MS": str(GRACE_MS),
        }
        command = [PROGRAM, "serve", "--listen", f"127.0.0.1:{self.port}", "--threads", "1"]
        self.process = subprocess.Popen(command, stderr=self.log, env=os.environ | settings)
        self.budget.take(self.process)
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            if any(line["message"] == "serving" for line in self.lines()):
                return
            time.sleep(0.05)
        raise SystemExit(f"a replica did not start: {Path(self.log.name).read_text()}")

    def lines(self):
        text = Path(self.log.name).read_text(encoding="utf-8")
        # The last line may still be on its way.
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def end(self):
        """SIGTERM; the exit code once the drain is over."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def peak_memory(self):
        """Largest resident set so far, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def articles_read(self):
        """How many articles an ended replica had read, by what it logs at its end."""
        totals = next(line for line in self.lines() if line["message"] == "engine totals")
        return int(totals["read"])

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self.budget.remove()


class Proxy:
    """HAProxy before the replicas; ends with the block."""

    CONFIG = """
global
    maxconn 1000
defaults
    mode http
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    # A replica that cannot be reached is tried no second time: the call goes to the next.
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response
frontend callers
    bind 127.0.0.1:{port} proto h2
    default_backend replicas
backend replicas
    balance roundrobin
    # A replica that goes says so on its admin port and still takes calls: none is on its way when the port closes.
    option httpchk GET /readyz
    default-server check inter 200ms fall 1 rise 1 proto h2
{servers}
"""

    def __init__(self, replicas):
        self.port = free_port()
        servers = "\n".join(f"    server r{number} 127.0.0.1:{replica.port} port {replica.admin_port} check-proto h1" for number, replica in enumerate(replicas))
        self.config = tempfile.NamedTemporaryFile("w", suffix=".cfg")
        self.config.write(self.CONFIG.format(port=self.port, servers=servers))
        self.config.flush()

    def __enter__(self):
        program = shutil.which("haproxy") or "/usr/sbin/haproxy"
        self.process = subprocess.Popen([program, "-db", "-q", "-f", self.config.name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_port(self.port, self.process)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
