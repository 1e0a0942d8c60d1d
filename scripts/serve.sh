#!/usr/bin/env bash
# Serves page and API at http://localhost:PORT in workerd, and prints a curl line once it answers.
set -euo pipefail
source "$(dirname "$0")/tool-versions.sh"
cd "$root"
port=${1:-8787}
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  echo "Port $port is in use. Stop what listens there, or choose another: make run PORT=8788" >&2
  exit 1
fi
say "starting the Worker"
wrangler dev --port "$port" --ip 127.0.0.1 --show-interactive-dev-session=false --log-level warn &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true' EXIT INT TERM
for _ in $(seq 150); do
  if curl -fsS -o /dev/null "http://localhost:$port/healthz" 2>/dev/null; then
    cat <<END

  The page   http://localhost:$port/
  The API    curl -s http://localhost:$port/predict -H 'content-type: application/json' -d '{"features": [5.1, 3.5, 1.4, 0.2]}'

  Ctrl+C stops it.
END
    wait $server
    exit
  fi
  kill -0 $server 2>/dev/null || { echo "The Worker stopped; its own words are above." >&2; exit 1; }
  sleep 0.4
done
echo "The Worker did not answer within a minute." >&2
exit 1
