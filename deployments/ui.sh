#!/bin/sh
# Start a Prefect server on 127.0.0.1, run the demo against it, and stop the server on Ctrl-C.
# Usage: ui.sh BIN PORT LAKE  (`make ui` fills these in)
set -eu
bin=$1 port=$2 lake=$3
api="http://127.0.0.1:$port/api"
log=${TMPDIR:-/tmp}/parley-prefect-$port.log

healthy() {
    "$bin/python" -c "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)" "$api/health" 2>/dev/null
}

if healthy; then
    echo "Something answers on port $port already; choose another one with: make ui UI_PORT=4201" >&2
    exit 1
fi

echo "Starting the Prefect server (half a minute the first time); its log is $log"
PREFECT_SERVER_ANALYTICS_ENABLED=false PREFECT_API_URL="$api" \
    "$bin/prefect" server start --host 127.0.0.1 --port "$port" >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; echo; echo "Server stopped."' EXIT
trap 'exit 0' INT TERM

until healthy; do
    kill -0 "$server" 2>/dev/null || { echo "The server did not start:" >&2; tail -n 20 "$log" >&2; exit 1; }
    sleep 1
done

rm -rf "$lake"
PREFECT_API_URL="$api" "$bin/parley" ingest seeds/articles --lake "$lake" --source demo
echo
echo "Watch the run: http://127.0.0.1:$port (under Runs; its report is under Artifacts)"
echo "Ctrl-C stops the server."
wait "$server"
