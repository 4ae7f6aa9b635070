#!/bin/sh
# What `make check` checks of the dashboard: lint, formatting, types, its unit tests, and the weight of its first load.
set -eu
cd "$(dirname "$0")/.."

if ! sh scripts/find_node.sh; then
    echo "NOT CHECKED: the dashboard, since Node.js 20.19 or newer and npm are not installed here" >&2
    [ -z "${CI:-}" ] # in CI they must be
    exit
fi
sh scripts/npm_install.sh dashboard
npm run --silent --prefix dashboard check
sh scripts/build_dashboard.sh
npm run --silent --prefix dashboard size
