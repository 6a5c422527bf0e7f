"""A row of stress: what metrics and traces cost. The same load on a server without both and on one with both, in turn."""

import statistics
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import grpc

from service import load, parallax

PORT, ADMIN, COLLECTOR = 50966, 50967, 50968
ROUNDS, SECONDS, SCRAPE_SECONDS = 5, 12, 5
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


class Collector(grpc.GenericRpcHandler):
    """Takes traces, and counts their bytes."""

    def __init__(self):
        self.bytes = 0

    def service(self, call):
        if call.method == EXPORT:
            return grpc.unary_unary_rpc_method_handler(self.export)
        return None

    def export(self, request, _context):
        self.bytes += len(request)
        return b""


def scrape(ended, sizes):
    """As Prometheus does, only more often."""
    while not ended.wait(SCRAPE_SECONDS):
        with urllib.request.urlopen(f"http://127.0.0.1:{ADMIN}/metrics") as answer:
            sizes.append(len(answer.read()))


def watched(program, sizes):
    settings = {"PARALLAX__ADMIN__LISTEN": f"127.0.0.1:{ADMIN}", "PARALLAX__TELEMETRY__OTLP_ENDPOINT": f"http://127.0.0.1:{COLLECTOR}"}
    ended = threading.Event()
    with parallax(PORT, **settings):
        scraper = threading.Thread(target=scrape, args=(ended, sizes))
        scraper.start()
        found = load(program, PORT, "--vary", seconds=SECONDS)
        ended.set()
        scraper.join()
    return found["articles_per_second"]


def plain(program):
    with parallax(PORT):
        return load(program, PORT, "--vary", seconds=SECONDS)["articles_per_second"]


def telemetry(program):
    receiver, sizes, rates = Collector(), [], {"without": [], "with": []}
    collector = grpc.server(ThreadPoolExecutor(1), handlers=(receiver,))
    collector.add_insecure_port(f"127.0.0.1:{COLLECTOR}")
    collector.start()
    for _ in range(ROUNDS):
        rates["without"].append(plain(program))
        rates["with"].append(watched(program, sizes))
    collector.stop(0)
    without, both = (statistics.median(rates[name]) for name in ("without", "with"))
    return (f"{without:.1f} articles a second without, {both:.1f} with metrics (scraped every {SCRAPE_SECONDS} s, {max(sizes) / 1024:.0f} KiB) "
            f"and a trace of every call ({receiver.bytes / 1e6:.1f} MB sent): {both / without:.3f}")


ROWS = {"telemetry": telemetry}
