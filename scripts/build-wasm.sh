#!/usr/bin/env bash
# Builds the engines' wasm modules and their JavaScript glue: the compact engine alone
# (predikt_compact.wasm), and all engines (predikt_full.wasm, predikt_full_relaxed.wasm).
#   scripts/build-wasm.sh fast      optimised a little, linked in seconds: for `make run` and `make test`
#   scripts/build-wasm.sh release   small and fast: for `make build`
#   scripts/build-wasm.sh fast compact   only the compact engine, in seconds: for work on everything but tract
#   scripts/build-wasm.sh release full-simd FOLDER   only predikt_full.wasm, into FOLDER instead of dist/
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
profile=${1:?fast or release}
artefacts=${2:-all}
dist=${3:-dist}
mkdir -p "$dist"
cargo fetch --locked --quiet

# build ARTEFACT VARIANT TARGET_FEATURES FOLDER [CARGO_OPTION…]: one module. Each variant has its own target folder,
# because cargo does not tell flags apart that cut prefixes off paths, and would compile everything
# again at each turn.
build() {
  local artefact=$1 variant=$2 features=$3 folder=$4 out="target/glue/$profile/$1-$2"
  say "compiling the $artefact engine, $variant ($profile)"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$(wasm_flags "$features") ${more_flags:-}" \
    cargo build --locked --quiet --package predikt-wasm --profile "$profile" \
    --target wasm32-unknown-unknown "${@:5}" --target-dir "$folder" || return
  wasm-bindgen --target web --experimental-reset-state-function --omit-default-module-path \
    --no-typescript --out-dir "$out" --out-name "predikt_$artefact" \
    "$folder/wasm32-unknown-unknown/$profile/predikt_wasm.wasm"
}

# build_with_own_std …: as build, for a release with the standard library compiled from source, in which a panic is
# a bare trap (nobody sees its text: the loader answers ENGINE_TRAP). A sixth smaller. Fails where that
# cannot be done: without rust-src, or without a registry that has the library's own dependencies.
build_with_own_std() {
  [ "$profile" = release ] || return 1
  [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ] || return 1
  # The flags are those of nightly compilers; the variable lets the pinned stable one take them.
  RUSTC_BOOTSTRAP=1 \
    more_flags="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none ${own_flags:-}" \
    build "$@" -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size
}

# finish ARTEFACT VARIANT FILE PASS…: the module as it is shipped.
finish() {
  local from="target/glue/$profile/$1-$2/predikt_$1_bg.wasm" to=$dist/$3
  if [ "$profile" = release ]; then
    say "shrinking $to"
    shrink "${@:4}" --strip-debug --strip-producers "$from" -o "$to"
  else
    cp "$from" "$to"
  fi
}

# glue ARTEFACT: its JavaScript. Two of its own functions are exported: with them an instance is
# replaced without blocking the thread, which browsers demand of a module above 8 MiB.
glue() {
  {
    cat "target/glue/$profile/$1-simd/predikt_$1.js"
    echo 'export { __wbg_finalize_init, __wbg_get_imports };'
  } >"$dist/predikt_$1.js"
  cp "js/predikt_$1.d.ts" "$dist/predikt_$1.d.ts"
}

# full VARIANT TARGET_FEATURES FILE FOLDER: a module with all engines, by whichever standard library there is.
full() {
  # tract's operators are small: what they call of the standard library, which is otherwise for size, is a tenth of a
  # small network's time. So are these crates, but the compact module has them too.
  local package fast=()
  for package in alloc compiler_builtins core dlmalloc; do
    fast+=(--config "profile.release.package.$package.opt-level=3")
  done
  if ! build_with_own_std full "$1" "$2" "target/$1-std" --features tract,extra "${fast[@]}"; then
    build full "$1" "$2" "$4" --features tract,extra
  fi
  # -O2, not -Oz: it strips and folds without unrolling the kernels' work. What it would inline it also folds again, which
  # gives the products' kernel forty constants for one local, and a third more of its time.
  finish full "$1" "$3" -O2 --skip-pass=inlining-optimizing --reorder-functions-by-name --reorder-locals
}

if [ "$artefacts" = all ] || [ "$artefacts" = compact ]; then
  # For one kind of machine: fused multiply-add gains these small models nothing.
  # Calls weigh more than LLVM has it: what is inlined for that makes the module smaller, and faster.
  if ! own_flags="-Cllvm-args=-inline-call-penalty=45" \
    build_with_own_std compact simd +simd128 target/compact-std; then
    build compact simd +simd128 target/compact
  fi
  # Functions of one module of the source stand together, so that gzip finds what they share. Nothing
  # but the stack's far end is in the first kilobyte.
  finish compact simd predikt_compact.wasm --skip-pass=inlining-optimizing --low-memory-unused --flatten --rereloop -Oz -Oz \
    --converge --reorder-functions-by-name --reorder-locals
  glue compact
fi

if [ "$artefacts" != compact ]; then
  full simd +simd128 predikt_full.wasm target
  glue full
fi

if [ "$artefacts" = all ] || [ "$artefacts" = full ]; then
  full relaxed +simd128,+relaxed-simd predikt_full_relaxed.wasm target/relaxed
  # One glue serves both modules: their imports must be the same to the letter.
  cmp "target/glue/$profile/full-simd/predikt_full.js" \
    "target/glue/$profile/full-relaxed/predikt_full.js"
fi
