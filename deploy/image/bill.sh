#!/usr/bin/env bash
# Writes the bill of materials (CycloneDX 1.5) of the sources in this folder and of a laid-out /opt/parallax beside it.
# Needs cargo-cyclonedx. bill.sh LIBTORCH FOLDER
set -euo pipefail

cargo cyclonedx --quiet --format json --spec-version 1.5 --no-build-deps \
  --target x86_64-unknown-linux-gnu --override-filename sbom.cargo
trap 'rm -f sbom.cargo.json' EXIT
python3 deploy/image/sbom.py sbom.cargo.json "$2/lib" "$(< "$1/build-version")" \
  models/parallax-minilm/manifest.toml "$2/sbom.cdx.json"
