#!/usr/bin/env bash
# Reads the output with the readers that users have: jq, SQLite, DuckDB, Polars, pandas, pyarrow.
# usage: tests/readers.sh WENLIU_BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$1
venv=${WENLIU_VENV:-target/readers}
if ! command -v jq > /dev/null; then
  apt-get install -y -qq jq > /dev/null || { apt-get update -qq && apt-get install -y -qq jq > /dev/null; }
fi
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
fi
"$venv/bin/python" -c 'import duckdb, polars, pandas, pyarrow, jsonschema' 2> /dev/null ||
  "$venv/bin/pip" install --quiet --disable-pip-version-check duckdb polars pandas pyarrow jsonschema
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$binary" run --quiet --in "$work/in" --out "$work/out" --state "$work/state" --sample --until-idle 500ms --set 'http.listen=""'
"$binary" schema > "$work/schema.json"
"$binary" schema --drops > "$work/drops.json"
jq -e -s 'length > 0 and (map(.seq) == [range(1; length + 1)])' "$work"/out/sealed/articles-*.jsonl > /dev/null
"$venv/bin/python" tests/readers.py "$work"
