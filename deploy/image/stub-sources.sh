#!/usr/bin/env bash
# Makes sources without content for every target of Cargo.toml, so that the dependencies can be built, and kept as a
# layer of the image, before the sources are there. Run in a folder that holds Cargo.toml and nothing else of it.
set -euo pipefail

[[ ! -e src ]] || { echo "stub-sources: src is there already" >&2; exit 1; }
mkdir -p src benches
echo 'fn main() {}' | tee build.rs src/main.rs > /dev/null
: > src/lib.rs
# cargo does not read a manifest whose targets have no files.
sed -n '/^\[\[bench\]\]$/{n;s/^name = "\(.*\)"$/\1/p}' Cargo.toml |
  while read -r bench; do echo 'fn main() {}' > "benches/$bench.rs"; done
