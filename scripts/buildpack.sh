#!/bin/sh
# Makes .venv-buildpack as Google's buildpack makes a function's environment, with its own flags: what it refuses fails here.
# https://github.com/GoogleCloudPlatform/buildpacks/blob/main/pkg/python/python.go
set -eu
cd "$(dirname "$0")/.."

venv=.venv-buildpack
if ! cmp -s requirements.txt "$venv/installed"; then
    .venv/bin/python -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement requirements.txt --upgrade \
        --upgrade-strategy only-if-needed --no-warn-script-location --no-warn-conflicts --force-reinstall --no-compile
    "$venv/bin/python" -m compileall --invalidation-mode unchecked-hash -qq "$venv/lib"
    cp requirements.txt "$venv/installed"
fi
"$venv/bin/python" -m pip check
compiled=$(mktemp -d)
trap 'rm -rf "$compiled"' EXIT
PYTHONPYCACHEPREFIX=$compiled "$venv/bin/python" -m compileall --invalidation-mode unchecked-hash -qq main.py functions
