#!/bin/sh
# Installs what dashboard/package-lock.json pins, if that changed since.
set -eu
cd "$(dirname "$0")/../dashboard"

cmp -s package-lock.json node_modules/.installed-lock && exit 0
npm ci --no-audit --no-fund --fetch-retries 1 --fetch-timeout 60000
cp package-lock.json node_modules/.installed-lock
