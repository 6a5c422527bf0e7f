"""A stock Python client that knows nothing but the address: messages come from the server's reflection. `client.py ADDRESS`.

Prints a line for each check; the exit code says whether all passed.
"""

import sys
import threading
import traceback

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SERVICE = "parallax.v1.AnalysisService"
HEALTH = "grpc.health.v1.Health"
# Astral and combining characters: offsets in bytes, code points and UTF-16 units differ.
TEXT = ("🌉 The bridge at Ångby is closed. “It was not safe,” said Ada Brook, the mayor of Ångby, on Monday. "
        "Engineers found cracks in two of the six piers. The repair takes a year.")
SECONDS = 120


class Client:
    """Methods and messages of a server, by their names."""

    def __init__(self, address, **options):
        self.channel = grpc.insecure_channel(address, **options)
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)

    def message(self, name, **fields):
        return GetMessageClass(self.pool.FindMessageTypeByName(name))(**fields)

    def method(self, service, name):
        method = self.pool.FindServiceByName(service).methods_by_name[name]
        directions = {(False, False): "unary_unary", (False, True): "unary_stream", (True, True): "stream_stream"}
        make = getattr(self.channel, directions[method.client_streaming, method.server_streaming])
        return make(f"/{service}/{name}", request_serializer=lambda message: message.SerializeToString(),
                    response_deserializer=GetMessageClass(method.output_type).FromString)

    def request(self, text, **article):
        return self.message("parallax.v1.AnalyzeArticleRequest", article={"text": text, **article})

    def analyze(self, text, timeout=SECONDS, **options):
        return self.method(SERVICE, "AnalyzeArticle")(self.request(text), timeout=timeout, **options)

    def item(self, number, text=TEXT):
        request = self.request(text, id=f"article-{number}")
        return self.message("parallax.v1.AnalyzeArticlesRequest", request=request)


def refused(call):
    """The error that a call ends with."""
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call was answered")


def reflection_lists_the_services(client):
    services = client.database.get_services()
    assert SERVICE in services and HEALTH in services, services


def health_is_serving(client):
    reply = client.method(HEALTH, "Check")(client.message("grpc.health.v1.HealthCheckRequest", service=SERVICE))
    assert reply.status == 1, reply


def offsets_are_code_points_and_bytes(client):
    reply = client.analyze(TEXT)
    assert reply.coverage.code_points == len(TEXT), reply.coverage
    assert reply.summary.sentences
    for sentence in reply.summary.sentences:
        span = sentence.span
        assert TEXT[span.start_code_point:span.end_code_point] == sentence.text, sentence
        assert TEXT.encode()[span.start_byte:span.end_byte].decode() == sentence.text, sentence


def all_violations_reach_the_caller(client):
    request = client.request("", id="x" * 300)
    error = refused(lambda: client.method(SERVICE, "AnalyzeArticle")(request, timeout=SECONDS))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
    status = client.message("google.rpc.Status")
    status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    violations = client.message("google.rpc.BadRequest")
    assert status.details[0].Unpack(violations)
    assert [violation.field for violation in violations.field_violations] == ["article.id", "article.text"]


def a_deadline_is_told_as_such(client):
    error = refused(lambda: client.analyze(f"{TEXT} " * 2_000, timeout=0.5))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error


def a_request_id_comes_back(client):
    _, call = client.method(SERVICE, "AnalyzeArticle").with_call(
        client.request(TEXT), timeout=SECONDS, metadata=[("x-request-id", "from-python")])
    assert ("x-request-id", "from-python") in [tuple(pair) for pair in call.initial_metadata()]


def large_metadata_is_taken(client):
    client.analyze(TEXT, metadata=[("x-large", "y" * 8_000)])


def gzip_changes_no_answer(client):
    plain = client.analyze(TEXT)
    packed = client.analyze(TEXT, compression=grpc.Compression.Gzip)
    assert packed.summary == plain.summary and packed.stance == plain.stance


def a_gzip_bomb_is_refused(client):
    error = refused(lambda: client.analyze("word " * (4 << 20), compression=grpc.Compression.Gzip))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error


def replies_come_after_the_caller_has_closed_its_half(client):
    items = [client.item(number, "" if number == 3 else f"{TEXT} Item {number}.") for number in range(20)]
    replies = list(client.method(SERVICE, "AnalyzeArticles")(iter(items), timeout=SECONDS))
    outcomes = {reply.index: reply for reply in replies}
    assert sorted(outcomes) == list(range(20))
    assert all(outcomes[index].article_id == f"article-{index}" for index in outcomes)
    failed = [index for index, reply in outcomes.items() if reply.WhichOneof("outcome") == "error"]
    assert failed == [3] and outcomes[3].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], failed


def replies_come_before_the_caller_has_closed_its_half(client):
    answered = threading.Semaphore(1)

    def items():
        for number in range(5):
            assert answered.acquire(timeout=SECONDS)
            yield client.item(number)

    indices = []
    for reply in client.method(SERVICE, "AnalyzeArticles")(items(), timeout=SECONDS):
        indices.append(reply.index)
        answered.release()
    assert indices == list(range(5)), indices


def a_cancelled_stream_leaves_the_connection_usable(client):
    items = (client.item(number, f"{TEXT} Cancelled {number}.") for number in range(1_000))
    replies = client.method(SERVICE, "AnalyzeArticles")(items, timeout=SECONDS)
    next(replies)
    replies.cancel()
    assert refused(lambda: list(replies)).code() == grpc.StatusCode.CANCELLED
    client.analyze(TEXT)


CHECKS = [
    reflection_lists_the_services,
    health_is_serving,
    offsets_are_code_points_and_bytes,
    all_violations_reach_the_caller,
    a_deadline_is_told_as_such,
    a_request_id_comes_back,
    large_metadata_is_taken,
    gzip_changes_no_answer,
    a_gzip_bomb_is_refused,
    replies_come_after_the_caller_has_closed_its_half,
    replies_come_before_the_caller_has_closed_its_half,
    a_cancelled_stream_leaves_the_connection_usable,
]


def main():
    client = Client(sys.argv[1])
    passed = 0
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            check(client)
        except Exception:
            traceback.print_exc()
            print(f"FAILED  {name}", flush=True)
        else:
            passed += 1
            print(f"ok      {name}", flush=True)
    print(f"Python, grpcio {grpc.__version__}: {passed} of {len(CHECKS)} checks passed", flush=True)
    return 0 if passed == len(CHECKS) else 1


if __name__ == "__main__":
    sys.exit(main())
