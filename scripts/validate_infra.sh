#!/bin/sh
# `terraform validate`, where the providers can be had: it needs them, and they need the internet and a gigabyte.
set -eu
cd "$(dirname "$0")/.."

if ! command -v terraform >/dev/null; then
    echo "NOT VALIDATED: infra/, since terraform is not installed here" >&2
elif terraform -chdir=infra init -backend=false -input=false >/dev/null 2>&1; then
    terraform -chdir=infra validate
else
    echo "NOT VALIDATED: infra/, since terraform cannot get its providers here" >&2
fi
