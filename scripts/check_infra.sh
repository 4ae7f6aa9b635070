#!/bin/sh
# What `make check` checks of the deployment: that Terraform would not rewrite infra/, that a static scan finds nothing
# insecure in it, and that cloudbuild.yaml and compose.yaml are what they should be.
set -eu
cd "$(dirname "$0")/.."

if command -v terraform >/dev/null; then
    terraform fmt -check -recursive infra
else
    echo "NOT CHECKED: the format of infra/, since terraform is not installed here" >&2
fi
sh scripts/scan_infra.sh --if-changed
.venv/bin/check-jsonschema --builtin-schema vendor.cloudbuild cloudbuild.yaml
.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
