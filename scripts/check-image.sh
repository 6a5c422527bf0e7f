#!/usr/bin/env bash
# Builds the image by the Dockerfile, runs it the way a strict cluster would, and calls it. No container engine and no
# image registry are needed: buildah interprets the Dockerfile, and its bases are stand-ins bootstrapped from Debian's mirror.
# Needs root and the Debian packages buildah, debootstrap, iproute2; buf and, for --full, cargo.
#
#   scripts/check-image.sh          the last stage, around the program in target/release
#   scripts/check-image.sh --full   every stage, from the sources; the toolchain is this machine's (half an hour on two cores)
#
# DEBIAN_MIRROR  where debootstrap finds Debian; its own default when unset
# IMAGE_CACHE    where bases and layers are kept; ${XDG_CACHE_HOME:-~/.cache}/parallax-image when unset
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly suite=bookworm
readonly cache=${IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parallax-image}
readonly image=localhost/parallax:check user=65532
scratch=$(mktemp -d)
readonly scratch
server='' launcher='' container='' root=''

say() { printf 'check-image: %s\n' "$*"; }
fail() { say "$@" >&2; exit 1; }

engine() { buildah --root "$cache/storage" --runroot "$scratch/run" --storage-driver "${STORAGE_DRIVER:-vfs}" "$@"; }

cleanup() {
  [[ -z $launcher ]] || kill -KILL "$(innermost "$launcher")" 2> /dev/null || true
  [[ -z $container ]] || engine rm "$container" > /dev/null
  rm -rf "$scratch"
}
trap cleanup EXIT

require() {
  [[ $EUID == 0 ]] || fail "run as root: file systems are mounted"
  local tool
  for tool in buildah debootstrap ip unshare setpriv buf "$@"; do
    command -v "$tool" > /dev/null || fail "$tool is missing"
  done
}

# Stands in for debian:bookworm-slim: the smallest bootstrap, without what the slim variant leaves out.
bootstrap() { # tag
  engine inspect --type image "$1" > /dev/null 2>&1 && return
  say "bootstrapping $suite as $1"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$scratch/base" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} > "$scratch/debootstrap.log" ||
    fail "$(tail -n 3 "$scratch/debootstrap.log")"
  rm -rf "$scratch"/base/{usr/share/{doc,man,info,locale},var/cache/apt,var/lib/apt/lists}/*
  commit_folder "$scratch/base" "$1"
  rm -rf "$scratch/base"
}

commit_folder() { # folder, tag
  local work
  work=$(engine from scratch)
  engine add --quiet "$work" "$1" / > /dev/null
  engine commit --quiet "$work" "$2" > /dev/null
  engine rm "$work" > /dev/null
}

# Stands in for rust:VERSION-bookworm: compilers of Debian, Rust of this machine.
bootstrap_rust() { # tag, tag of the base
  engine inspect --type image "$1" > /dev/null 2>&1 && return
  say "making $1"
  local work
  work=$(engine from --pull-never "$2")
  engine run --isolation chroot "$work" -- sh -c \
    'apt-get update -q && apt-get install -qy --no-install-recommends g++ make cmake git curl pkg-config python3 perl' \
    > "$scratch/apt.log" 2>&1 || fail "$(tail -n 3 "$scratch/apt.log")"
  engine copy --quiet "$work" "$(rustc --print sysroot)" /usr/local/rust > /dev/null
  engine config --env PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --env CARGO_HOME=/usr/local/cargo "$work"
  engine commit --quiet "$work" "$1" > /dev/null
  engine rm "$work" > /dev/null
}

build() { # flags…
  # Debian's certificate authorities are this machine's: a mirror may have its own.
  engine bud --quiet --isolation chroot --format docker --pull-never --layers --timestamp 0 \
    --volume /etc/ssl/certs:/etc/ssl/certs:ro --tag "$image" \
    --build-arg PARALLAX_REVISION="$(git describe --always --dirty --abbrev=12)" "$@" . > /dev/null
}

build_full() {
  local version
  version=$(rustc --version | sed -E 's/^rustc ([0-9]+\.[0-9]+).*/\1/')
  bootstrap_rust "docker.io/library/rust:$version-$suite" "docker.io/library/debian:$suite-slim"
  # Debian 12's buildah leaves out a stage that is named by an argument only, and then finds an image of that name.
  build --build-arg RUST_VERSION="$version" --target libtorch-wheel --tag localhost/libtorch-wheel
  build --build-arg RUST_VERSION="$version"
}

build_around_program() {
  [[ -x target/release/parallax ]] || fail "target/release/parallax is missing: make build"
  local libtorch=${LIBTORCH:-vendor/libtorch}
  deploy/image/lay-out.sh target/release/parallax "$libtorch" "$scratch/program"
  if command -v cargo-cyclonedx > /dev/null; then
    deploy/image/bill.sh "$libtorch" "$scratch/program"
  else
    say "skipped: bill of materials (cargo install cargo-cyclonedx)"
  fi
  build --build-context program="$scratch/program"
}

config() { engine inspect --type image --format "{{$1}}" "$image"; }

check_config() {
  [[ $(config .Docker.Config.User) == $user:$user ]] || fail "the user is not $user"
  [[ $(config .Docker.Config.Healthcheck) == *healthcheck.sh* ]] || fail "there is no health check"
  [[ $(config .Docker.Config.Labels) == *org.opencontainers.image.revision:* ]] || fail "there are no labels"
}

# Runs a command in the image's root: its environment, its user, no capabilities, nothing gained by set-user-ID.
confined() { # how to enter the namespaces … -- command…
  local enter=() environment
  while [[ $1 != -- ]]; do enter+=("$1"); shift; done
  shift
  mapfile -t environment < <(config 'range .Docker.Config.Env}}{{.}}{{"\n"}}{{end' | grep '=')
  "${enter[@]}" chroot "$root" /usr/bin/env -i "${environment[@]}" setpriv --reuid $user --regid $user --clear-groups \
    --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
}

# As process 1 of namespaces of its own, with a root that cannot be written and no network but loopback.
start() {
  container=$(engine from --pull-never "$image")
  root=$(engine mount "$container")
  # shellcheck disable=SC2016 # expanded in the new namespaces
  confined unshare --net --mount --pid --fork --kill-child sh -euc '
    ip link set lo up
    mount --bind "$1" "$1"
    mount -o remount,bind,ro "$1"
    mount --rbind /dev "$1/dev"
    mount -t proc proc "$1/proc"
    cd "$1" # the mount, not what it hides
    shift
    exec "$@"' sh "$root" -- /opt/parallax/bin/parallax serve 2> "$scratch/log" &
  launcher=$!
}

# The last of a chain of processes that started each other.
innermost() { # process
  local process=$1 child
  # The list has no end of line, which `read` would take for a failure.
  while child=$(cat "/proc/$process/task/$process/children" 2> /dev/null) && [[ -n $child ]]; do process=${child%% *}; done
  echo "$process"
}

# Process 1 of the container, as seen from here.
find_server() {
  local attempt
  for attempt in {1..100}; do
    if grep -q "listening" "$scratch/log"; then
      server=$(innermost "$launcher")
      return
    fi
    kill -0 "$launcher" 2> /dev/null || fail "the server did not start: $(< "$scratch/log")"
    sleep 0.1
  done
  fail "the server did not listen within $((attempt / 10)) s: $(< "$scratch/log")"
}

call() { # method, request
  nsenter --target "$server" --net buf curl --protocol grpc --http2-prior-knowledge --data "$2" "http://127.0.0.1:50051/$1"
}

await_serving() {
  local attempt
  for attempt in {1..100}; do
    [[ $(call grpc.health.v1.Health/Check '{}' 2> /dev/null) == *'"SERVING"'* ]] && return
    sleep 0.1
  done
  fail "the server is not SERVING after $((attempt / 10)) s: $(< "$scratch/log")"
}

check_answer() {
  local text answer
  text=$(sed -e 's/\\/\\\\/g; s/"/\\"/g' tests/fixtures/articles/russia.txt | sed -z 's/\n/\\n/g')
  answer=$(call parallax.v1.AnalysisService/AnalyzeArticle "{\"article\": {\"id\": \"a-1\", \"text\": \"$text\"}}")
  [[ $answer == *'"articleId": "a-1"'* && $answer == *'STANCE_STATUS_DECIDED'* ]] || fail "unexpected answer: $answer"
}

check_confinement() {
  local inside=(nsenter --target "$server" --net --mount --pid)
  confined "${inside[@]}" -- /opt/parallax/bin/healthcheck.sh || fail "the health check fails: $(< "$scratch/log")"
  ! confined "${inside[@]}" -- sh -c ': > /opt/parallax/file || : > /tmp/file' 2> /dev/null || fail "the root can be written"
  grep -q $'^CapEff:\t0000000000000000$' "/proc/$server/status" || fail "the server has capabilities"
  grep -q $'^Uid:\t65532\t65532' "/proc/$server/status" || fail "the server does not run as 65532"
}

check_end() {
  local code=0
  kill -TERM "$server"
  wait "$launcher" || code=$?
  launcher=''
  ((code == 0)) || fail "exit code $code after SIGTERM: $(< "$scratch/log")"
}

report_sizes() {
  local part
  for part in bin lib sbom.cdx.json; do
    [[ ! -e $root/opt/parallax/$part ]] || say "$(du -sm "$root/opt/parallax/$part" | cut -f1) MiB /opt/parallax/$part"
  done
  say "$(du -smx "$root" | cut -f1) MiB in all, $(tar -C "$root" -c . | gzip -6 | wc -c | awk '{print int($1 / 1048576)}') MiB compressed"
}

main() {
  require
  [[ ${1:-} != --full ]] || require cargo rustc
  mkdir -p "$cache"
  bootstrap "docker.io/library/debian:$suite-slim"
  if [[ ${1:-} == --full ]]; then build_full; else build_around_program; fi
  check_config
  start
  find_server
  await_serving
  check_answer
  check_confinement
  report_sizes
  check_end
  say "serves as user $user with a read-only root, no capabilities and no network but its own; ends with code 0"
}

main "$@"
