#!/usr/bin/env bash
# Builds the engine's two wasm modules and their JavaScript glue into dist/.
#   scripts/build-wasm.sh fast      optimised a little, linked in seconds: for `make run` and `make test`
#   scripts/build-wasm.sh release   small and fast: for `make build`
#   scripts/build-wasm.sh fast compact   without tract, in seconds: for work on everything but tract
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
profile=${1:?fast or release}
engines=${2:-full}
own=()
if [ "$engines" = compact ]; then own=(--no-default-features); fi
mkdir -p dist
cargo fetch --locked --quiet

# build VARIANT FEATURES FOLDER: one module. Each has its own target folder, because cargo does not
# tell flags apart that cut prefixes off paths, and would compile everything again at each turn.
build() {
  local variant=$1 features=$2 folder=$3 out="target/glue/$profile/$1"
  say "compiling the $variant module ($profile)"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$(wasm_flags "$features")" \
    cargo build --locked --quiet --lib --profile "$profile" --target wasm32-unknown-unknown \
    ${own[@]+"${own[@]}"} --features wasm --target-dir "$folder"
  wasm-bindgen --target web --experimental-reset-state-function --omit-default-module-path \
    --no-typescript --out-dir "$out" --out-name predikt_full \
    "$folder/wasm32-unknown-unknown/$profile/predikt.wasm"
}

folder=target
if [ "$engines" = compact ]; then folder=target/compact; fi
build simd +simd128 "$folder"
build relaxed +simd128,+relaxed-simd "$folder/relaxed"

# One glue serves both modules: their imports must be the same to the letter.
cmp "target/glue/$profile/simd/predikt_full.js" "target/glue/$profile/relaxed/predikt_full.js"

finish() {
  local from=$1 to=$2
  if [ "$profile" = release ]; then
    say "shrinking $to"
    # -O2, not -Oz: it strips and folds without unrolling the kernels' work.
    wasm-opt -O2 --strip-debug --strip-producers --enable-simd --enable-relaxed-simd \
      --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
      --enable-mutable-globals --enable-reference-types --enable-multivalue "$from" -o "$to"
  else
    cp "$from" "$to"
  fi
}
finish "target/glue/$profile/simd/predikt_full_bg.wasm" dist/predikt_full.wasm
finish "target/glue/$profile/relaxed/predikt_full_bg.wasm" dist/predikt_full_relaxed.wasm
# Two of the glue's own functions, exported: with them an instance is replaced without blocking
# the thread, which browsers demand of a module above 8 MiB.
{
  cat "target/glue/$profile/simd/predikt_full.js"
  echo 'export { __wbg_finalize_init, __wbg_get_imports };'
} >dist/predikt_full.js
cp js/predikt_full.d.ts dist/predikt_full.d.ts
