#!/usr/bin/env bash
# `make interop`: a real server, and clients in other languages with their stock libraries. The libraries are installed
# at pinned versions into .tools/interop/; what is there at the right version stays.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/pinned.sh
source scripts/pinned.sh

readonly here=$PWD/tests/interop tools=$PWD/.tools/interop
readonly origin=https://news.example start_seconds=120

say() { printf 'interop: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# Sets `server` and `address`; the server ends with this script.
start_server() {
  log=$(mktemp)
  PARALLAX__SERVER__GRPC_WEB=true PARALLAX__SERVER__GRPC_WEB_ORIGINS=$origin \
    target/debug/parallax serve --listen 127.0.0.1:0 2> "$log" &
  server=$!
  trap 'kill "$server" 2> /dev/null || true; wait "$server" || true; rm -f "$log"' EXIT
  local deadline=$((SECONDS + start_seconds))
  until grep --quiet ' serving$' "$log"; do
    kill -0 "$server" 2> /dev/null || fail "the server ended: $(< "$log")"
    ((SECONDS < deadline)) || fail "no server after $start_seconds s: $(< "$log")"
    sleep 0.1
  done
  address=$(sed --quiet 's/.* address=\([0-9.:]*\).*/\1/p' "$log")
}

install_python_packages "$here/requirements.txt" "$tools/python" grpcio
install_node_packages "$here" "$tools/node" grpc-js
cargo build --locked --bin parallax
start_server

failed=()
PYTHONPATH=$tools/python python3 "$here/client.py" "$address" || failed+=(Python)
NODE_PATH=$tools/node/node_modules node "$here/client.js" "$address" "$origin" || failed+=(Node)
PYTHONPATH=$tools/python NODE_PATH=$tools/node/node_modules examples/clients/check.sh "$address" || failed+=(examples)
kill -0 "$server" || failed+=(server)
((${#failed[@]} == 0)) || fail "FAILED: ${failed[*]}"
say "ok: Python grpcio, Node grpc-js and gRPC-Web agree with the server, the examples with each other"
