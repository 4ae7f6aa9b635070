#!/bin/sh
# Resolves requirements.in and requirements-dev.in for every Python from 3.11 on, with hashes.
# Pass --upgrade to move what is pinned already.
set -eu
cd "$(dirname "$0")/.."

sh scripts/install.sh requirements.txt requirements-dev.txt
sh scripts/pip_install.sh .venv scripts/uv.txt
for name in requirements requirements-dev scripts/pip scripts/uv scripts/checkov; do
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes "$@" \
        "$name.in" -o "$name.txt"
done
