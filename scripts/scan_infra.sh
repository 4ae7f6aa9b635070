#!/bin/sh
# A static security scan of infra/ by checkov, in a virtual environment of its own since it pins half of PyPI. What it
# may pass over is said, with the reason, where it is (`checkov:skip=`). Then `terraform validate`, which needs the providers.
set -eu
cd "$(dirname "$0")/.."

venv=.venv-checkov
if [ ! -x "$venv/bin/checkov" ]; then
    .venv/bin/python -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'checkov==3.2.533'
fi
"$venv/bin/checkov" --directory infra --framework terraform --skip-download --compact --quiet

if ! command -v terraform >/dev/null; then
    echo "NOT VALIDATED: terraform is not installed here" >&2
elif terraform -chdir=infra init -backend=false -input=false >/dev/null 2>&1; then
    terraform -chdir=infra validate
else
    echo "NOT VALIDATED: terraform cannot get its providers here" >&2
fi
