#!/usr/bin/env bash
# Runs the crate's wasm tests in headless Chromium. wasm-pack reads webdriver.json for the arguments.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$(wasm_flags +simd128)"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS
# run ARGUMENTS…: one of cargo's test targets with the features that it is about.
run() {
  WASM_BINDGEN_TEST_TIMEOUT=300 wasm-pack test --headless --chrome --chromedriver "$(command -v chromedriver)" \
    --mode no-install -- --locked --profile fast "$@"
}

run --features wasm --lib
run --features fetch --test web
