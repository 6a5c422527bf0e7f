#!/usr/bin/env bash
# Installs the pinned command-line tools of `make check` into .tools/: buf, hadolint, shellcheck and
# cargo-deny. What is there at the right version stays; cargo-deny is compiled, which takes minutes.
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
  say "installing buf"
  rm -rf "$tools/node"
  mkdir -p "$tools/node"
  cp tools/package.json tools/package-lock.json "$tools/node/"
  npm ci --prefix "$tools/node" --ignore-scripts --no-fund --no-audit
  cp tools/package-lock.json "$tools/node/installed"
}

# --target rather than a virtual environment: Debian's python3 has none without another package.
install_python_tools() {
  is_current tools/requirements.txt "$tools/python" && return
  say "installing hadolint and shellcheck"
  rm -rf "$tools/python"
  python3 -m pip install --disable-pip-version-check --no-deps --require-hashes \
    --only-binary=:all: --target "$tools/python" --requirement tools/requirements.txt
  cp tools/requirements.txt "$tools/python/installed"
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
install_python_tools
install_cargo_deny
