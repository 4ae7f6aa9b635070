#!/bin/sh
# What `make check` checks of the Python code: lint, formatting and types.
set -eu
cd "$(dirname "$0")/.."

.venv/bin/ruff check
.venv/bin/ruff format --check
.venv/bin/mypy
