"""Callers in a closed loop: each asks again when it is answered. The client is the one of docs/clients.md."""

import asyncio
import importlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# Replicas are started while calls are made; gRPC would write a line into the log of each.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import grpc  # noqa: E402

from replicas import ROOT  # noqa: E402

SERVICE_CONFIG = ROOT / "examples" / "clients" / "service_config.json"
DEADLINE_SECONDS = 30


def stubs():
    """The generated modules, made anew."""
    import grpc_tools
    from grpc_tools import protoc

    known = Path(grpc_tools.__file__).parent / "_proto"
    folder = tempfile.mkdtemp(prefix="parallax-stubs-")
    protos = [str(path) for path in sorted((ROOT / "proto").rglob("*.proto"))]
    if protoc.main(["protoc", f"-I{ROOT / 'proto'}", f"-I{known}", f"--python_out={folder}", f"--grpc_python_out={folder}", *protos]):
        raise SystemExit("the stubs cannot be generated")
    sys.path.insert(0, folder)
    names = ("analysis_service_pb2", "analysis_service_pb2_grpc", "article_pb2")
    return [importlib.import_module(f"parallax.v1.{name}") for name in names]


PB, SERVICE, ARTICLE = stubs()


@dataclass
class Outcome:
    """What callers saw: when calls were answered (seconds from the start), how long they took, and what failed."""

    answered: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    failed: Counter = field(default_factory=Counter)

    def rate(self, start, end):
        return sum(start <= moment < end for moment in self.answered) / (end - start)

    def quantile(self, share):
        return sorted(self.took)[min(len(self.took) - 1, int(share * len(self.took)))]


def service_config(balanced):
    """The one of the examples. Behind a proxy there is nothing to balance, and the health of one replica, which is all that a
    watch through the proxy sees, says nothing about the others."""
    config = json.loads(SERVICE_CONFIG.read_text())
    if balanced:
        del config["loadBalancingConfig"], config["healthCheckConfig"]
    return json.dumps(config)


def requests(folder):
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.txt"))]
    return [PB.AnalyzeArticleRequest(article=ARTICLE.Article(id=str(number), text=text)) for number, text in enumerate(texts)]


async def caller(stub, turn, articles, began, seconds, outcome):
    while (asked := time.monotonic() - began) < seconds:
        try:
            await stub.AnalyzeArticle(articles[turn % len(articles)], timeout=DEADLINE_SECONDS)
            outcome.answered.append(time.monotonic() - began)
            outcome.took.append(time.monotonic() - began - asked)
        except grpc.RpcError as error:
            outcome.failed[f"{error.code().name}: {error.details()}"] += 1
        turn += 1


async def drive(target, articles, callers, seconds, events=(), balanced=False):
    """Load on a target, which may balance by itself; `events` are pairs of a moment and what is done then, in a thread of its own."""
    outcome = Outcome()
    options = [
        ("grpc.service_config", service_config(balanced)),
        ("grpc.max_receive_message_length", 64 << 20),
        # The list of addresses would be sent as the authority, which is none.
        ("grpc.default_authority", "parallax"),
    ]
    async with grpc.aio.insecure_channel(target, options) as channel:
        stub = SERVICE.AnalysisServiceStub(channel)
        await stub.AnalyzeArticle(articles[0], timeout=DEADLINE_SECONDS, wait_for_ready=True)
        began = time.monotonic()

        async def at(moment, event):
            await asyncio.sleep(moment)
            await asyncio.to_thread(event)

        loops = [caller(stub, turn, articles, began, seconds, outcome) for turn in range(callers)]
        await asyncio.gather(*loops, *(at(moment, event) for moment, event in events))
    return outcome
