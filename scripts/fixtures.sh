#!/usr/bin/env bash
# fixtures.sh [--check | --only WORD]: trains the models in tests/fixtures/models again, in a virtual environment of its own.
# --check compares files, index and sources, and needs none.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
export PYTHONPATH=tools PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore PYTHONHASHSEED=0
# One thread: sums come out the same each time.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

if [[ "${1:-}" == "--check" ]]; then
  exec python3 -m fixtures.index
fi
if [[ ! -x .venv-fixtures/bin/python ]]; then
  say "installing what the fixtures are trained with"
  python3 -m venv .venv-fixtures
  .venv-fixtures/bin/pip install --quiet --requirement tools/requirements.txt
  # Without their dependencies: the pinned ones are enough, and xgboost's is a library for graphics cards.
  .venv-fixtures/bin/pip install --quiet --no-deps --requirement tools/fixtures/requirements.txt
fi
exec .venv-fixtures/bin/python -m fixtures.make "$@"
