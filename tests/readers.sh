#!/usr/bin/env bash
# Reads the output with the readers that users have: jq, SQLite, DuckDB, Polars, pandas, pyarrow; and runs the recipes of
# the README.
# usage: tests/readers.sh WENLIU_BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(readlink -f "$1")
venv=$(readlink -m "${WENLIU_VENV:-target/readers}")
for tool in jq sqlite3; do
  command -v "$tool" > /dev/null && continue
  apt-get install -y -qq "$tool" > /dev/null || { apt-get update -qq && apt-get install -y -qq "$tool" > /dev/null; }
done
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
fi
"$venv/bin/python" -c 'import duckdb, polars, pandas, pyarrow, jsonschema, pglast' 2> /dev/null ||
  "$venv/bin/pip" install --quiet --disable-pip-version-check duckdb polars pandas pyarrow jsonschema pglast
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/in" "$work/schema" "$work/export"
cp tests/corpus/pages/*.txt "$work/in"
folders=(--in "$work/in" --out "$work/out" --state "$work/state")
# Small segments, so that every reader has to put several together.
"$binary" run --quiet "${folders[@]}" --sample --until-idle 1s --set 'http.listen=""' --set sink.segment_bytes=100000 --set enrich.tokens=true
for stream in articles drops; do
  flag=$([ "$stream" = drops ] && echo --drops || true)
  "$binary" schema $flag > "$work/schema/$stream.json"
  for reader in duckdb polars pandas pyarrow elasticsearch quickwit sqlite postgres; do
    "$binary" schema $flag --for "$reader" --out "$work/out" > "$work/schema/$stream.$reader"
  done
done
for format in ninjs dolma dolma-attributes spacy webanno csv; do
  "$binary" export --to "$format" "$work/out" > "$work/export/$format"
done
cat "$work"/out/sealed/articles-*.jsonl | jq -e -s 'length > 0 and (map(.seq) == [range(1; length + 1)])' > /dev/null
"$venv/bin/python" tests/readers.py "$work"

mkdir "$work/bin" "$work/recipes"
ln -s "$binary" "$work/bin/wenliu"
(cd "$work/recipes" && "$binary" run --quiet --sample --until-idle 1s --set 'http.listen=""')
PATH="$work/bin:$venv/bin:$PATH" "$venv/bin/python" tests/recipes.py "$work/recipes"
