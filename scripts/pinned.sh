# shellcheck shell=bash
# Sourced: installs what a list pins into a folder of its own. A copy of the list, written last, says that it is all
# there. The caller defines `say`.

is_current() { # list, folder
  cmp --silent "$1" "$2/installed"
}

# --target rather than a virtual environment: Debian's python3 has none without another package.
install_python_packages() { # list, folder, what
  is_current "$1" "$2" && return
  say "installing $3"
  rm -rf "$2"
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary=:all: --target "$2" --requirement "$1"
  cp "$1" "$2/installed"
}

install_node_packages() { # folder of package.json and its lock, folder, what
  is_current "$1/package-lock.json" "$2" && return
  say "installing $3"
  rm -rf "$2"
  mkdir -p "$2"
  cp "$1/package.json" "$1/package-lock.json" "$2/"
  npm ci --loglevel=error --prefix "$2" --ignore-scripts --no-fund --no-audit
  cp "$1/package-lock.json" "$2/installed"
}
