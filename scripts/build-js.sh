#!/usr/bin/env bash
# Compiles the TypeScript package into dist/, beside the modules that are there.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
say "compiling the TypeScript package"
# What an earlier build left and this one would not write.
find dist -type f ! -name 'predikt_compact*' ! -name 'predikt_full*' -delete
tsc -p js/tsconfig.json
cp js/predikt_{compact,full}.d.ts dist/
