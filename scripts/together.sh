#!/bin/sh
# Usage: scripts/together.sh COMMAND...
# Runs shell commands at the same time. What each of them says is shown in one piece, in the order that they are given
# in. Fails if one of them does, and says which.
set -u

said=$(mktemp -d)
pids=
trap 'trap "" TERM; kill 0; exit 130' INT # a shell's background commands ignore Ctrl-C themselves
trap 'rm -rf "$said"' EXIT

number=0
for command in "$@"; do
    number=$((number + 1))
    sh -c "$command" >"$said/$number" 2>&1 &
    pids="$pids $!"
done

status=0
number=0
for pid in $pids; do
    number=$((number + 1))
    wait "$pid"
    ended=$?
    cat "$said/$number"
    if [ "$ended" -ne 0 ]; then
        echo "FAILED: $1" >&2
        status=1
    fi
    shift
done
exit "$status"
