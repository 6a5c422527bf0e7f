# syntax=docker/dockerfile:1
# Builds the server and puts it, with the few libraries it loads, on a slim Debian.
#
#   docker build -t parallax --build-arg PARALLAX_REVISION="$(git rev-parse --short=12 HEAD)" .
#   docker build -t parallax --build-arg LIBTORCH_SOURCE=official --build-arg LIBTORCH_SHA256=… .
#   docker build -t parallax:cuda --build-arg LIBTORCH_SOURCE=cuda --build-arg LIBTORCH_SHA256=… .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges --publish 127.0.0.1:50051:50051 parallax
#
# LIBTORCH_SOURCE is where libtorch 2.4.0 comes from: `wheel` (scripts/setup-libtorch.sh), or from pytorch.org the cxx11
# archive for the CPU (`official`) or for CUDA 12.1 (`cuda`); LIBTORCH_SHA256 is then the sum of the archive, taken from a
# download that you trust. All are x86-64 only.
#
# The bases are pinned by release, as their digests change with Debian's security updates. To build the same image again,
# give them as digests: --build-arg RUNTIME_IMAGE=debian@sha256:… --build-arg RUST_IMAGE=rust@sha256:…, and
# SOURCE_DATE_EPOCH, which BuildKit takes as the time of all that it makes.
ARG RUST_VERSION=1.95
ARG RUST_IMAGE=rust:${RUST_VERSION}-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim
ARG LIBTORCH_SOURCE=wheel

# hadolint ignore=DL3006 # tagged above
FROM ${RUST_IMAGE} AS toolchain
WORKDIR /src

FROM toolchain AS libtorch-wheel
# hadolint ignore=DL3008 # a pinned Debian version disappears with the next security update
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-pip \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/setup-libtorch.sh scripts/
RUN LIBTORCH_CACHE=/opt/libtorch scripts/setup-libtorch.sh && echo 0 > /opt/libtorch/cxx11-abi

FROM toolchain AS libtorch-archive
COPY deploy/image/fetch-libtorch.sh deploy/image/
ARG LIBTORCH_SHA256

FROM libtorch-archive AS libtorch-official
ARG LIBTORCH_URL=https://download.pytorch.org/libtorch/cpu/libtorch-cxx11-abi-shared-with-deps-2.4.0%2Bcpu.zip
RUN deploy/image/fetch-libtorch.sh "${LIBTORCH_URL}" "${LIBTORCH_SHA256}" /opt

FROM libtorch-archive AS libtorch-cuda
ARG LIBTORCH_URL=https://download.pytorch.org/libtorch/cu121/libtorch-cxx11-abi-shared-with-deps-2.4.0%2Bcu121.zip
RUN deploy/image/fetch-libtorch.sh "${LIBTORCH_URL}" "${LIBTORCH_SHA256}" /opt

# hadolint ignore=DL3006 # a stage of this file
FROM libtorch-${LIBTORCH_SOURCE} AS libtorch

# A layer of its own for the dependencies: it is built again when Cargo.toml or Cargo.lock change, not with each source.
FROM toolchain AS dependencies
ENV LIBTORCH=/opt/libtorch
COPY --from=libtorch /opt/libtorch /opt/libtorch
COPY Cargo.toml Cargo.lock ./
COPY deploy/image/stub-sources.sh deploy/image/
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    deploy/image/stub-sources.sh \
    && LIBTORCH_CXX11_ABI="$(cat /opt/libtorch/cxx11-abi)" cargo build --locked --release --bin parallax \
    && cargo clean --locked --release --package parallax \
    && rm -r build.rs src benches

FROM dependencies AS build
COPY . .
# .git stays out of the build context, so the commit is told.
ARG PARALLAX_REVISION=unknown
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    LIBTORCH_CXX11_ABI="$(cat /opt/libtorch/cxx11-abi)" PARALLAX_REVISION="${PARALLAX_REVISION}" \
      cargo build --locked --release --bin parallax \
    && deploy/image/lay-out.sh target/release/parallax /opt/libtorch /opt/parallax

FROM toolchain AS bill-tool
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo install --locked cargo-cyclonedx --version 0.5.7 --root /opt/cyclonedx

FROM build AS bill
COPY --from=bill-tool /opt/cyclonedx /opt/cyclonedx
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    PATH="/opt/cyclonedx/bin:${PATH}" deploy/image/bill.sh /opt/libtorch /opt/parallax

# All of the image that is ours. scripts/check-image.sh puts a folder in its place where the program is built already.
FROM scratch AS program
COPY --from=bill /opt/parallax /

# hadolint ignore=DL3006 # tagged above
FROM ${RUNTIME_IMAGE}
ARG PARALLAX_REVISION=unknown
LABEL org.opencontainers.image.title="Parallax" \
      org.opencontainers.image.description="A gRPC service that reads a news article and answers with a summary, its stance, and the evidence" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim" \
      org.opencontainers.image.revision="${PARALLAX_REVISION}"
# The binary looks for its libraries in $ORIGIN/../lib.
COPY --from=program / /opt/parallax
COPY LICENSE /opt/parallax/
COPY deploy/image/healthcheck.sh /opt/parallax/bin/
COPY deploy/image/parallax.toml /etc/parallax/
# Loads every library: a missing one fails the build, not the first start.
RUN ["/opt/parallax/bin/parallax", "--version"]
USER 65532:65532
ENV PARALLAX_CONFIG=/etc/parallax/parallax.toml
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/opt/parallax/bin/healthcheck.sh"]
ENTRYPOINT ["/opt/parallax/bin/parallax"]
CMD ["serve"]
