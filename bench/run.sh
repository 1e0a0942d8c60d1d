#!/usr/bin/env bash
# Prepares what predikt is measured beside (npm packages and a Python environment in bench/.peers, only when
# their pinned versions changed), then measures. Arguments go to run.mjs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
peers="$here/.peers"
export PATH="$root/node_modules/.bin:$PATH"
mkdir -p "$peers"

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
# stale STAMP FILE…: whether the files changed since the stamp was written.
stale() { [ "$(cat "${@:2}" | sha256sum)" != "$(cat "$1" 2>/dev/null)" ]; }
stamp() { cat "${@:2}" | sha256sum >"$1"; }

npm_files=("$here/package.json" "$here/package-lock.json")
if stale "$peers/npm.stamp" "${npm_files[@]}"; then
  say "installing onnxruntime-web and autocannon into bench/.peers"
  cp "${npm_files[@]}" "$here/.npmrc" "$peers/"
  (cd "$peers" && npm ci --ignore-scripts --loglevel=error)
  stamp "$peers/npm.stamp" "${npm_files[@]}"
fi

if stale "$peers/pip.stamp" "$here/requirements.txt"; then
  say "installing Flask, gunicorn and scikit-learn into bench/.peers/venv"
  rm -rf "$peers/venv"
  python3 -m venv "$peers/venv"
  "$peers/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  stamp "$peers/pip.stamp" "$here/requirements.txt"
fi

if stale "$peers/model.stamp" "$here/train_iris.py" "$root/models/iris/1/samples.json" "$here/requirements.txt"; then
  say "training the Flask app's model"
  "$peers/venv/bin/python" "$here/train_iris.py" "$peers/iris.joblib"
  stamp "$peers/model.stamp" "$here/train_iris.py" "$root/models/iris/1/samples.json" "$here/requirements.txt"
fi

exec node "$here/run.mjs" "$@"
