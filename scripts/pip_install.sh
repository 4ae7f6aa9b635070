#!/bin/sh
# Usage: scripts/pip_install.sh VENV REQUIREMENTS.txt...
# Installs what the files pin: by uv, which takes seconds where pip takes most of a minute, and by pip where uv cannot,
# as behind an index that pip alone is configured for. What is imported is compiled then: most of what comes along never is.
set -eu

venv=$1
shift
for file in "$@"; do
    shift
    set -- "$@" -r "$file"
done

pip_install() {
    python=$1/bin/python
    shift
    "$python" -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes "$@"
}

by_uv() {
    if "$venv/bin/python" -m pip config list | grep '\.index-url=' >/dev/null; then
        return 1
    fi
    [ -x .venv/bin/uv ] || pip_install .venv --only-binary :all: -r scripts/uv.txt || return 1
    UV_HTTP_TIMEOUT=15 UV_HTTP_RETRIES=1 .venv/bin/uv pip install --quiet --python "$venv/bin/python" \
        --require-hashes "$@"
}

if ! by_uv "$@"; then
    echo "Going on with pip, which takes longer ..." >&2
    # An old pip takes three times as long to look through an index.
    pip_install "$venv" -r scripts/pip.txt || echo "Going on with the pip that came with Python" >&2
    pip_install "$venv" "$@"
fi
