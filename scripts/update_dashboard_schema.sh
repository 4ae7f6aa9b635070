#!/bin/sh
# Usage: scripts/update_dashboard_schema.sh [FILE]
# Writes the API's types for the dashboard anew, from the code and without a server.
set -eu
cd "$(dirname "$0")/.."

target=${1:-dashboard/src/api/schema.d.ts}
sh scripts/npm_install.sh dashboard
document=$(mktemp)
trap 'rm -f "$document"' EXIT
.venv/bin/python -m scripts.openapi_document >"$document"
dashboard/node_modules/.bin/openapi-typescript "$document" --output "$target" >/dev/null
