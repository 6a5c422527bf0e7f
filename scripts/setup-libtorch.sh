#!/usr/bin/env bash
# Lays out vendor/libtorch: the CPU part of libtorch 2.4.0, taken from the torch wheel of the Python
# package index (docs/adr/0001-libtorch-from-the-wheel.md says why). The first run downloads 797 MB
# and leaves 435 MB in a cache that all checkouts share; later runs only look.
#
# LIBTORCH        set: use that libtorch and do nothing here
# LIBTORCH_CACHE  where to lay it out; ${XDG_CACHE_HOME:-~/.cache}/libtorch-2.4.0-cpu-slim when unset
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly version=2.4.0
readonly wheel_sha256=e743adadd8c8152bb8373543964551a7cb7cc20ba898dc8f9c0cdbe47c283de0
cache=$(realpath -m "${LIBTORCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libtorch-$version-cpu-slim}")
readonly cache
readonly link=vendor/libtorch
# Names, sizes and times of the libraries as this checkout last verified them by hash: hashing
# 435 MB takes seconds, this takes none.
readonly stamp=vendor/libtorch.verified

say() { printf 'setup-libtorch: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

report_own_libtorch() {
  local found=unknown
  if [[ -f $LIBTORCH/build-version ]]; then
    found=$(< "$LIBTORCH/build-version")
    [[ $found == "$version"* ]] ||
      fail "LIBTORCH=$LIBTORCH is version $found; the tch crate in use needs $version exactly"
  fi
  say "using LIBTORCH=$LIBTORCH (version $found, LIBTORCH_CXX11_ABI=${LIBTORCH_CXX11_ABI:-0})"
}

require_platform() {
  [[ $(uname -s)/$(uname -m) == Linux/x86_64 ]] && return
  fail "only x86-64 Linux is laid out here. Unpack the official archive of libtorch $version," \
    "set LIBTORCH to its folder, and LIBTORCH_CXX11_ABI=1 if it is a cxx11-abi archive."
}

require_tools() {
  local missing=()
  python3 -m pip --version > /dev/null 2>&1 || missing+=(python3-pip)
  command -v gcc > /dev/null || missing+=(gcc)
  { command -v nm && command -v strip; } > /dev/null || missing+=(binutils)
  command -v flock > /dev/null || missing+=(util-linux)
  ((${#missing[@]} == 0)) || fail "install these Debian packages first: ${missing[*]}"
}

download_wheel() { # folder
  say "downloading the torch $version wheel (797 MB)"
  echo "torch==$version --hash=sha256:$wheel_sha256" > "$1/requirements.txt"
  python3 -m pip download --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 \
    --platform manylinux1_x86_64 --requirement "$1/requirements.txt" --dest "$1"
}

unpack_wheel() { # wheel, destination
  python3 - "$1" "$2" << 'PY'
import pathlib, shutil, sys, zipfile

wheel, destination = sys.argv[1], pathlib.Path(sys.argv[2])
libraries = {"libc10.so", "libtorch_cpu.so", "libgomp-a34b3233.so.1"}
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        path = pathlib.PurePosixPath(name)
        is_library = path.parts[:2] == ("torch", "lib") and path.name in libraries
        is_header = path.parts[:2] == ("torch", "include") and not name.endswith("/")
        if is_library or is_header:
            target = destination.joinpath(*path.parts[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(target, "wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
PY
}

# Builds an empty shared library that exports the given functions under the version node `soname`.
# Each answers "error": 999 is cudaErrorUnknown and CUPTI_ERROR_UNKNOWN.
build_stub() { # folder, soname, symbols…
  local folder=$1 soname=$2 symbol
  shift 2
  for symbol in "$@"; do
    case $symbol in
      *String) echo "const char *$symbol(int e) { (void)e; return \"no CUDA in this build\"; }" ;;
      *) echo "int $symbol(void) { return 999; }" ;;
    esac
  done > "$folder/stub.c"
  echo "$soname { global: *; };" > "$folder/stub.map"
  gcc -shared -fPIC -O2 -s -nostartfiles -o "$folder/out/lib/$soname" "$folder/stub.c" \
    -Wl,-soname,"$soname" -Wl,--version-script,"$folder/stub.map"
}

# The wheel is a CUDA build: its profiler makes libtorch_cpu.so want two CUDA libraries, and its
# umbrella libtorch.so would pull in libtorch_cuda.so. Stand-ins take their place.
build_stand_ins() { # folder
  local soname symbols
  for soname in libcupti.so.12 libcudart.so.12; do
    mapfile -t symbols < <(nm --dynamic --undefined-only "$1/out/lib/libtorch_cpu.so" |
      sed -n "s/.* U \(.*\)@${soname//./\\.}\$/\1/p" | sort -u)
    ((${#symbols[@]} > 0)) || fail "libtorch_cpu.so names no symbol of $soname: wrong wheel?"
    build_stub "$1" "$soname" "${symbols[@]}"
  done
  gcc -shared -fPIC -s -nostartfiles -o "$1/out/lib/libtorch.so" -x c /dev/null \
    -Wl,-soname,libtorch.so
}

# The wheel is verified by its hash; what strip and gcc make of it differs with their versions, so
# the sums of the laid-out files are recorded here and compared by `cache_is_sound`.
record_sums() { # folder
  (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum > ../SHA256SUMS &&
    mv ../SHA256SUMS .)
}

cache_is_sound() {
  [[ -f $cache/SHA256SUMS ]] && (cd "$cache" && sha256sum --check --quiet --strict SHA256SUMS >&2)
}

lay_out_cache() {
  local scratch
  scratch=$(mktemp -d -p "$(dirname "$cache")" .libtorch.XXXXXX)
  # shellcheck disable=SC2064 # expanded now: the name is known, and local
  trap "rm -rf '$scratch'" EXIT
  mkdir "$scratch/out"
  download_wheel "$scratch"
  unpack_wheel "$scratch"/torch-*.whl "$scratch/out"
  strip --strip-unneeded "$scratch/out/lib/libtorch_cpu.so"
  build_stand_ins "$scratch"
  echo "$version" > "$scratch/out/build-version"
  record_sums "$scratch/out"
  rm -rf "$cache"
  mv "$scratch/out" "$cache"
}

# One run at a time per cache. The lock is on the parent folder itself and leaves no file behind.
ensure_cache() {
  mkdir -p "$(dirname "$cache")"
  exec {lock}< "$(dirname "$cache")"
  flock --nonblock "$lock" || { say "waiting for another run"; flock "$lock"; }
  cache_is_sound && return
  if [[ -f $cache/build-version ]]; then
    say "$cache is incomplete or changed: laying it out again"
  elif [[ -e $cache ]]; then
    rmdir "$cache" || fail "$cache is no libtorch and will not be overwritten: see LIBTORCH_CACHE"
  fi
  require_tools
  lay_out_cache
}

fingerprint() { stat --format='%n %s %Y' "$cache"/SHA256SUMS "$cache"/lib/* 2> /dev/null; }

is_ready() {
  [[ $link -ef $cache && -f $stamp ]] && [[ $(fingerprint) == "$(< "$stamp")" ]]
}

main() {
  if [[ -n ${LIBTORCH:-} ]]; then
    report_own_libtorch
    return
  fi
  require_platform
  is_ready && return
  ensure_cache
  mkdir -p vendor
  fingerprint > "$stamp"
  ln -sfn "$cache" "$link" # last: a link means that all is there
  say "$link -> $cache"
}

main "$@"
