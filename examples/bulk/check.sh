#!/usr/bin/env bash
# Runs the example against a server, and compares what it finds with `parallax analyze`. check.sh ADDRESS (host:port). Python finds
# what requirements.txt names; PARALLAX is the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly address=$1 here=examples/bulk parallax=${PARALLAX:-target/release/parallax}
scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT
fail() { echo "bulk: $*" >&2; exit 1; }

mkdir "$scratch/stubs" "$scratch/in"
python3 -m grpc_tools.protoc -I proto --python_out="$scratch/stubs" --grpc_python_out="$scratch/stubs" proto/parallax/v1/*.proto
export PYTHONPATH=$scratch/stubs:${PYTHONPATH:-}
python3 - "$scratch/in" tests/fixtures/articles/*.txt << 'PYTHON'
import sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
folder, *files = sys.argv[1:]
for part in range(6):
    # Every part has its own spelling of the articles, and a row that is no article.
    texts = [*(Path(file).read_text() + f"\nPart {part} ends." for file in files), None]
    names = [*(f"{part}-{Path(file).stem}" for file in files), f"{part}-none"]
    # Ids may be whole numbers, of which 0 is one.
    ids = names if part else range(len(names))
    pq.write_table(pa.Table.from_pydict({"id": list(ids), "text": texts}), f"{folder}/part-{part}.parquet")
PYTHON

ray() { python3 $here/on_ray.py "$address" "$scratch/in" "$scratch/out"; }
ray > "$scratch/first" || { cat "$scratch/first"; fail "the first run failed"; }
rm "$scratch/out/part-3.parquet"
ray > "$scratch/second"
grep -q "6 files, 5 done already" "$scratch/second" || { cat "$scratch/second"; fail "the second run did not go on"; }
[[ $(grep -c articles "$scratch/second") == 1 ]] || fail "the second run did a file again"

"$parallax" analyze --jsonl --server "http://$address" --output "$scratch/own.parquet" "$scratch"/in/*.parquet || [[ $? == 4 ]]
python3 - "$scratch/out" "$scratch/own.parquet" << 'PYTHON'
import sys
import pyarrow.parquet as pq
theirs, ours = (pq.read_table(folder).to_pylist() for folder in sys.argv[1:])
assert [row["id"] for row in theirs] == [row["article_id"] for row in ours], "ids"
# A row without text fails in the program before it is asked about.
theirs = [(row["id"], row["summary"], row["framing_label"]) for row in theirs if row["error_code"] is None]
ours = [(row["article_id"], row["summary"], row["framing_label"]) for row in ours if row["error_code"] is None]
assert theirs == ours and ours, [pair for pair in zip(theirs, ours) if pair[0] != pair[1]]
print(f"bulk: Ray and parallax analyze agree on {len(ours)} articles")
PYTHON
