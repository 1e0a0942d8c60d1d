# Every verb of the project. `make run` and `make test` set up what they need; a second run does not
# install again. Steps that install or build leave a stamp under target/stamps.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Steps share cargo's folders and two cores; each uses both.
.NOTPARALLEL:

PORT ?= 8787
BIN := $(CURDIR)/node_modules/.bin
export PATH := $(CURDIR)/.tools/bin:$(BIN):$(PATH)
# The tools of Cloudflare's that run here phone home unless told not to.
export CLOUDFLARE_CF_FETCH_ENABLED := false
export WRANGLER_SEND_METRICS := false
export WRANGLER_SEND_ERROR_REPORTS := false
export DO_NOT_TRACK := 1

STAMPS := target/stamps
# Scripts that write random cases of operators, each into a folder of its own.
GENERATORS := op_cases tree_cases linear_cases encoder_cases
empty :=
CASES := PREDIKT_ONNX_CASES=$(CURDIR)/target/onnx-cases \
	PREDIKT_OP_CASES=$(subst $(empty) $(empty),:,$(GENERATORS:%=$(CURDIR)/target/op-cases/%))
SAY := @printf '\033[1m==>\033[0m %s\n'

RUST_SOURCES := Cargo.toml Cargo.lock rust-toolchain.toml .cargo/config.toml $(shell find src kernels standins wasm -name '*.rs' -o -name Cargo.toml)
JS_SOURCES := js/tsconfig.json tsconfig.base.json $(shell find js -name '*.ts' -not -path '*/node_modules/*')
PAGE_SOURCES := $(shell find www -type f -not -path 'www/dist/*' -not -path '*/node_modules/*') $(shell find models -name '*.json' -o -name '*.onnx')

##@ The two that matter
.PHONY: run test
run: ## Set up what is missing, build, and serve page and API at http://localhost:8787
run: $(STAMPS)/page
	scripts/serve.sh $(PORT)

test: ## Set up what is missing and run every test of every kind
test: lint test-rust test-wasm test-js test-server test-page test-package test-models test-tools test-sizes
	scripts/test-summary.sh

##@ Parts of the tests
.PHONY: test-rust test-wasm test-js test-server test-page test-package test-models test-tools test-sizes test-convert
test-rust: ## Rust natively: unit tests, fixtures, classical models, ONNX's own and random cases
test-rust: $(STAMPS)/onnx-cases $(STAMPS)/op-cases
	scripts/step.sh "Rust tests" env $(CASES) cargo test --locked --quiet --package predikt --package predikt-kernels --package inventory --package rustfft
	scripts/step.sh "operators of the compact engine" cargo test --locked --quiet --no-default-features --test compact_operators
	scripts/step.sh "classical models beside their trainers" cargo test --locked --quiet --test classical -- --nocapture

test-wasm: ## Rust as wasm in headless Chromium (wasm-pack)
test-wasm: $(STAMPS)/wasm-pack $(STAMPS)/chromium
	scripts/step.sh "wasm tests in headless Chromium" scripts/test-wasm.sh

test-js: ## The npm package in Node
test-js: $(STAMPS)/package
	scripts/step.sh "package tests in Node" vitest run --config js/vitest.config.ts

test-server: ## The Worker inside workerd
test-server: $(STAMPS)/page
	scripts/step.sh "Worker tests in workerd" vitest run --config server/vitest.config.ts

test-page: ## The page in headless Chromium
test-page: $(STAMPS)/page $(STAMPS)/chromium
	scripts/step.sh "page's parts" vitest run --root www
	scripts/step.sh "page tests in headless Chromium" playwright test --config www/playwright.config.ts

test-package: ## The packed tarball in Vite, webpack, a plain page, Node and a Worker
test-package: $(STAMPS)/package $(STAMPS)/chromium
	scripts/step.sh "packed tarball in every runtime" node --test --test-isolation=none tests/package/*.test.mjs

test-models: ## The published files are what their manifests say
test-models: $(STAMPS)/venv
	scripts/step.sh "published models and generated fixtures" scripts/test-models.sh

test-tools: ## The converters, on scikit-learn's estimators
test-tools: $(STAMPS)/package $(STAMPS)/venv
	scripts/step.sh "converters" env PYTHONPATH=tools .venv/bin/python -W ignore -m unittest discover -s tools/tests

test-sizes: ## The released modules' bytes, held to scripts/sizes.json
test-sizes: $(STAMPS)/full
	scripts/step.sh "bytes of the modules" node scripts/sizes.mjs --check dist/predikt_compact.wasm target/sizes/predikt_full.wasm

test-convert: ## The converters on LightGBM, XGBoost and Keras too: installs them first; no part of `make test`
test-convert: $(STAMPS)/package
	scripts/test-convert.sh

##@ Building
.PHONY: build page models fixtures operators
build: ## The release: small and fast modules, sizes printed and held to scripts/sizes.json
build: $(STAMPS)/npm $(STAMPS)/wasm-bindgen
	scripts/build-wasm.sh release
	scripts/build-js.sh
	vite build --config www/vite.config.ts --logLevel warn
	@mkdir -p $(STAMPS) target/sizes && cp dist/predikt_full.wasm target/sizes/
	@touch $(STAMPS)/wasm $(STAMPS)/package $(STAMPS)/page $(STAMPS)/full
	node scripts/sizes.mjs

page: ## The page, into www/dist
page: $(STAMPS)/page

models: ## Train and publish the sample models again
	scripts/models.sh

fixtures: ## Train the classical models that the tests hold predikt to again
	scripts/fixtures.sh

operators: ## Write OPERATORS.md and js/operators.ts from the code
operators: $(STAMPS)/onnx-cases $(STAMPS)/op-cases
	env $(CASES) PREDIKT_WRITE=1 cargo test --locked --quiet --test operators
	PREDIKT_WRITE=1 cargo test --locked --quiet --no-default-features --test compact_operators

##@ Measuring
.PHONY: bench size
bench: ## predikt beside onnxruntime-web and Flask (builds the release first)
bench: build $(STAMPS)/chromium
	bench/run.sh

size: ## Which crates and functions of the compact module, and of the full one where it is built, weigh what
size: $(STAMPS)/npm $(STAMPS)/wasm-bindgen
	scripts/build-wasm.sh release compact
	scripts/size.sh

##@ Keeping it tidy
.PHONY: lint fmt clean distclean help
lint: ## Formatting, clippy, types, names that do not belong here
lint: $(STAMPS)/package
	scripts/lint.sh

fmt: ## Format everything
fmt: $(STAMPS)/npm
	cargo fmt --all
	biome check --write --log-level=warn .

clean: ## Remove what was built, keep what was installed
	rm -rf dist www/dist target/stamps/{wasm,package,page,full,onnx-cases,op-cases} target/onnx-cases target/op-cases target/sizes target/package-test test-results .wrangler
	cargo clean

distclean: clean ## Remove what was installed as well
	rm -rf node_modules .tools .venv .venv-models .venv-fixtures .venv-convert bench/.peers target

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

# --- what is installed ---------------------------------------------------------------------

$(STAMPS)/npm: package.json package-lock.json
	scripts/install.sh npm
	@mkdir -p $(@D) && touch $@

$(STAMPS)/wasm-bindgen: Cargo.lock scripts/tool-versions.sh scripts/install.sh
	scripts/install.sh wasm-bindgen
	@mkdir -p $(@D) && touch $@

$(STAMPS)/wasm-pack: $(STAMPS)/wasm-bindgen
	scripts/install.sh wasm-pack
	@mkdir -p $(@D) && touch $@

$(STAMPS)/chromium: scripts/install.sh
	scripts/install.sh chromium
	@mkdir -p $(@D) && touch $@

$(STAMPS)/venv: tools/requirements.txt
	scripts/install.sh venv
	@mkdir -p $(@D) && touch $@

# --- what is built -------------------------------------------------------------------------

$(STAMPS)/wasm: $(RUST_SOURCES) scripts/build-wasm.sh | $(STAMPS)/npm $(STAMPS)/wasm-bindgen
	scripts/build-wasm.sh release compact
	scripts/build-wasm.sh fast full
	@mkdir -p $(@D) && touch $@

# What `make test` weighs: linking it takes minutes, so that all else is tested on a fast build of the same source.
$(STAMPS)/full: $(RUST_SOURCES) scripts/build-wasm.sh | $(STAMPS)/npm $(STAMPS)/wasm-bindgen
	scripts/build-wasm.sh release full-simd target/sizes
	@mkdir -p $(@D) && touch $@

$(STAMPS)/package: $(STAMPS)/wasm $(JS_SOURCES) scripts/build-js.sh | $(STAMPS)/npm
	scripts/build-js.sh
	@mkdir -p $(@D) && touch $@

$(STAMPS)/page: $(STAMPS)/package $(PAGE_SOURCES)
	$(SAY) "building the page"
	vite build --config www/vite.config.ts --logLevel warn
	@mkdir -p $(@D) && touch $@

$(STAMPS)/onnx-cases: $(STAMPS)/venv tools/onnx_cases.py
	$(SAY) "writing ONNX's backend tests to target/onnx-cases"
	.venv/bin/python tools/onnx_cases.py target/onnx-cases
	@mkdir -p $(@D) && touch $@

$(STAMPS)/op-cases: $(STAMPS)/venv $(wildcard tools/op_*.py tools/*_cases.py)
	$(SAY) "writing random cases of operators to target/op-cases"
	rm -rf target/op-cases
	for generator in $(GENERATORS); do .venv/bin/python tools/$$generator.py target/op-cases/$$generator; done
	@mkdir -p $(@D) && touch $@
