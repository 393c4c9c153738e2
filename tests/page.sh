#!/usr/bin/env bash
# Opens the live page and the reader in a real browser and uses them.
# usage: tests/page.sh WENLIU_BINARY      (SCREENSHOTS=deploy/screenshots renews the pictures)
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(readlink -f "$1")
if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
  echo "skipped: the test of the page needs node and npm (20 or newer)"
  exit 0
fi
if [ ! -x /usr/bin/chromium ]; then
  packages="chromium fonts-noto-cjk"
  # shellcheck disable=SC2086
  apt-get install -y -qq $packages > /dev/null || { apt-get update -qq && apt-get install -y -qq $packages > /dev/null; }
fi
mkdir -p target/page
cp tests/page/* target/page/
(cd target/page && npm ci --silent --no-audit --no-fund)
node target/page/test.js "$binary" tests/corpus/pages "${SCREENSHOTS:-}"
