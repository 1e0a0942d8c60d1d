#!/usr/bin/env bash
# Runs the crate's wasm tests in headless Chromium. wasm-pack reads webdriver.json for the arguments.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
WASM_BINDGEN_TEST_TIMEOUT=300 wasm-pack test --headless --chrome --chromedriver "$(command -v chromedriver)" \
  --mode no-install --features wasm,fetch --test web -- --profile fast --locked
