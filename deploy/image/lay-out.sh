#!/usr/bin/env bash
# Lays out /opt/parallax of the image in a folder: the stripped program and the libraries of libtorch that it loads.
# The Dockerfile and scripts/check-image.sh both call it. lay-out.sh PROGRAM LIBTORCH FOLDER
set -euo pipefail
shopt -s nullglob

readonly program=$1 libtorch=$2 folder=$3

# The libcu* are stand-ins that only the wheel's libtorch asks for. A libtorch for CUDA brings all that it needs, and
# loads some of it by name.
libraries=("$libtorch"/lib/{libtorch,libc10,libtorch_cpu}.so "$libtorch"/lib/lib{gomp-*.so.1,cu*.so.12})
[[ ! -e $libtorch/lib/libtorch_cuda.so ]] || libraries=("$libtorch"/lib/*.so*)

install -D --strip --target-directory="$folder/bin" "$program"
install -D --mode=644 --target-directory="$folder/lib" "${libraries[@]}"
