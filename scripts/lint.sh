#!/usr/bin/env bash
# Everything that can be said about the code without running it.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"

# clippy COMMAND…: cargo's command with clippy as the compiler of this crate. Unlike `cargo clippy`
# it uses what tests and builds have compiled of the dependencies, instead of checking them again.
clippy() {
  RUSTC_WORKSPACE_WRAPPER=$(rustup which clippy-driver) CLIPPY_ARGS='-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__' \
    cargo "$@" --locked --quiet
}

say "rustfmt"
cargo fmt --all --check
say "clippy, natively, without tract, and for wasm32"
clippy test --no-run --package predikt --package predikt-kernels --package inventory --package rustfft
clippy test --no-run --no-default-features
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$(wasm_flags +simd128)" \
  clippy build --lib --profile fast --target wasm32-unknown-unknown --features wasm,fetch
say "biome: TypeScript, JSON and CSS"
biome ci --log-level=warn .
say "TypeScript types"
for project in js/tsconfig.test.json server/tsconfig.json server/tsconfig.node.json www/tsconfig.json \
  www/sw/tsconfig.json www/test/tsconfig.json; do
  tsc -p "$project" --noEmit
done
say "shell scripts"
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
say "names of registries"
if git grep -nIE 'registry\.npmjs\.org|index\.crates\.io|static\.crates\.io|files\.pythonhosted\.org|pypi\.org/simple' -- . ':!scripts/lint.sh'; then
  echo "The lines above name a registry's host; clients are configured for that outside this repository." >&2
  exit 1
fi
