# syntax=docker/dockerfile:1
# Builds the server and puts it, with the few libraries it loads, on a slim Debian.
#
#   docker build -t parallax .
#   docker build -t parallax --build-arg LIBTORCH_SOURCE=official --build-arg LIBTORCH_SHA256=… .
#
# LIBTORCH_SOURCE is where libtorch 2.4.0 comes from: `wheel` (scripts/setup-libtorch.sh) or
# `official` (the CPU archive of pytorch.org, cxx11 ABI; LIBTORCH_SHA256 is then the sum of the
# archive, taken from a download that you trust). Both are x86-64 only.
ARG RUST_VERSION=1.95
ARG LIBTORCH_SOURCE=wheel

FROM rust:${RUST_VERSION}-bookworm AS toolchain
WORKDIR /src

FROM toolchain AS libtorch-wheel
# hadolint ignore=DL3008 # a pinned Debian version disappears with the next security update
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-pip \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/setup-libtorch.sh scripts/
RUN LIBTORCH_CACHE=/opt/libtorch scripts/setup-libtorch.sh && echo 0 > /opt/libtorch/cxx11-abi

FROM toolchain AS libtorch-official
ARG LIBTORCH_URL=https://download.pytorch.org/libtorch/cpu/libtorch-cxx11-abi-shared-with-deps-2.4.0%2Bcpu.zip
ARG LIBTORCH_SHA256
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN : "${LIBTORCH_SHA256:?set --build-arg LIBTORCH_SHA256 to the sum of ${LIBTORCH_URL}}"; \
    curl --fail --location --silent --show-error --output /opt/libtorch.zip "${LIBTORCH_URL}"; \
    echo "${LIBTORCH_SHA256}  /opt/libtorch.zip" | sha256sum --check --strict -; \
    python3 -m zipfile --extract /opt/libtorch.zip /opt; \
    rm /opt/libtorch.zip; \
    echo 1 > /opt/libtorch/cxx11-abi

# hadolint ignore=DL3006 # a stage of this file
FROM libtorch-${LIBTORCH_SOURCE} AS libtorch

FROM toolchain AS build
# .git stays out of the build context, so the commit is told: git rev-parse --short=12 HEAD
ARG PARALLAX_REVISION=unknown
ENV LIBTORCH=/opt/libtorch
COPY --from=libtorch /opt/libtorch /opt/libtorch
COPY . .
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    LIBTORCH_CXX11_ABI="$(< /opt/libtorch/cxx11-abi)" PARALLAX_REVISION="${PARALLAX_REVISION}" \
      cargo build --locked --release --bin parallax; \
    install -D --target-directory=/opt/parallax/bin target/release/parallax
# The libcu* are stand-ins that only the wheel's libtorch asks for.
RUN shopt -s nullglob; \
    install -D --mode=644 --target-directory=/opt/parallax/lib /opt/libtorch/lib/libtorch.so \
      /opt/libtorch/lib/{libc10,libtorch_cpu}.so /opt/libtorch/lib/lib{gomp-*.so.1,cu*.so.12}

FROM debian:bookworm-slim
ARG PARALLAX_REVISION=unknown
LABEL org.opencontainers.image.title="Parallax" \
      org.opencontainers.image.description="A gRPC service that reads a news article and answers with a summary, its stance, and the evidence" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${PARALLAX_REVISION}"
# The binary looks for its libraries in $ORIGIN/../lib.
COPY --from=build /opt/parallax /opt/parallax
COPY LICENSE /opt/parallax/
# Loads every library: a missing one fails the build, not the first start.
RUN ["/opt/parallax/bin/parallax", "--version"]
USER 65532:65532
# Who runs a container decides what reaches its port: mount certificates and set PARALLAX__TLS__CERTIFICATE and
# PARALLAX__TLS__KEY to encrypt.
ENV PARALLAX__SERVER__LISTEN=0.0.0.0:50051 \
    PARALLAX__SERVER__ALLOW_PLAINTEXT=true
EXPOSE 50051
ENTRYPOINT ["/opt/parallax/bin/parallax"]
CMD ["serve"]
