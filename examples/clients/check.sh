#!/usr/bin/env bash
# Runs the examples in Python and Node against a server, and compares what they print; formats of the one in Go, where gofmt
# is there. check.sh ADDRESS (host:port). Python finds grpcio, grpcio-tools and googleapis-common-protos (PYTHONPATH), Node
# @grpc/grpc-js and @grpc/proto-loader (NODE_PATH).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly address=$1 here=examples/clients
scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT
articles=(tests/fixtures/articles/*.txt)

python3 -m grpc_tools.protoc -I proto --python_out="$scratch" --grpc_python_out="$scratch" proto/parallax/v1/*.proto
PYTHONPATH=$scratch:${PYTHONPATH:-} python3 $here/python/client.py "$address" "${articles[@]}" > "$scratch/python"
node $here/node/client.js "$address" "${articles[@]}" > "$scratch/node"

# Replies of a stream come as they finish. An article is answered alike in both languages, alone and in the stream.
diff <(sort "$scratch/python") <(sort "$scratch/node")
[[ $(wc -l < "$scratch/python") == $((${#articles[@]} + 1)) ]] || { cat "$scratch/python"; exit 1; }
grep -qxF "0: $(head -n 1 "$scratch/python")" "$scratch/python"
grep -q "STANCE_STATUS_DECIDED russia" "$scratch/python"
if command -v gofmt > /dev/null; then
  unformatted=$(gofmt -l $here/go)
  [[ -z $unformatted ]] || { echo "gofmt: $unformatted"; exit 1; }
fi
echo "examples: Python and Node agree on ${#articles[@]} articles"
