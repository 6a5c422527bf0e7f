"""Analyses files: one call, then all of them on one stream. `client.py TARGET FILE...`

TARGET is host:port, or dns:///parallax-headless.news:50051 for every replica. PARALLAX_API_KEY and PARALLAX_CA (a PEM file
of authorities, for TLS) come from the environment. The stubs are generated beside this file:

    python -m grpc_tools.protoc -I proto --python_out=. --grpc_python_out=. proto/parallax/v1/*.proto
"""

import os
import sys
from pathlib import Path

import grpc
from parallax.v1 import analysis_service_pb2 as pb
from parallax.v1 import analysis_service_pb2_grpc as service
from parallax.v1 import article_pb2

SERVICE_CONFIG = Path(__file__).resolve().parent.parent / "service_config.json"
OPTIONS = [
    # Load balancing and retries; docs/clients.md says what each part does.
    ("grpc.service_config", SERVICE_CONFIG.read_text()),
    # A long article's quotations and sentences add up; the default is 4 MiB.
    ("grpc.max_receive_message_length", 64 << 20),
    # Is the other side still there? The interval is the server's own.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
]
CALL_SECONDS, STREAM_SECONDS = 30, 300


def connect(target):
    authorities = os.environ.get("PARALLAX_CA")
    if authorities:
        credentials = grpc.ssl_channel_credentials(Path(authorities).read_bytes())
        return grpc.secure_channel(target, credentials, OPTIONS)
    return grpc.insecure_channel(target, OPTIONS)


def metadata():
    key = os.environ.get("PARALLAX_API_KEY")
    return [("authorization", f"Bearer {key}")] if key else []


def request(file):
    text = Path(file).read_text(encoding="utf-8")
    return pb.AnalyzeArticleRequest(article=article_pb2.Article(id=str(file), text=text))


def describe(answer):
    stance = answer.stance
    status = type(stance).DESCRIPTOR.fields_by_name["status"].enum_type.values_by_number[stance.status].name
    return f"{answer.article_id}: {status} {stance.framing.label}: {answer.summary.text}"


def main(target, *files):
    with connect(target) as channel:
        stub = service.AnalysisServiceStub(channel)
        # A deadline on every call: the server drops what nobody waits for. wait_for_ready waits for a server that is
        # just starting, within the deadline.
        answer = stub.AnalyzeArticle(request(files[0]), timeout=CALL_SECONDS, metadata=metadata(), wait_for_ready=True)
        print(describe(answer))
        # The library asks for the next request only when there is room for it: a generator may be endless.
        requests = (pb.AnalyzeArticlesRequest(request=request(file)) for file in files)
        for reply in stub.AnalyzeArticles(requests, timeout=STREAM_SECONDS, metadata=metadata()):
            failed = reply.WhichOneof("outcome") == "error"
            print(f"{reply.index}: {reply.error.message}" if failed else f"{reply.index}: {describe(reply.response)}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except grpc.RpcError as error:
        raise SystemExit(f"{error.code().name}: {error.details()}") from error
