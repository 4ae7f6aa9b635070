#!/bin/sh
# Installs what `make bench` measures beside Farebox and draws with, apart from what Farebox itself needs.
set -eu
cd "$(dirname "$0")/.."

for program in nginx wrk node npm taskset; do
    command -v "$program" >/dev/null || missing="${missing:-} $program"
done
if [ -n "${missing:-}" ]; then
    echo "make bench also needs:$missing (Debian: apt install nginx-light wrk nodejs npm util-linux)" >&2
    exit 1
fi
sh scripts/install.sh requirements.txt requirements-dev.txt
if ! cmp -s scripts/bench.txt .venv-bench/installed; then
    .venv/bin/python -m venv --clear .venv-bench
    sh scripts/pip_install.sh --unlocked .venv-bench scripts/bench.txt
    cp scripts/bench.txt .venv-bench/installed
fi
mkdir -p .cache/bench
if ! cmp -s scripts/bench.json .cache/bench/package.json; then
    cp scripts/bench.json .cache/bench/package.json
    npm install --silent --no-audit --no-fund --prefix .cache/bench
fi
