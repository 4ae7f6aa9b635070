#!/bin/sh
# Usage: scripts/pip_install.sh VENV REQUIREMENTS.txt...
# Installs what the files pin, by the pip that scripts/pip.txt pins: an old one takes three times as long to look through
# an index, but does where there is no other. What is imported is compiled then: most of what comes along never is.
set -eu

python=$1/bin/python
shift
install() {
    "$python" -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes "$@"
}

install -r scripts/pip.txt || echo "Going on with the pip that came with Python" >&2
for file in "$@"; do
    shift
    set -- "$@" -r "$file"
done
install "$@"
