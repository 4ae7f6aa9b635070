#!/bin/sh
# What `make check` checks of the tests: that they can all be read. It also compiles what they import, once for all of the
# processes that run them.
set -eu
cd "$(dirname "$0")/.."

said=$(.venv/bin/python -m pytest --collect-only -q 2>&1) || {
    echo "$said" >&2
    exit 1
}
echo "$said" | tail -1
