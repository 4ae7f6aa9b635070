#!/bin/sh
# Usage: scripts/install.sh REQUIREMENTS.txt...
# Makes .venv with the first Python that is new enough, and installs what the given files pin, if they changed since.
set -eu
cd "$(dirname "$0")/.."

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

find_python() {
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 python; do
        if "$candidate" -c "$new_enough" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "Farebox needs Python 3.11 or newer, and found none. Install it from https://www.python.org/downloads/" >&2
    echo "or with your package manager (Debian: apt install python3 python3-venv; macOS: brew install python)," >&2
    echo "or name one: PYTHON=/path/to/python3 make run" >&2
    exit 1
}

if ! .venv/bin/python -c "$new_enough" 2>/dev/null; then
    python=$(find_python)
    if ! "$python" -m venv --clear .venv; then
        echo "$python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2
        rm -rf .venv
        exit 1
    fi
fi

changed=
for file in "$@"; do
    cmp -s "$file" ".venv/installed-$file" || changed=yes
done
[ "$changed" ] || exit 0

echo "Installing $* into .venv ..."
sh scripts/pip_install.sh .venv "$@"
for file in "$@"; do
    cp "$file" ".venv/installed-$file"
done
