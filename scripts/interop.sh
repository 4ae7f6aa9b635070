#!/bin/sh
# Installs what `make interop` talks to: a LiteLLM proxy and clients, apart from what Farebox itself needs.
set -eu
cd "$(dirname "$0")/.."

sh scripts/install.sh requirements.txt requirements-dev.txt
for name in interop interop-agents interop-openai interop-aider; do
    if ! cmp -s "scripts/$name.txt" ".venv-$name/installed"; then
        .venv/bin/python -m venv --clear ".venv-$name"
        sh scripts/pip_install.sh --unlocked ".venv-$name" "scripts/$name.txt"
        cp "scripts/$name.txt" ".venv-$name/installed"
    fi
done
if command -v npm >/dev/null; then
    mkdir -p .cache/interop
    cp scripts/interop.json .cache/interop/package.json
    npm install --silent --no-audit --no-fund --prefix .cache/interop
    for install in @anthropic-ai/claude-code/install.cjs opencode-ai/postinstall.mjs; do # which npm may leave out
        node ".cache/interop/node_modules/$install"
    done
else
    echo "Node.js is needed too, for the clients that run on it." >&2
    exit 1
fi
