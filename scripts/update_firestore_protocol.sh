#!/bin/sh
# Compiles functions/farebox/storage/firestore/protocol/firestore.proto anew, after it was changed.
set -eu
cd "$(dirname "$0")/.."

sh scripts/install.sh requirements.txt
environment=.cache/protoc
[ -x "$environment/bin/python" ] || .venv/bin/python -m venv "$environment"
# The compiler of the version of gRPC that is pinned: what it writes wants a protobuf at least as new as its own.
version=$(sed -n 's/^grpcio==\([0-9.]*\).*/\1/p' requirements.txt)
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "grpcio-tools==$version"
"$environment/bin/python" -m grpc_tools.protoc -I. --python_out=. --pyi_out=. \
    functions/farebox/storage/firestore/protocol/firestore.proto
