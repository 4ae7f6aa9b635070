#!/bin/sh
# What `make check` checks of the Python code: lint, formatting, which package imports which, and types.
set -eu
cd "$(dirname "$0")/.."

.venv/bin/ruff check
.venv/bin/ruff format --check
.venv/bin/lint-imports --no-cache --no-logo
.venv/bin/mypy
