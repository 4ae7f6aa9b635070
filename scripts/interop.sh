#!/bin/sh
# Installs what `make interop` talks to: a LiteLLM proxy and clients, apart from what Farebox itself needs.
set -eu
cd "$(dirname "$0")/.."

sh scripts/install.sh requirements.txt requirements-dev.txt
if ! cmp -s scripts/interop.txt .venv-interop/installed; then
    .venv/bin/python -m venv --clear .venv-interop
    .venv-interop/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/interop.txt
    cp scripts/interop.txt .venv-interop/installed
fi
if command -v npm >/dev/null; then
    mkdir -p .cache/interop
    cp scripts/interop.json .cache/interop/package.json
    npm install --silent --no-audit --no-fund --prefix .cache/interop
else
    echo "Node.js is needed too, for the clients that run on it." >&2
    exit 1
fi
