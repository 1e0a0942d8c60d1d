#!/usr/bin/env bash
# scripts/step.sh NAME COMMAND…: says what is being done, does it, and notes how long it took.
set -euo pipefail
name=$1
shift
printf '\033[1m==>\033[0m %s\n' "$name"
start=$SECONDS
status=0
"$@" || status=$?
printf '    %s: %s after %d s\n' "$name" "$([ $status = 0 ] && echo passed || echo FAILED)" $((SECONDS - start))
exit $status
