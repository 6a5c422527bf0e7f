#!/usr/bin/env bash
# Checks Cargo.lock against deny.toml. Licences, bans and sources need no network. The advisories
# need RustSec's database, which is fetched anew each time: where its host cannot be reached they
# are skipped, and the output says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly advisory_db=https://github.com/RustSec/advisory-db

cargo deny --locked check bans licenses sources
if GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote --exit-code "$advisory_db" HEAD > /dev/null 2>&1; then
  cargo deny --locked check advisories
else
  echo "skipped: advisory database unreachable ($advisory_db)"
fi
