#!/bin/sh
# `make check`: the Python code, what deploys and the dashboard, at the same time, as soon as what each needs is installed.
set -eu
cd "$(dirname "$0")/.."

echo "Checking everything at the same time; what each part says comes when it is done ... (the first time: some minutes)"
exec sh scripts/together.sh \
    "sh scripts/install.sh requirements.txt requirements-dev.txt &&
        sh scripts/together.sh 'sh scripts/check_python.sh' 'sh scripts/check_tests.sh' 'sh scripts/check_infra.sh'" \
    "sh scripts/check_dashboard.sh"
