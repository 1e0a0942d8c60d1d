#!/usr/bin/env bash
# The converters with everything they convert: LightGBM and XGBoost in one virtual environment, Keras in that of the
# sample models. PyTorch is tried where it is installed.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
export PYTHONPATH=tools PYTHONWARNINGS=ignore
if [[ ! -x .venv-convert/bin/python ]]; then
  say "installing what the converters convert"
  python3 -m venv .venv-convert
  .venv-convert/bin/pip install --quiet --requirement tools/convert-requirements.txt
fi
say "converters: scikit-learn, LightGBM, XGBoost"
.venv-convert/bin/python -m unittest discover -s tools/tests
if [[ ! -x .venv-models/bin/python ]]; then
  python3 -m venv .venv-models
  .venv-models/bin/pip install --quiet --requirement models/requirements.txt
fi
say "converters: Keras"
.venv-models/bin/python -m unittest discover -s tools/tests -p test_keras.py
