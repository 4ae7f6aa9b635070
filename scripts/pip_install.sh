#!/bin/sh
# Usage: scripts/pip_install.sh [--unlocked] VENV REQUIREMENTS.txt...
# Installs what the files pin: by uv, which takes seconds where pip takes most of a minute, and by pip where uv cannot,
# as behind an index that pip alone is configured for. What is imported is compiled then: most of what comes along never is.
# Files have a hash for all that they pin, but with --unlocked: what runs beside Farebox, for tests and benchmarks alone.
set -eu

locked=--require-hashes
if [ "$1" = --unlocked ]; then
    locked=
    shift
fi
venv=$1
shift
for file in "$@"; do
    shift
    set -- "$@" -r "$file"
done
set -- ${locked:+"$locked"} "$@"

pip_install() {
    python=$1/bin/python
    shift
    "$python" -m pip install --quiet --disable-pip-version-check --no-compile "$@"
}

by_uv() {
    if "$venv/bin/python" -m pip config list | grep '\.index-url=' >/dev/null; then
        return 1
    fi
    [ -x .venv/bin/uv ] || pip_install .venv --require-hashes --only-binary :all: -r scripts/uv.txt || return 1
    UV_HTTP_TIMEOUT=15 UV_HTTP_RETRIES=1 .venv/bin/uv pip install --quiet --python "$venv/bin/python" "$@"
}

if ! by_uv "$@"; then
    echo "Going on with pip, which takes longer ..." >&2
    # An old pip takes three times as long to look through an index.
    pip_install "$venv" --require-hashes -r scripts/pip.txt || echo "Going on with the pip that came with Python" >&2
    pip_install "$venv" "$@"
fi
