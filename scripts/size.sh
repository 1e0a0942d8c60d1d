#!/usr/bin/env bash
# Prints which crates, rooms and functions of the release's modules weigh what: of the compact one, and
# of the full one where it is built.
#   scripts/size.sh [ROWS]   so many of each table
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
mkdir -p target/size
for artefact in compact full; do
  from=target/glue/release/$artefact-simd/predikt_${artefact}_bg.wasm
  [ -f "$from" ] || continue
  say "the $artefact engine"
  # With the functions' names, which the module that is shipped has lost.
  level=-Oz
  if [ "$artefact" = full ]; then level=-O2; fi
  shrink "$level" -g "$from" -o "target/size/$artefact.wasm"
  node scripts/size.mjs "target/size/$artefact.wasm" "${1:-40}"
done
