#!/usr/bin/env bash
# Everything that can be said about the code without running it.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
say "rustfmt"
cargo fmt --check
say "clippy, natively and for wasm32"
cargo clippy --locked --quiet --all-targets -- -D warnings
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$(wasm_flags +simd128)" \
  cargo clippy --locked --quiet --profile fast --target wasm32-unknown-unknown --features wasm,fetch -- -D warnings
say "Rust documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps
say "biome: TypeScript, JSON and CSS"
biome ci --log-level=warn .
say "TypeScript types"
for project in js/tsconfig.test.json server/tsconfig.json server/tsconfig.node.json www/tsconfig.json www/sw/tsconfig.json www/test/tsconfig.json; do
  tsc -p "$project" --noEmit
done
if command -v cargo-deny >/dev/null; then
  say "licences (cargo deny)"
  cargo deny --locked --log-level warn check licenses bans sources
fi
say "shell scripts"
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
