#!/usr/bin/env bash
# Fetches an official archive of libtorch (cxx11 ABI) and unpacks it. fetch-libtorch.sh URL SHA256 FOLDER
set -euo pipefail

: "${2:?set --build-arg LIBTORCH_SHA256 to the sum of $1}"
archive=$(mktemp)
trap 'rm -f "$archive"' EXIT
curl --fail --location --silent --show-error --output "$archive" "$1"
echo "$2  $archive" | sha256sum --check --strict -
python3 -m zipfile --extract "$archive" "$3"
echo 1 > "$3/libtorch/cxx11-abi"
