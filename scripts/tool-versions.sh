# Versions of the tools that are not in a lock file, and where they are put. Sourced by the others.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools="$root/.tools"
export PATH="$tools/bin:$root/node_modules/.bin:$PATH"

# wasm-bindgen's command must have the very version of the crate.
wasm_bindgen_version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' "$root/Cargo.lock")
wasm_pack_version=0.15.1

# wasm_flags FEATURES: compiler flags for one variant of the module. The same everywhere, so that
# builds, tests and clippy share what is compiled. Panics name source files; the prefixes that say
# where this machine keeps them are cut off.
wasm_flags() {
  local flags="-C target-feature=$1 --remap-path-prefix=$root/=" folder
  for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
    flags+=" --remap-path-prefix=$folder="
  done
  echo "$flags"
}

# shrink PASS… IN -o OUT: wasm-opt, told what the modules need of a runtime.
shrink() {
  wasm-opt --enable-simd --enable-relaxed-simd --enable-bulk-memory \
    --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals \
    --enable-reference-types --enable-multivalue "$@"
}

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
