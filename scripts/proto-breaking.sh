#!/usr/bin/env bash
# Compares the contract in proto/ with the one of the newest release (tag vX.Y.Z): what callers of
# that release rely on must still be there. A shallow clone without tags compares nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tags=$(git tag --list --sort=-version:refname | grep -E '^v[0-9]+\.[0-9]+\.[0-9]+$' || true)
newest=${tags%%$'\n'*}
if [[ -z $newest ]]; then
  echo "no released tag: nothing to compare"
  exit 0
fi
echo "comparing proto/ with $newest"
buf breaking --against ".git#tag=$newest"
