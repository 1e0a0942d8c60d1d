#!/usr/bin/env bash
# The published models are what their manifests say, and the fixtures are what their scripts make.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
.venv/bin/python models/publish.py
.venv/bin/python tests/fixtures/make.py >/dev/null
scripts/fixtures.sh --check
if ! git diff --exit-code --stat -- tests/fixtures models/index.json; then
  echo "Generated files differ from what is committed: commit what the scripts made, or mend the scripts." >&2
  exit 1
fi
