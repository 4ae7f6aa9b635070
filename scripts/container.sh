#!/bin/sh
# Usage: scripts/container.sh all | FUNCTION | cli ARGUMENT... | healthy
# What the image runs: everything on PORT, one function of main.py alone on PORT, or the command line. `healthy` succeeds
# where what runs is.
set -eu

app=$(cd "$(dirname "$0")/.." && pwd)
python="$app/.venv/bin/python"
export PYTHONPATH="$app"
cd "${DATA_DIR:-/data}" # where a relative path leads, such as that of a key that is made at the first start

case "${1:?all, the name of a function, cli or healthy}" in
all)
    exec "$python" "$app/main.py"
    ;;
cli)
    shift
    exec "$python" -m functions.farebox "$@"
    ;;
healthy)
    exec "$python" -c "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8080)}/healthz', timeout=8)"
    ;;
*)
    exec "$app/.venv/bin/functions-framework" --source "$app/main.py" --target "$1" --port "${PORT:-8080}"
    ;;
esac
