#!/bin/sh
# Usage: scripts/scan_infra.sh [--if-changed]
# A static security scan of infra/ by checkov, in a virtual environment of its own since it pins half of PyPI. What it
# may pass over is said, with the reason, where it is (`checkov:skip=`). With --if-changed, what was found sound stays so
# until infra/ or checkov changes; and a machine that cannot install it goes without, aloud, unless it is a CI's.
set -eu
cd "$(dirname "$0")/.."

venv=.venv-checkov
install() {
    cmp -s scripts/checkov.txt "$venv/installed" && return
    echo "Installing checkov into $venv ... (once; some minutes)"
    .venv/bin/python -m venv --clear "$venv" &&
        sh scripts/pip_install.sh "$venv" scripts/checkov.txt &&
        cp scripts/checkov.txt "$venv/installed"
}

if ! install; then
    echo "NOT SCANNED: infra/, since checkov could not be installed here" >&2
    [ "${1:-}" = --if-changed ] && [ -z "${CI:-}" ] # in CI it must be
    exit
fi
seen=$(find infra -type f \( -name '*.tf' -o -name '*.tfvars' \) ! -path '*/.terraform/*' -exec cksum {} + | sort; cksum scripts/checkov.txt)
if [ "${1:-}" = --if-changed ] && [ "$seen" = "$(cat "$venv/sound" 2>/dev/null)" ]; then
    exit
fi
"$venv/bin/checkov" --directory infra --framework terraform --skip-download --compact --quiet
printf '%s\n' "$seen" >"$venv/sound"
