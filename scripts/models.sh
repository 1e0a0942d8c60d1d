#!/usr/bin/env bash
# Trains the sample models again and publishes them over what is there. TensorFlow makes this venv
# two gigabytes, so it is kept apart from the tests'.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
if [ ! -x .venv-models/bin/python ] || [ models/requirements.txt -nt .venv-models/installed ]; then
  say "installing the trainers into .venv-models"
  python3 -m venv .venv-models
  .venv-models/bin/pip install --quiet --disable-pip-version-check -r models/requirements.txt
  touch .venv-models/installed
fi
for script in models/*/train.py; do
  say "training $(basename "$(dirname "$script")")"
  .venv-models/bin/python "$script"
done
.venv-models/bin/python models/publish.py
