#!/bin/sh
# Usage: scripts/build_dashboard.sh [--if-possible]
# Builds dashboard/dist unless it is newer than all that it is made of. With --if-possible nothing that is missing or
# fails stops the caller: it is said in one line, and an earlier build stays.
set -eu
cd "$(dirname "$0")/../dashboard"

give_up() {
    echo "The dashboard was not built: $1" >&2
    [ "$wish" = --if-possible ] && exit 0
    exit 1
}

wish=${1:-}
built=dist/index.html
sources="src public scripts index.html package.json package-lock.json vite.config.ts lingui.config.ts postcss.config.cjs tsconfig.json"
# shellcheck disable=SC2086  # one word each
if [ -f "$built" ] && [ -z "$(find -L $sources -newer "$built" | head -n 1)" ]; then
    exit 0
fi
sh ../scripts/find_node.sh || give_up "Node.js 20.19 or newer and npm are needed"
echo "Building the dashboard ..."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
sh ../scripts/npm_install.sh . >"$log" 2>&1 || give_up "its packages could not be installed: $(tail -n 1 "$log")"
if ! npm run --silent build >"$log" 2>&1; then
    [ "$wish" = --if-possible ] || cat "$log" >&2
    give_up "$(tail -n 1 "$log")"
fi
