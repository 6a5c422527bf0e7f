"""Analyses one Parquet file into another; knows no engine. Spark's foreach or any scheduler can call `analyze` as well.

The result has the columns id, error_code, error_message, summary, stance_status, framing_label, framing_score, and reply, the
whole answer as canonical protobuf JSON. It has a row for each row of the input, in its order. It appears whole or not at all, so
that a partition may be done again at any time, and one that is there need not be.
"""

import random
import sys
import time
import uuid
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
from google.protobuf.json_format import MessageToJson

# What connects, and with which service config: load balancing, health, the first retries.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients" / "python"))
import client

SCHEMA = pa.schema([
    ("id", pa.string()), ("error_code", pa.string()), ("error_message", pa.string()), ("summary", pa.string()),
    ("stance_status", pa.string()), ("framing_label", pa.string()), ("framing_score", pa.float64()), ("reply", pa.string()),
])
# About the server, not about the article: it is full, is rolled, or its connection broke. The service config tries again for
# some seconds; here it goes on for as long as a rollout takes.
MAY_PASS = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED,
            grpc.StatusCode.UNKNOWN, grpc.StatusCode.ABORTED}
# About the article, or about the server as it is just now: tried a few times, and then a row says so.
MAYBE_ARTICLE = {grpc.StatusCode.INTERNAL, grpc.StatusCode.DEADLINE_EXCEEDED}
# About the article: a row says so, and the others go on. What is in none of the sets ends the partition.
ABOUT_ARTICLE = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE}
RETRY_SECONDS, LONGEST_WAIT_SECONDS = 300, 10
# As `parallax analyze` has it: a long article on a full server takes minutes.
TRIES, CALL_SECONDS = 4, 600
ROWS_AT_ONCE = 256


def answer(stub, row):
    """The row of the result for a row of the input."""
    given = row.get("id")
    article = client.article_pb2.Article(
        id="" if given is None else str(given), title=row.get("title") or "", text=row["text"] or "")
    request = client.pb.AnalyzeArticleRequest(article=article)
    give_up, wait, tries = time.monotonic() + RETRY_SECONDS, 0.2, 0
    while True:
        try:
            reply = stub.AnalyzeArticle(request, timeout=CALL_SECONDS, metadata=client.metadata())
            return columns(article.id, reply)
        except grpc.RpcError as error:
            code = error.code()
            tries += code in MAYBE_ARTICLE
            if code in ABOUT_ARTICLE or tries == TRIES:
                return {"id": article.id, "error_code": code.name, "error_message": error.details()}
            if code not in MAYBE_ARTICLE and (code not in MAY_PASS or time.monotonic() > give_up):
                # An engine sends exceptions from process to process, which this one cannot be.
                raise RuntimeError(f"article {article.id}: {code.name}: {error.details()}") from None
        time.sleep(random.uniform(0, wait))
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)


def columns(article_id, reply):
    stance = reply.stance
    status = type(stance).DESCRIPTOR.fields_by_name["status"].enum_type.values_by_number[stance.status].name
    return {
        "id": article_id, "summary": reply.summary.text, "stance_status": status,
        # Null where there is none, as in the output of `parallax analyze`.
        "framing_label": stance.framing.label if stance.HasField("framing") else None,
        "framing_score": stance.framing.score if stance.HasField("framing") else None,
        "reply": MessageToJson(reply, indent=None),
    }


def in_order(pool, work, rows, ahead):
    """What `work` makes of the rows, in their order; no more than `ahead` of them are begun."""
    begun = deque()
    for row in rows:
        begun.append(pool.submit(work, row))
        if len(begun) >= ahead:
            yield begun.popleft().result()
    while begun:
        yield begun.popleft().result()


def rows_of(source):
    wanted = [name for name in ("id", "title", "text") if name in pq.read_schema(source).names]
    for batch in pq.ParquetFile(source).iter_batches(batch_size=ROWS_AT_ONCE, columns=wanted):
        yield from batch.to_pylist()


def analyze(source, result, target, in_flight):
    """Asks `target` about every row of the file `source`, `in_flight` at once; how many rows, and how many failed."""
    result = Path(result)
    temporary = result.with_name(f".{result.name}.{uuid.uuid4().hex}")
    count = failed = 0
    try:
        with client.connect(target) as channel, ThreadPoolExecutor(in_flight) as pool, \
                pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
            stub, held = client.service.AnalysisServiceStub(channel), []
            for row in in_order(pool, lambda row: answer(stub, row), rows_of(source), in_flight):
                held.append(row)
                count, failed = count + 1, failed + ("error_code" in row)
                if len(held) == ROWS_AT_ONCE:
                    writer.write_table(pa.Table.from_pylist(held, SCHEMA))
                    held.clear()
            writer.write_table(pa.Table.from_pylist(held, SCHEMA))
        temporary.replace(result)
    finally:
        temporary.unlink(missing_ok=True)
    return count, failed
