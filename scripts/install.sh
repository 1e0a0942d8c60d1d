#!/usr/bin/env bash
# Installs one thing that the project needs and the machine lacks:
#   scripts/install.sh npm | wasm-bindgen | wasm-pack | chromium | venv
# Rust's own parts (target, clippy, rustfmt) come by rust-toolchain.toml.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"

# cargo_tool NAME CRATE VERSION: into .tools, unless PATH has that very version. The tools run for
# seconds, so they are compiled for a short wait rather than for speed.
cargo_tool() {
  local name=$1 crate=$2 version=$3
  if [ "$("$name" --version 2>/dev/null | awk '{print $2}')" = "$version" ]; then
    say "$name $version is there"
    return
  fi
  say "installing $name $version into .tools (two minutes)"
  # Not --locked: a published lock file may name versions that a registry has not got yet.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_TARGET_DIR="$root/target/tools" \
    cargo install --quiet --root "$tools" "$crate" --version "$version"
}

# as_root COMMAND…: directly, or through sudo where there is one.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

case ${1:?what to install} in
  npm)
    say "installing npm packages"
    # Not `npm ci`: it wants every platform's optional binaries in the lock file, also those that a
    # registry does not have. The versions are the lock file's all the same.
    npm install --no-save --no-audit --no-fund --loglevel=error
    ;;
  wasm-bindgen) cargo_tool wasm-bindgen wasm-bindgen-cli "$wasm_bindgen_version" ;;
  wasm-pack) cargo_tool wasm-pack wasm-pack "$wasm_pack_version" ;;
  chromium)
    if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
      say "chromium and chromedriver are there"
    elif command -v apt-get >/dev/null; then
      say "installing Debian's chromium and chromium-driver"
      as_root apt-get update -qq
      DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null
    else
      echo "Please install Chromium and its chromedriver: they are not on PATH, and there is no apt-get." >&2
      exit 1
    fi
    ;;
  venv)
    say "installing Python packages into .venv"
    if ! python3 -m venv .venv 2>/dev/null; then
      say "installing Debian's python3-venv, without which python3 makes no environment"
      as_root apt-get update -qq
      DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
      rm -rf .venv
      python3 -m venv .venv
    fi
    .venv/bin/pip install --quiet --disable-pip-version-check -r tools/requirements.txt
    ;;
  *)
    echo "unknown: $1" >&2
    exit 2
    ;;
esac
